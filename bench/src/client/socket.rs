//! One WebSocket connection.

use crate::client::frame::{self, Frame};
use anyhow::{Context as _, Result, bail, ensure};
use std::{cell::RefCell, net::SocketAddr, pin::Pin, task::Poll};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};

/// One read takes everything that has arrived, many frames at a time.
const READ_BYTES: usize = 64 * 1024;

thread_local! {
    // Shared by all connections of a thread: thousands of idle sockets need no buffer each.
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// Where to connect, and with which token.
#[derive(Clone)]
pub struct Endpoint {
    /// The server.
    pub address: SocketAddr,
    /// Path and query.
    pub target: String,
    /// The Bearer token.
    pub token: String,
}

/// An open connection.
pub struct Socket {
    stream: TcpStream,
    partial: Vec<u8>,
    out: Vec<u8>,
}

impl Socket {
    /// Connects and does the handshake.
    pub async fn open(endpoint: &Endpoint) -> Result<Self> {
        let Endpoint { address, target, token } = endpoint;
        let mut stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGFpciBsb2FkIGdlbmVyYXQ=\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut response = Vec::new();
        let head = loop {
            let read = stream.read_buf(&mut response).await?;
            if let Some(end) = memchr::memmem::find(&response, b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(read > 0, "hung up during the handshake: {}", String::from_utf8_lossy(&response));
        };
        ensure!(response.starts_with(b"HTTP/1.1 101 "), "no WebSocket: {}", String::from_utf8_lossy(&response));
        Ok(Self { stream, partial: response.split_off(head), out: Vec::new() })
    }

    /// Waits until something arrives, and passes each text frame to `each`; cancel safe. Call [`Socket::flush`] after
    /// it.
    pub async fn read(&mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if !self.partial.is_empty() {
            // Bytes that came with the handshake, or the start of a frame whose rest must be read.
            let taken = parse_frames(&self.partial, &mut self.out, &mut each)?;
            self.partial.drain(..taken);
            if taken > 0 {
                return Ok(());
            }
        }
        std::future::poll_fn(|context| {
            READ_BUFFER.with_borrow_mut(|buffer| {
                let mut buffer = ReadBuf::new(buffer);
                match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
                    Poll::Ready(Ok(())) => {
                        Poll::Ready(on_bytes(&mut self.partial, buffer.filled(), &mut self.out, &mut each))
                    }
                }
            })
        })
        .await
    }

    /// Sends a text frame.
    pub async fn send(&mut self, payload: &str) -> Result<()> {
        frame::text(payload, &mut self.out);
        self.flush().await
    }

    /// Sends the responses that reading has queued.
    pub async fn flush(&mut self) -> Result<()> {
        if !self.out.is_empty() {
            self.stream.write_all(&self.out).await?;
            self.out.clear();
        }
        Ok(())
    }
}

fn on_bytes(
    partial: &mut Vec<u8>,
    bytes: &[u8],
    out: &mut Vec<u8>,
    each: &mut impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    ensure!(!bytes.is_empty(), "the server hung up");
    if partial.is_empty() {
        let taken = parse_frames(bytes, out, each)?;
        partial.extend(&bytes[taken..]);
    } else {
        partial.extend(bytes);
        let taken = parse_frames(partial, out, each)?;
        partial.drain(..taken);
    }
    Ok(())
}

/// Passes on all complete frames; returns how many bytes they took.
fn parse_frames(bytes: &[u8], out: &mut Vec<u8>, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<usize> {
    let mut taken = 0;
    while let Some((frame, length)) = frame::parse(&bytes[taken..])? {
        taken += length;
        match frame {
            Frame::Text(text) => each(text)?,
            Frame::Ping(payload) => frame::pong(payload, out),
            Frame::Pong => {}
            Frame::Close(why) => bail!("the server closed the socket: {}", String::from_utf8_lossy(why)),
        }
    }
    Ok(taken)
}
