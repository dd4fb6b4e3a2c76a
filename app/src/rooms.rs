//! Rooms: the sidebar, and browsing rooms.

mod browse;
mod home;
mod room_link;
mod sidebar;
mod workspace;

#[cfg(feature = "ssr")]
pub use crate::rooms::home::GUEST_HINT;
pub use crate::rooms::{
    browse::{BrowsePage, member_count_text},
    home::HomePage,
    room_link::{Mark, RoomMark},
    workspace::Workspace,
};
#[cfg(feature = "ssr")]
pub use crate::rooms::{room_link::UnreadCount, sidebar::Sidebar};
