//! The upgrade from an HTTP request to a WebSocket on the bare TCP stream. Having the stream itself (and not a wrapper)
//! saves every frame an indirection, and lets us properly close the connection of a client that is still writing.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use protocol::{
    error::{Code, Error, Result},
    limits::FRAME_BYTES,
};
use std::io;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

/// Held for the life of a connection, and filled with zeros for each attempt to read, so it is small: a message of usual
/// length fits. A larger frame gets a temporary buffer.
const READ_BUFFER: usize = 1024;
/// Only control frames are buffered.
const WRITE_BUFFER: usize = 1024;
const WRITE_BUFFER_MAX: usize = 16 * 1024;

/// A valid request to open a WebSocket.
pub struct Upgrade {
    accept: String,
    upgrade: OnUpgrade,
}

impl Upgrade {
    /// Checks the handshake (RFC 6455, 4.2.1).
    pub fn check(request: &mut Request) -> Result<Self> {
        let headers = request.headers();
        let is_upgrade = has(headers, header::CONNECTION, "upgrade")
            && has(headers, header::UPGRADE, "websocket")
            && has(headers, header::SEC_WEBSOCKET_VERSION, "13");
        let key = headers.get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
        match (key, request.extensions_mut().remove::<OnUpgrade>()) {
            (Some(accept), Some(upgrade)) if is_upgrade => Ok(Self { accept, upgrade }),
            _ => Err(Error::new(Code::Malformed, "This endpoint requires a WebSocket upgrade, version 13.")),
        }
    }

    /// The response, and the socket that opens once it is sent.
    pub fn accept(self) -> (Response, impl Future<Output = io::Result<WebSocketStream<TcpStream>>>) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.extend(HeaderValue::from_str(&self.accept).map(|key| (header::SEC_WEBSOCKET_ACCEPT, key)));
        (response, open(self.upgrade))
    }
}

async fn open(upgrade: OnUpgrade) -> io::Result<WebSocketStream<TcpStream>> {
    let upgraded = upgrade.await.map_err(io::Error::other)?;
    let parts = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .map_err(|_| io::Error::other("the connection is not the TCP stream that was accepted"))?;
    Ok(server_socket(parts.io.into_inner(), parts.read_buf.to_vec()).await)
}

/// The server's side of a WebSocket on a stream, of which some bytes may have been read already.
pub async fn server_socket<S: AsyncRead + AsyncWrite + Unpin>(stream: S, received: Vec<u8>) -> WebSocketStream<S> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_frame_size(Some(FRAME_BYTES))
        .max_message_size(Some(FRAME_BYTES));
    WebSocketStream::from_partially_read(stream, received, Role::Server, Some(config)).await
}

fn has(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
}
