//! Server functions for the live state of a page.

#[cfg(feature = "ssr")]
use crate::api::request::{request_path, require_caller};
use crate::{
    api::{Failure, Wire},
    packed_snapshot::PackedSnapshot,
    page_user::PageClient,
};
use leptos::server;

/// The snapshot of the signed-in user.
#[server(prefix = "/do/read", endpoint = "get-snapshot", client = PageClient)]
pub async fn get_snapshot() -> Result<Wire<PackedSnapshot>, Failure> {
    let (chat, caller) = require_caller()?;
    let snapshot = chat.get_snapshot(&caller).await?;
    Ok(Wire(PackedSnapshot::new(snapshot, &request_path())))
}
