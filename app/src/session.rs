//! Who is signed in, for every page behind the door.

use crate::{
    api::{self, Failure, Wire},
    live::Live,
};
use leptos::prelude::*;
use protocol::sync::Snapshot;

/// The signed-in person's pages: what the server rendered them from, and what keeps them live.
#[derive(Clone, Copy)]
pub struct Session {
    snapshot: Resource<Result<Wire<Snapshot>, Failure>>,
    live: Live,
}

impl Session {
    /// Reads the snapshot; provides itself to the pages inside.
    pub fn provide() -> Self {
        let snapshot = Resource::new_blocking(|| (), |()| api::read_snapshot());
        let session = Self { snapshot, live: Live::new() };
        provide_context(session);
        session
    }

    /// The live page, perhaps before it is known whose it is.
    pub const fn live(self) -> Live {
        self.live
    }

    /// The live page, once it is known whose it is. Whatever a page reads after this is no older than the snapshot's
    /// place in the stream, so nothing falls between the two.
    pub async fn enter(self) -> Result<Live, Failure> {
        let Wire(snapshot) = self.snapshot.await?;
        self.live.begin(&snapshot);
        Ok(self.live)
    }
}

/// The session that this page is part of.
pub fn use_session() -> Session {
    expect_context()
}
