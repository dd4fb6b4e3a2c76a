//! What every handler can reach.

use crate::{
    config::Config,
    pace::{OpenConnection, Pace},
    pages,
    shares::Shares,
};
use axum::extract::FromRef;
use domain::{Network, Service};
use protocol::{error::Result, id::UserId, port::Chat};
use std::{ops::Deref, sync::Arc};
use tokio::sync::watch;

/// The running product: the service, how it was configured, and whether it is stopping. Cheap to clone.
#[derive(Clone)]
pub struct Lair(Arc<Parts>);

/// What a [`Lair`] is made of.
pub struct Parts {
    /// The rules and the memory.
    pub service: Arc<Service>,
    /// How the operator wants it.
    pub config: Config,
    /// How fast who may ask; nothing when anyone may.
    pub pace: Option<Pace>,
    /// Turns to render a page.
    pub pages: Shares,
    /// Told once, when the server begins to stop. Whoever must finish first holds a receiver.
    pub stopping: watch::Sender<bool>,
}

impl Lair {
    /// The product around a running service.
    pub fn new(service: Arc<Service>, config: Config) -> Self {
        let pace = config.quotas.as_ref().map(|quotas| Pace::new(quotas, service.clock()));
        let pages = Shares::new(pages::AT_ONCE, pages::AT_ONCE_FROM_A_NETWORK);
        Self(Arc::new(Parts { service, config, pace, pages, stopping: watch::Sender::new(false) }))
    }

    /// Counts a connection of someone as open, for as long as the answer is kept; nothing where nothing is limited.
    pub fn open_connection(&self, user: UserId, network: Network) -> Result<Option<OpenConnection>> {
        self.pace.as_ref().map(|pace| pace.connections.open(user, network)).transpose()
    }

    /// The service, as the screens know it.
    pub fn chat(&self) -> Arc<dyn Chat> {
        self.service.clone()
    }
}

/// Comes when the server begins to stop; it waits until this is dropped.
pub async fn stopping(mut told: watch::Receiver<bool>) {
    // An error means that the server is gone altogether.
    drop(told.wait_for(|stopping| *stopping).await);
}

impl Deref for Lair {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Lair> for Arc<Service> {
    fn from_ref(lair: &Lair) -> Self {
        lair.service.clone()
    }
}
