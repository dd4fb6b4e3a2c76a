//! What every handler can reach.

use crate::{
    config::ServerConfig,
    pace::{OpenConnection, RateLimiter},
    pages,
    shares::FairSemaphore,
};
use axum::extract::FromRef;
use domain::{Network, Service};
use protocol::{error::Result, id::UserId, port::Chat};
use std::{ops::Deref, sync::Arc};
use tokio::sync::watch;

/// The running product: the service, how it was configured, and whether it is stopping. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What a [`AppState`] is made of.
pub struct Inner {
    /// The rules and the memory.
    pub service: Arc<Service>,
    /// How the operator wants it.
    pub config: ServerConfig,
    /// How fast who may ask; nothing when anyone may.
    pub rate_limiter: Option<RateLimiter>,
    /// Turns to render a page.
    pub render_permits: FairSemaphore,
    /// Told once, when the server begins to stop. Whoever must finish first holds a receiver.
    pub shutdown: watch::Sender<bool>,
}

impl AppState {
    /// The product around a running service.
    pub fn new(service: Arc<Service>, config: ServerConfig) -> Self {
        let pace = config.quotas.as_ref().map(|quotas| RateLimiter::new(quotas, service.clock()));
        let pages = FairSemaphore::new(pages::MAX_CONCURRENT_RENDERS, pages::MAX_CONCURRENT_RENDERS_PER_NETWORK);
        Self(Arc::new(Inner {
            service,
            config,
            rate_limiter: pace,
            render_permits: pages,
            shutdown: watch::Sender::new(false),
        }))
    }

    /// Counts a connection of someone as open, for as long as the answer is kept; nothing where nothing is limited.
    pub fn open_connection(&self, user: UserId, network: Network) -> Result<Option<OpenConnection>> {
        self.rate_limiter.as_ref().map(|pace| pace.connections.open(user, network)).transpose()
    }

    /// The service, as the screens know it.
    pub fn chat(&self) -> Arc<dyn Chat> {
        self.service.clone()
    }
}

/// Comes when the server begins to stop; it waits until this is dropped.
pub async fn wait_for_shutdown(mut shutdown: watch::Receiver<bool>) {
    // An error means that the server is gone altogether.
    drop(shutdown.wait_for(|stopping| *stopping).await);
}

impl Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl FromRef<AppState> for Arc<Service> {
    fn from_ref(state: &AppState) -> Self {
        state.service.clone()
    }
}
