//! One room: what is said in it, saying something, and who is there.

mod attention;
mod card;
mod composer;
mod delete;
mod draft;
mod edit;
mod header;
mod members;
mod message;
mod outgoing;
mod page;
mod pane;
mod person;
mod pill;
mod rows;
mod scroll;
mod shortcut;
mod talk;
mod timeline;

pub use delete::DeletePane;
pub use edit::EditPane;
pub use members::MembersPane;
pub use page::RoomPage;
#[cfg(feature = "ssr")]
pub use person::ProfileCardDialog;
pub use person::open_profile_cards;
