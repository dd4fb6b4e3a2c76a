//! A room: timeline, composer and members.

mod activity;
mod card;
mod composer;
mod conversation;
mod delete;
mod details;
mod edit;
mod emoji_shortcut;
mod grouping;
mod header;
mod jump_to_latest;
mod markdown_code;
mod members;
mod menu;
mod outbox_rows;
mod page;
mod page_data;
mod pane;
mod patch;
mod profile_card;
mod read_marker;
mod row;
mod scroll;
mod text_box;
mod timeline;
mod unread;

#[cfg(feature = "ssr")]
pub use crate::room::profile_card::ProfileCardDialog;
pub use crate::room::{details::DetailsPane, members::MembersPane, page::RoomPage, profile_card::open_profile_cards};
