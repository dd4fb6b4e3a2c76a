//! Who is signed in, for every page behind the door.

use crate::{
    api::{
        Failure, Wire, {self},
    },
    live::Live,
};
use leptos::prelude::*;
use protocol::sync::Snapshot;

/// The signed-in person's pages: what the server rendered them from, and what keeps them live.
#[derive(Clone, Copy)]
pub struct PageSession {
    snapshot: Resource<Result<Wire<Snapshot>, Failure>>,
    live: Live,
}

impl PageSession {
    /// Reads the snapshot; provides itself to the pages inside.
    pub fn provide() -> Self {
        let live = Live::new();
        // Begun here, once: the parts of a page are rendered on several threads, and none may read what another writes.
        let read = move |()| async move {
            let Wire(snapshot) = api::read_snapshot().await?;
            live.start(&snapshot);
            Ok(Wire(snapshot))
        };
        let session = Self { snapshot: Resource::new_blocking(|| (), read), live };
        provide_context(session);
        session
    }

    /// The live page, perhaps before it is known whose it is.
    pub const fn live(self) -> Live {
        self.live
    }

    /// The live page, once it is known whose it is. Whatever a page reads after this is no older than the snapshot's
    /// place in the stream, so nothing falls between the two.
    pub async fn ready(self) -> Result<Live, Failure> {
        let Wire(snapshot) = self.snapshot.await?;
        // In the browser the snapshot came with the page.
        self.live.start(&snapshot);
        Ok(self.live)
    }
}

/// The session that this page is part of.
pub fn use_page_session() -> PageSession {
    expect_context()
}
