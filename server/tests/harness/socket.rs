//! A WebSocket client that validates every frame against the OpenAPI document.

use super::{TestUser, contract};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest, http},
};

/// Longer than anything takes; a test that waits this long has failed.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A WebSocket client.
pub struct Socket {
    pub stream: WsStream,
    pub hello: Value,
    /// Whether frames are validated; load tests switch it off.
    pub validate_frames: bool,
    next_id: u64,
}

type WsStream = WebSocketStream<TcpStream>;
/// An open socket, or the response that rejected the handshake.
type Handshake = Result<WsStream, http::Response<Option<Vec<u8>>>>;

/// Opens a WebSocket with these headers.
pub async fn handshake(address: SocketAddr, query: &str, headers: &[(&'static str, String)]) -> Handshake {
    let stream = TcpStream::connect(address).await.expect("a connection");
    try_handshake(stream, query, headers).await.expect("a response to the handshake")
}

async fn try_handshake(
    stream: TcpStream,
    query: &str,
    headers: &[(&'static str, String)],
) -> Result<Handshake, String> {
    let address = stream.peer_addr().map_err(|error| error.to_string())?;
    let mut request = format!("ws://{address}/api/v1/ws{query}").into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    match client_async(request, stream).await {
        Ok((stream, _)) => Ok(Ok(stream)),
        Err(tungstenite::Error::Http(response)) => Ok(Err(*response)),
        Err(error) => Err(error.to_string()),
    }
}

impl Socket {
    /// Connects and reads the `hello` frame.
    pub async fn open(user: &TestUser, cursor: Option<&str>) -> Self {
        Self::try_open(user, cursor).await.expect("a connection")
    }

    /// The same if the server may stop at any moment; a rejected handshake still panics.
    pub async fn try_open(user: &TestUser, cursor: Option<&str>) -> Result<Self, String> {
        let stream = TcpStream::connect(user.api.address).await.map_err(|error| error.to_string())?;
        Self::connect_over(stream, user, cursor).await
    }

    /// The same with a small receive buffer.
    pub async fn open_with_small_buffer(user: &TestUser, cursor: Option<&str>) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(8 * 1024).expect("a small buffer");
        let stream = socket.connect(user.api.address).await.expect("a connection");
        Self::connect_over(stream, user, cursor).await.expect("a connection")
    }

    async fn connect_over(stream: TcpStream, user: &TestUser, cursor: Option<&str>) -> Result<Self, String> {
        let query = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
        let token = format!("Bearer {}", user.access_token);
        let stream = try_handshake(stream, &query, &[("authorization", token)]).await?.expect("an open socket");
        let mut socket = Self { stream, hello: Value::Null, validate_frames: true, next_id: 1 };
        socket.hello = socket.next_or_close().await.map_err(|(_, reason)| reason)?;
        assert_eq!(socket.hello["type"], "hello");
        assert_eq!(socket.hello["session_id"], user.session_id.as_str());
        assert_eq!(socket.hello["user_id"], user.id.as_str());
        Ok(socket)
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        match self.next_or_close().await {
            Ok(frame) => frame,
            Err(end) => panic!("the socket was closed: {end:?}"),
        }
    }

    /// The next frame, or how the socket was closed.
    pub async fn next_or_close(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match timeout(TIMEOUT, self.stream.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).expect("JSON");
                    if self.validate_frames {
                        contract::check_frame(&frame);
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(close)))) => return Err((close.code.into(), close.reason.to_string())),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return Err((0, format!("{other:?}"))),
            }
        }
    }

    /// How the socket was closed; frames before that are skipped.
    pub async fn wait_for_close(&mut self) -> (u16, String) {
        loop {
            if let Err(end) = self.next_or_close().await {
                return end;
            }
        }
    }

    /// The next frame of this type; others are skipped.
    pub async fn next_of_type(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The bodies of all messages created up to the one with this body.
    pub async fn bodies_until(&mut self, last: &str) -> Vec<String> {
        let mut bodies = Vec::new();
        while bodies.last().is_none_or(|body| body != last) {
            bodies
                .push(self.next_of_type("message.created").await["data"]["body"].as_str().expect("a body").to_owned());
        }
        bodies
    }

    pub async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("an open socket");
    }

    /// Sends a command and returns its id.
    pub async fn send_command(&mut self, mut command: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        command["id"] = json!(id);
        self.send(Message::text(command.to_string())).await;
        id
    }

    /// Sends a command and returns its response; events in between are skipped.
    pub async fn request(&mut self, command: Value) -> Value {
        let id = self.send_command(command).await;
        loop {
            let frame = self.next().await;
            if frame["id"] == id {
                return frame;
            }
        }
    }

    /// Sends text that may not be a command, and returns the error frame.
    pub async fn expect_error(&mut self, text: impl Into<String>) -> Value {
        self.send(Message::text(text.into())).await;
        self.next_of_type("error").await
    }
}
