//! A room in the sidebar.

use crate::{
    live::Live,
    ui::{Avatar, Icon, Shape},
    unread_badge,
};
use leptos::prelude::*;
use leptos_router::components::A;
use protocol::{
    id::{RoomId, UserId},
    room::{Room, Visibility},
    state::sidebar::Badge,
    time::Time,
    user::Author,
};

/// What stands in front of a room's name.
#[derive(Clone, PartialEq)]
pub enum Mark {
    /// The emoji of the room.
    Emoji(String),
    /// The other members of a direct or group room.
    Faces(Vec<Author>),
    /// The icon of a public or private room.
    Icon(Shape),
}

impl Mark {
    /// The mark of a room, as this user sees it.
    pub fn of(room: &Room, me: UserId) -> Self {
        match room.visibility {
            _ if room.kind.is_direct() => Self::Faces(room.faces(me)),
            _ if !room.emoji.is_empty() => Self::Emoji(room.emoji.clone()),
            Visibility::Public => Self::Icon(Shape::Hash),
            Visibility::Private => Self::Icon(Shape::Lock),
        }
    }
}

/// A [`Mark`]. Decorative: the name is shown beside it.
#[component]
pub fn RoomMark(
    /// The mark.
    mark: Mark,
) -> impl IntoView {
    match mark {
        Mark::Emoji(emoji) => view! { <span class="room-emoji" aria-hidden="true">{emoji}</span> }.into_any(),
        Mark::Faces(faces) => {
            let faces = faces.into_iter().map(|of| view! { <Avatar of size="small"/> });
            view! { <span class="faces" aria-hidden="true">{faces.collect_view()}</span> }.into_any()
        }
        Mark::Icon(shape) => view! { <Icon shape/> }.into_any(),
    }
}

/// A room in the sidebar: its name and its unread count.
#[component]
pub fn RoomLink(
    /// The live state.
    live: Live,
    /// Id of the room.
    id: RoomId,
    /// The time, which decides whether the room is muted.
    now: Signal<Time>,
) -> impl IntoView {
    let room = Memo::new(move |_| {
        live.rooms.with(|list| list.room(id).map(|room| (room.title(list.me), Mark::of(room, list.me))))
    });
    let badge = Memo::new(move |_| live.rooms.with(|list| Badge::of(list.room(id)?, now.get())));
    view! {
        <li>
            <A href=format!("/rooms/{id}") attr:class="sidebar-link" class:unread=move || badge.with(Option::is_some)>
                {move || room.get().map(|(_, mark)| view! { <RoomMark mark/> }.into_any())}
                <span class="sidebar-link-name">{move || room.get().map(|(name, _)| name)}</span>
                {move || badge.get().map(|badge| view! { <UnreadCount badge/> }.into_any())}
            </A>
        </li>
    }
}

/// The count of a room's unread messages.
#[component]
pub fn UnreadCount(
    /// What it says.
    badge: Badge,
) -> impl IntoView {
    view! {
        <span class=unread_badge::class(badge) aria-hidden="true">{unread_badge::text(badge)}</span>
        <span class="visually-hidden">{unread_badge::spoken(badge)}</span>
    }
}
