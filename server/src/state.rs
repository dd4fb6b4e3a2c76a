//! The state that every handler can access.

use crate::{
    config::ServerConfig,
    fair_semaphore::FairSemaphore,
    rate_limit::{OpenConnection, PeerConnection, Peers, RateLimiter},
};
use axum::extract::FromRef;
use domain::{Network, Service};
use protocol::{Error, id::UserId, port::Chat};
use std::{net::SocketAddr, ops::Deref, sync::Arc};
use tokio::sync::watch;

/// Pages that are rendered at once; others wait.
const MAX_CONCURRENT_RENDERS: usize = 64;
/// The same for one network: whatever it requests, permits remain for others.
const MAX_CONCURRENT_RENDERS_PER_NETWORK: usize = MAX_CONCURRENT_RENDERS / 4;

/// The state of the application: the service, its configuration, and whether it is stopping. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// The fields of an [`AppState`].
pub struct Inner {
    /// The service: rules and storage.
    pub service: Arc<Service>,
    /// The configuration of the server.
    pub config: ServerConfig,
    /// The rate limiters; `None` if there are no limits.
    pub rate_limiter: Option<RateLimiter>,
    /// All TCP connections.
    pub peers: Arc<Peers>,
    /// Permits to render a page.
    pub render_permits: FairSemaphore,
    /// Set once, when the server begins to stop. A task that must finish first has a receiver.
    pub shutdown: watch::Sender<bool>,
}

impl AppState {
    /// Creates the state around a running service.
    pub fn new(service: Arc<Service>, config: ServerConfig) -> Self {
        let rate_limiter = config.quotas.as_ref().map(|quotas| RateLimiter::new(quotas, service.clock()));
        let network_limit = config.quotas.map(|quotas| quotas.address_connections);
        let peers = Peers::new(network_limit, rlimit::Resource::NOFILE.get_soft().ok());
        let render_permits = FairSemaphore::new(MAX_CONCURRENT_RENDERS, MAX_CONCURRENT_RENDERS_PER_NETWORK);
        let shutdown = watch::Sender::new(false);
        Self(Arc::new(Inner { service, config, rate_limiter, peers, render_permits, shutdown }))
    }

    /// Counts a connection of a user as open, for as long as the result is held; `None` if there are no limits.
    pub fn open_connection(&self, user: UserId, network: Network) -> Result<Option<OpenConnection>, Error> {
        self.rate_limiter.as_ref().map(|limiter| limiter.connections.open(user, network)).transpose()
    }

    /// Counts a TCP connection, for as long as the result is held; `None` if there are too many. The connections of a
    /// trusted proxy are those of all its users, so they belong to no network.
    pub fn open_peer(&self, peer: SocketAddr) -> Option<PeerConnection> {
        let ip = peer.ip().to_canonical();
        let is_proxy = self.config.trusted_proxies.iter().any(|network| network.contains(&ip));
        self.peers.open((!is_proxy).then(|| Network::from_ip(ip)))
    }

    /// The service, as the pages know it.
    pub fn chat(&self) -> Arc<dyn Chat> {
        self.service.clone()
    }
}

/// Completes when the server begins to stop; the server waits until this is dropped.
pub async fn wait_for_shutdown(mut shutdown: watch::Receiver<bool>) {
    // An error means that the server itself has stopped.
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
