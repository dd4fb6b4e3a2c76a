//! Generic UI components, independent of chat.

#[cfg(feature = "ssr")]
mod area;
mod avatar;
mod button;
mod clock;
mod dialog;
mod empty;
mod field;
mod icon;
mod mark;
mod notice;
mod raw;
#[cfg(feature = "ssr")]
mod select;

#[cfg(feature = "ssr")]
pub use crate::ui::area::Area;
#[cfg(feature = "ssr")]
pub use crate::ui::select::Choice;
#[cfg(feature = "ssr")]
pub use crate::ui::select::Select;
pub use crate::ui::{
    avatar::Avatar,
    button::Submit,
    clock::{Clock, Timestamp, localize_times, provide_clock, use_clock},
    dialog::Dialog,
    empty::Empty,
    field::Field,
    icon::{Icon, Shape},
    mark::Logo,
    notice::Notice,
    raw::raw,
};
