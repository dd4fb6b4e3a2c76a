//! Rooms: the sidebar, browsing and creating rooms.

mod browse;
mod home;
mod new_room;
mod room_link;
mod sidebar;
mod workspace;

pub use crate::rooms::{
    browse::{BrowsePage, member_count_text},
    home::HomePage,
    new_room::NewRoomPage,
    room_link::unread_in,
    workspace::Workspace,
};
#[cfg(feature = "ssr")]
pub use crate::rooms::{room_link::shape, sidebar::Sidebar};
