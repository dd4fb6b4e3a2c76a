//! The network server: connections, their limits, and a graceful shutdown.

use crate::{
    caller::Peer,
    config::ServerConfig,
    rate_limit::PeerConnection,
    router::router,
    state::{AppState, wait_for_shutdown},
};
use axum::{Router, body::Body, extract::Request};
use domain::{Clock, Service, ServiceOptions};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use protocol::port::Accounts;
use rand::{RngExt, distr::Alphanumeric};
use std::{
    convert::Infallible,
    fs::{self, File, TryLockError},
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tower::ServiceExt;

/// How long a connection may stay silent at first. Browsers open some in advance; they open another one when needed.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take to send the head of a request, including the wait between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long sent bytes may stay unacknowledged before the connection counts as dead.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests, and then sockets, have to finish on shutdown: together less than ten seconds.
const REQUEST_DRAIN_TIMEOUT: Duration = Duration::from_secs(4);
const SOCKET_DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// Serves until `stop` completes, then shuts down gracefully. The error is for the operator.
pub async fn run(config: ServerConfig, stop: impl Future<Output = ()>) -> Result<(), String> {
    let listener = bind(config.listen).await?;
    let _data_dir_lock = lock_data_dir(&config)?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let mut stop = pin!(stop);
    let state = tokio::select! {
        lair = start(config, address) => lair?,
        // A start that waits for disk space can be stopped too.
        () = &mut stop => return Ok(()),
    };
    tracing::info!("listening on http://{address}");
    serve(listener, state, stop).await;
    Ok(())
}

/// Binds the address; the error tells how to choose another.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            let next = SocketAddr::new(address.ip(), address.port().wrapping_add(1));
            format!(
                "{address} is in use. Stop the program that uses it, or choose another: --listen {next} (LAIR_LISTEN)."
            )
        }
        _ => format!("Cannot listen on {address}: {error}. Choose another address: --listen HOST:PORT (LAIR_LISTEN)."),
    })
}

/// Locks the data folder for this process, as long as the file is held. Only an embedded database needs that: the
/// sockets of one process would not receive what another process writes.
pub fn lock_data_dir(config: &ServerConfig) -> Result<Option<File>, String> {
    if config.database_url.as_deref().is_some_and(|url| !url.starts_with("sqlite:")) {
        return Ok(None);
    }
    let path = config.data.join("lair.lock");
    let failed = |error: io::Error| format!("Cannot use {}: {error}. Choose another folder: --data.", path.display());
    fs::create_dir_all(&config.data).map_err(failed)?;
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(format!(
            "Another Lair server is already using {}. Stop it, or choose another folder: --data (LAIR_DATA). Several \
             servers on the same data require PostgreSQL.",
            config.data.display()
        )),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Starts the service; prints the setup code if the first registration will require it.
pub async fn start(config: ServerConfig, address: SocketAddr) -> Result<AppState, String> {
    start_at(config, address, Clock::default()).await
}

/// The same with a given clock, for tests of what happens later.
pub async fn start_at(config: ServerConfig, address: SocketAddr, clock: Clock) -> Result<AppState, String> {
    // Behind a proxy, a loopback address is reachable from everywhere too.
    let is_private = address.ip().is_loopback() && config.public_url.is_none() && config.trusted_proxies.is_empty();
    let setup_code = (!is_private).then(new_setup_code);
    let settings = ServiceOptions {
        data_dir: config.data.clone(),
        database_url: config.database_url.clone(),
        feed_url: config.feed_url.clone(),
        jwt_secret: config.jwt_secret.clone(),
        data_key: config.data_key.clone(),
        setup_code: setup_code.clone(),
        throttle_logins: config.quotas.is_some(),
        public_url: config.public_url.as_ref().map_or_else(|| default_public_url(address), |url| url.origin.clone()),
        mail: config.mail.clone(),
        registration: config.registration,
        event_retention: config.keep_events,
        session_idle: config.session_idle,
        session_lifetime: config.session_lifetime,
    };
    let service = Service::start_at(settings, clock).await.map_err(|error| error.to_string())?;
    if let Some(code) = setup_code
        && !service.has_accounts().await.map_err(|error| error.to_string())?
    {
        tracing::warn!("no account yet: the first sign-up requires the setup code {code}");
    }
    Ok(AppState::new(service, config))
}

/// The best guess at the public URL, if the operator does not set it.
fn default_public_url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

fn new_setup_code() -> String {
    let code: Vec<char> = rand::rng().sample_iter(Alphanumeric).take(16).map(char::from).collect();
    code.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Serves connections until `stop` completes; returns when all of them are finished.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>) {
    state.service.check_file();
    let router = router(&state);
    // Every connection has a receiver, so that we know when the last one has ended.
    let open = watch::Sender::new(());
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Closed at once: an answer would need what is scarce.
                    let Some(counted) = state.open_peer(peer) else {
                        tracing::debug!(%peer, "connection refused: too many are open");
                        continue;
                    };
                    let connection_guard = open.subscribe();
                    let (router, stopping) = (router.clone(), wait_for_shutdown(state.shutdown.subscribe()));
                    tokio::spawn(async move {
                        connection(stream, (peer, counted), router, stopping).await;
                        drop(connection_guard);
                    });
                }
                Err(error) => accept_backoff(&error).await,
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    tracing::info!("stopping: no new connections, finishing open requests");
    state.shutdown.send_replace(true);
    if timeout(REQUEST_DRAIN_TIMEOUT, open.closed()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    state.service.stop().await;
    if timeout(SOCKET_DRAIN_TIMEOUT, state.shutdown.closed()).await.is_err() {
        tracing::warn!("some sockets did not close in time");
    }
    tracing::info!("stopped");
}

/// Connections that failed before they were accepted are ignored; after other errors, such as too many open files, it
/// pauses.
async fn accept_backoff(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept connections; raise the limit of open files if this continues");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn connection(
    stream: TcpStream,
    (peer, counted): (SocketAddr, PeerConnection),
    router: Router,
    stopping: impl Future<Output = ()>,
) {
    if let Err(error) = set_socket_options(&stream) {
        tracing::debug!(%error, "cannot set socket options");
    }
    let mut stopping = pin!(stopping);
    let mut first = [0];
    tokio::select! {
        biased;
        first_byte = timeout(FIRST_BYTE_TIMEOUT, stream.peek(&mut first)) => if !matches!(first_byte, Ok(Ok(1..))) {
            return;
        },
        () = &mut stopping => return,
    }
    // A WebSocket keeps it when this connection has ended.
    let counted = Arc::new(counted);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(counted.clone());
        let response = router.clone().oneshot(request);
        async move { Ok::<_, Infallible>(response.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = &mut stopping => {
            // The current request is finished; another one is not started.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection error");
    }
}

/// Sends small frames at once, and detects peers that have disconnected.
fn set_socket_options(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(TCP_USER_TIMEOUT))?;
    Ok(())
}
