//! Parts of pages that the server draws.

#[cfg(feature = "ssr")]
use crate::{api::request::require_caller, server_pages::fragment_html};
use crate::{
    api::{Failure, Wire},
    page_user::PageClient,
};
use leptos::server;
use protocol::id::RoomId;

/// A part of a page, as HTML: see `server_pages::fragments`.
#[server(prefix = "/do/read", endpoint = "fragment", client = PageClient)]
pub async fn fragment(
    name: String,
    #[server(default)] room_id: Option<RoomId>,
    #[server(default)] query: String,
) -> Result<Wire<String>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(fragment_html(chat, caller, &name, room_id, &query).await?))
}
