//! The signed-in user, for all pages that require sign-in.

use crate::{
    api::{self, Failure, Wire},
    live::Live,
    packed_snapshot::PackedSnapshot,
};
use leptos::prelude::*;

/// The session of the signed-in pages: the snapshot that the server rendered them from, and the live state.
#[derive(Clone, Copy)]
pub struct PageSession {
    snapshot: Resource<Result<Wire<PackedSnapshot>, Failure>>,
    live: Live,
}

impl PageSession {
    /// Loads the snapshot, and provides itself as context to the pages inside.
    pub fn provide() -> Self {
        let live = Live::new();
        // Started here, once: the parts of a page are rendered on several threads, and none may read what another
        // writes.
        let read = move |()| async move {
            let Wire(snapshot) = api::get_snapshot().await?;
            live.start(&snapshot);
            Ok(Wire(snapshot))
        };
        let session = Self { snapshot: Resource::new_blocking(|| (), read), live };
        provide_context(session);
        session
    }

    /// The live state; its user may not be known yet.
    pub const fn live(self) -> Live {
        self.live
    }

    /// The live state, once its user is known. Whatever a page reads after this is at least as new as the snapshot's
    /// cursor, so no event is lost between the two.
    pub async fn ready(self) -> Result<Live, Failure> {
        let Wire(snapshot) = self.snapshot.await?;
        // In the browser the snapshot comes with the page.
        self.live.start(&snapshot);
        Ok(self.live)
    }
}

/// The session that this page belongs to.
pub fn use_page_session() -> PageSession {
    expect_context()
}
