//! The real router with the real service, on SQLite in a temporary folder.

use super::{Request, TestUser, smtp_server::SmtpServer};
use domain::{Clock, Service};
use server::{config::RawConfig, serve};
use std::{net::SocketAddr, sync::Arc};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A running server; it stops when the test ends.
pub struct Server {
    pub api: ApiClient,
    /// Its settings; a change applies at the next start.
    pub raw: RawConfig,
    /// Its clock; a test can advance it.
    pub clock: Clock,
    /// Deleted when the test ends.
    _data: TempDir,
    running: Option<Running>,
}

/// What runs until the server stops.
struct Running {
    service: Arc<Service>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// The address of a server and an HTTP client for it.
#[derive(Clone)]
pub struct ApiClient {
    pub address: SocketAddr,
    pub http: reqwest::Client,
}

impl ApiClient {
    pub fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        Self { address, http: http.expect("an HTTP client") }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Server {
    /// Starts a server with default settings.
    pub async fn start() -> Self {
        Self::start_with(RawConfig::default()).await
    }

    /// Starts a server with these settings.
    pub async fn start_with(raw: RawConfig) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        // Tests send more requests per second than users do; the tests of the rate limits switch them on.
        let rate_limits = raw.rate_limits.or_else(|| Some("off".into()));
        let raw = RawConfig { data: Some(data.path().display().to_string()), rate_limits, ..raw };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let api = ApiClient::new(listener.local_addr().expect("an address"));
        let mut server = Self { api, raw, clock: Clock::default(), _data: data, running: None };
        server.serve(listener).await;
        server
    }

    /// Starts a server that sends mail; returns it with its administrator Ada.
    pub async fn start_with_mail(smtp: &SmtpServer) -> (Self, TestUser) {
        let mut server = Self::start().await;
        let ada = server.create_user("ada").await;
        server.raw.public_url = Some("https://chat.example.org".into());
        server.raw.smtp_url = Some(smtp.url.clone());
        server.restart().await;
        (server, ada)
    }

    /// Starts a server that considers itself reachable from other machines.
    pub async fn start_on_all_interfaces() -> Self {
        Self::start_with(RawConfig { listen: Some("0.0.0.0:0".into()), ..RawConfig::default() }).await
    }

    async fn serve(&mut self, listener: TcpListener) {
        let config = self.raw.clone().check().expect("valid settings");
        let reached_at = if self.raw.listen.is_some() { config.listen } else { self.api.address };
        let lair = serve::start_at(config, reached_at, self.clock.clone()).await.expect("a service");
        let service = lair.service.clone();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { drop(stopped.await) };
        self.running = Some(Running { service, stop, task: tokio::spawn(serve::serve(listener, lair, stopped)) });
    }

    /// Stops it as SIGTERM does, and starts it again on the same port and data.
    pub async fn restart(&mut self) {
        self.stop().await;
        let listener = serve::bind(self.api.address).await.expect("the same port");
        self.serve(listener).await;
    }

    /// Stops it as SIGTERM does.
    pub async fn stop(&mut self) {
        if let Some(Running { stop, task, .. }) = self.running.take() {
            drop(stop);
            task.await.expect("a graceful stop");
        }
    }

    /// The service behind it.
    pub fn service(&self) -> &Service {
        &self.running.as_ref().expect("a running server").service
    }

    /// Registers a user.
    pub async fn create_user(&self, username: &str) -> TestUser {
        TestUser::register(&self.api, username).await
    }

    /// Registers the administrator Ada and three other users.
    pub async fn create_users(&self) -> [TestUser; 4] {
        let ada = self.create_user("ada").await;
        [ada, self.create_user("mara").await, self.create_user("tomas").await, self.create_user("yuki").await]
    }

    /// The status of an API response, if the server accepts a new connection.
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let response = http.get(self.api.url(&format!("/api/v1{path}"))).send().await;
        response.ok().map(|response| response.status().as_u16())
    }

    pub fn get(&self, path: &str) -> Request {
        Request::new(&self.api, "GET", path)
    }

    pub fn post(&self, path: &str) -> Request {
        Request::new(&self.api, "POST", path)
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(&self.api, method, path)
    }
}
