//! Generic UI components, independent of chat.

#[cfg(feature = "ssr")]
mod area;
mod avatar;
mod button;
mod clock;
mod dialog;
mod empty_state;
#[cfg(feature = "ssr")]
mod field;
mod icon;
mod logo;
mod notice;
mod raw;
#[cfg(feature = "ssr")]
mod select;

#[cfg(feature = "ssr")]
pub use crate::ui::area::Area;
#[cfg(feature = "ssr")]
pub use crate::ui::clock::TimeFormatter;
#[cfg(feature = "ssr")]
pub use crate::ui::field::Field;
#[cfg(feature = "ssr")]
pub use crate::ui::select::Choice;
#[cfg(feature = "ssr")]
pub use crate::ui::select::Select;
pub use crate::ui::{
    avatar::{Avatar, avatar},
    button::Submit,
    clock::{Clock, Timestamp, localize_times, provide_clock, use_clock},
    dialog::Dialog,
    empty_state::EmptyState,
    icon::{Icon, Shape},
    logo::Logo,
    notice::Notice,
    raw::raw,
};
