//! Icons, in the colour of the surrounding text.

use leptos::prelude::*;

/// The icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A public room.
    Hash,
    /// A private room.
    Lock,
    /// Back.
    Back,
    /// Close.
    Close,
    /// Jump to the latest message.
    Down,
    /// Open a menu.
    Expand,
    /// Create.
    Plus,
    /// Browse rooms.
    Compass,
    /// People.
    People,
    /// Notifications.
    Bell,
    /// Leave or sign out.
    Exit,
    /// No connection.
    Cloud,
    /// Messages.
    Bubble,
    /// Something is missing or went wrong.
    Alert,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::Hash => "M6.5 2.5 5 13.5M11 2.5 9.5 13.5M3 6h10.5M2.5 10H13",
            Self::Lock => "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
            Self::Back => "M10 3 5 8l5 5",
            Self::Close => "m4 4 8 8M12 4l-8 8",
            Self::Down => "M8 3v10M4 9l4 4 4-4",
            Self::Expand => "m4 6 4 4 4-4",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Compass => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM10.5 5.5l-1.4 3.6-3.6 1.4 1.4-3.6z",
            Self::People => {
                "M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM2 13c0-2.2 1.8-3.5 4-3.5s4 1.3 4 3.5M10.5 3.2a2.25 2.25 0 0 1 0 4.1M12 9.8c1.3.5 2 1.6 2 3.2"
            }
            Self::Bell => "M3 11.5 4 10V7a4 4 0 0 1 8 0v3l1 1.5zM6.5 13.5h3",
            Self::Exit => "M6.5 13.5h-3v-11h3M10 5l3 3-3 3M13 8H6.5",
            Self::Bubble => {
                "M3.5 3h9A1.5 1.5 0 0 1 14 4.5v5a1.5 1.5 0 0 1-1.5 1.5H8l-3.5 2.8V11h-1A1.5 1.5 0 0 1 2 9.5v-5A1.5 1.5 0 0 1 3.5 3z"
            }
            Self::Alert => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.5M8 11v.01",
            Self::Cloud => "M5 12.5a3 3 0 0 1-.3-6 3.8 3.8 0 0 1 7.2.8 2.6 2.6 0 0 1-.4 5.2zM2.5 2l11 12",
        }
    }
}

/// An icon. Decorative: its meaning is given by the text beside it.
#[component]
pub fn Icon(
    /// The icon.
    shape: Shape,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=shape.path()></path>
        </svg>
    }
}
