//! The time limits of a connection: the real service, a stream in memory, and a clock that stands still between steps.

use super::*;
use crate::{config::RawConfig, serve, socket::upgrade::server_socket};
use protocol::{command::Register, port::prelude::*, session::Client};
use tempfile::TempDir;
use tokio::{
    io::{DuplexStream, duplex},
    task::{JoinHandle, yield_now},
    time::{Instant, advance, pause},
};
use tokio_tungstenite::tungstenite::protocol::Role;

/// A service with one user.
struct TestService {
    state: AppState,
    caller: Caller,
    /// Deleted when the test ends.
    _data: TempDir,
}

impl TestService {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let raw = RawConfig { data: Some(data.path().display().to_string()), ..RawConfig::default() };
        let address = "127.0.0.1:3000".parse().unwrap();
        let state = serve::start(raw.check().unwrap(), address).await.unwrap();
        let ada = Register {
            username: "ada".into(),
            email: None,
            password: "a-den-with-a-hearth".into(),
            display_name: None,
            setup_code: None,
            invitation: None,
        };
        let tokens = state.service.register_user(&Client::default(), ada, None).await.unwrap().value;
        let caller = state.service.authenticate(&tokens.access_token).await.unwrap();
        Self { state, caller, _data: data }
    }

    /// Serves a client whose stream takes this many bytes that the client has not read, and stops the clock.
    async fn connect(&self, capacity: usize) -> (JoinHandle<()>, DuplexStream) {
        let (stream, client) = duplex(capacity);
        let subscription = self.state.service.subscribe(&self.caller, None).await.unwrap();
        let context = CommandContext {
            state: self.state.clone(),
            caller: self.caller,
            edit_lock: tokio::sync::Mutex::default(),
            request_id: RequestId("test".into()),
            span: Span::none(),
        };
        let socket = server_socket(stream, Vec::new()).await;
        let connection = Connection::new(socket, subscription, context, self.state.shutdown.subscribe());
        pause();
        (tokio::spawn(connection.run()), client)
    }
}

/// Lets the tasks run until they wait for the clock.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

/// The seconds after which a connection has ended; `None` if it is still open after five minutes.
async fn seconds_until_end(connection: &JoinHandle<()>) -> Option<u64> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_mins(5) {
        settle().await;
        if connection.is_finished() {
            return Some(started.elapsed().as_secs());
        }
        advance(Duration::from_millis(100)).await;
    }
    None
}

#[tokio::test]
async fn a_client_that_sends_nothing_for_75_seconds_is_disconnected() {
    let service = TestService::start().await;
    let (connection, _client) = service.connect(64 * 1024).await;
    assert_eq!(seconds_until_end(&connection).await, Some(75));
}

#[tokio::test]
async fn a_client_that_only_answers_pings_stays_connected() {
    let service = TestService::start().await;
    let (connection, client) = service.connect(64 * 1024).await;
    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let reading = tokio::spawn(async move { while let Some(Ok(_)) = client.next().await {} });
    assert_eq!(seconds_until_end(&connection).await, None);
    reading.abort();
}

#[tokio::test]
async fn a_client_that_accepts_no_data_for_20_seconds_is_disconnected() {
    let service = TestService::start().await;
    // Less than the first frame.
    let (connection, _client) = service.connect(16).await;
    assert_eq!(seconds_until_end(&connection).await, Some(20));
}
