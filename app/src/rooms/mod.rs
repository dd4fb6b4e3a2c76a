//! The rooms: the list beside every page, browsing, making one.

mod browse;
mod home;
mod new_room;
mod room_link;
mod sidebar;
mod workspace;

pub use browse::{BrowsePage, member_count_text};
pub use home::HomePage;
pub use new_room::NewRoomPage;
pub use workspace::Workspace;
