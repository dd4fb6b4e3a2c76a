//! One end of a WebSocket, with every frame held against the OpenAPI document.

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

/// One end of a WebSocket.
pub struct Socket {
    pub stream: WsStream,
    pub hello: Value,
    /// Whether frames are held against the document: thousands of them are not.
    pub validate_frames: bool,
    next_id: u64,
}

type WsStream = WebSocketStream<TcpStream>;
/// An open socket, or the answer that there will be none.
type Handshake = Result<WsStream, http::Response<Option<Vec<u8>>>>;

/// A handshake with headers.
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
        Ok((wire, _)) => Ok(Ok(wire)),
        Err(tungstenite::Error::Http(response)) => Ok(Err(*response)),
        Err(error) => Err(error.to_string()),
    }
}

impl Socket {
    /// Opens the stream and hears `hello`.
    pub async fn open(person: &TestUser, cursor: Option<&str>) -> Self {
        Self::try_open(person, cursor).await.expect("a connection")
    }

    /// The same where the server may be gone at any moment; a refusal is still a failure.
    pub async fn try_open(person: &TestUser, cursor: Option<&str>) -> Result<Self, String> {
        let stream = TcpStream::connect(person.api.address).await.map_err(|error| error.to_string())?;
        Self::connect_over(stream, person, cursor).await
    }

    /// The same for a client whose system takes in only a little that it has not read.
    pub async fn open_with_small_buffer(person: &TestUser, cursor: Option<&str>) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(8 * 1024).expect("a small buffer");
        let stream = socket.connect(person.api.address).await.expect("a connection");
        Self::connect_over(stream, person, cursor).await.expect("a connection")
    }

    async fn connect_over(stream: TcpStream, person: &TestUser, cursor: Option<&str>) -> Result<Self, String> {
        let query = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
        let token = format!("Bearer {}", person.access_token);
        let wire = try_handshake(stream, &query, &[("authorization", token)]).await?.expect("an open socket");
        let mut socket = Self { stream: wire, hello: Value::Null, validate_frames: true, next_id: 1 };
        socket.hello = socket.next_or_close().await.map_err(|(_, reason)| reason)?;
        assert_eq!(socket.hello["type"], "hello");
        assert_eq!(socket.hello["session_id"], person.session_id.as_str());
        assert_eq!(socket.hello["user_id"], person.id.as_str());
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

    /// How the socket was closed; frames before that do not matter.
    pub async fn wait_for_close(&mut self) -> (u16, String) {
        loop {
            if let Err(end) = self.next_or_close().await {
                return end;
            }
        }
    }

    /// The next frame of a kind; others do not matter.
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

    /// Gives a command and answers its number.
    pub async fn send_command(&mut self, mut command: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        command["id"] = json!(id);
        self.send(Message::text(command.to_string())).await;
        id
    }

    /// Gives a command and hears its answer; events in between do not matter.
    pub async fn request(&mut self, command: Value) -> Value {
        let id = self.send_command(command).await;
        loop {
            let frame = self.next().await;
            if frame["id"] == id {
                return frame;
            }
        }
    }

    /// Sends text that may be no command, and hears the error.
    pub async fn expect_error(&mut self, text: impl Into<String>) -> Value {
        self.send(Message::text(text.into())).await;
        self.next_of_type("error").await
    }
}
