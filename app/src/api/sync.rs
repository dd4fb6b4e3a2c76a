//! Server functions for the live state of a page.

#[cfg(feature = "ssr")]
use crate::api::request::require_caller;
use crate::{
    api::{Failure, Wire},
    page_user::PageClient,
};
use leptos::server;
use protocol::sync::Snapshot;

/// The snapshot of the signed-in user.
#[server(prefix = "/do/read", endpoint = "get-snapshot", client = PageClient)]
pub async fn get_snapshot() -> Result<Wire<Snapshot>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.get_snapshot(&caller).await?))
}
