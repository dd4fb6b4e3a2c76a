//! Server functions for the live state of a page.

#[cfg(feature = "ssr")]
use crate::api::request::{request_path, require_caller};
use crate::{
    api::{Failure, Wire},
    packed_snapshot::PackedSnapshot,
    page_user::PageClient,
};
#[cfg(feature = "ssr")]
use leptos::prelude::use_context;
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::sync::Snapshot;
#[cfg(feature = "ssr")]
use std::sync::Arc;

/// The snapshot of the signed-in user. While a page is rendered, it is the one that was read for the page.
#[server(prefix = "/do/read", endpoint = "get-snapshot", client = PageClient)]
pub async fn get_snapshot() -> Result<Wire<PackedSnapshot>, Failure> {
    let (chat, caller) = require_caller()?;
    let snapshot = match use_context::<Arc<Snapshot>>() {
        Some(snapshot) => Snapshot::clone(&snapshot),
        None => chat.get_snapshot(&caller).await?,
    };
    Ok(Wire(PackedSnapshot::new(snapshot, &request_path())))
}
