//! One open WebSocket: its events, its commands, and how it is closed.

use super::commands::{CommandFrame, check_rate};
use crate::{rate_limit::Bucket, request_id::RequestId, state::AppState};
use bytes::{Buf, Bytes};
use domain::{CloseReason, Subscription};
use futures::{FutureExt, SinkExt, StreamExt, TryStreamExt, future::BoxFuture, stream::FuturesOrdered};
use protocol::{
    error::{Code, Error},
    frame::ServerFrame,
    limits::FRAME_BYTES,
    session::Caller,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        error::CapacityError,
        protocol::{
            CloseFrame,
            frame::{
                Frame, FrameHeader,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};
use tracing::{Instrument, Span};

/// Commands in progress at once; with more, we stop reading and the client has to wait.
const IN_FLIGHT: usize = 32;
/// Bytes of commands in progress from which on we stop reading as well: a response may be ten times as large.
const IN_FLIGHT_BYTES: usize = 256 * 1024;
/// Refused frames per minute, after which the client counts as broken: each costs us the parsing and a response.
const MAX_REFUSED_FRAMES: u32 = 100;
/// How often a client is pinged.
const PING_INTERVAL: Duration = Duration::from_secs(25);
/// Pings without a frame from the client after which it counts as disconnected.
const MAX_SILENT_PINGS: u8 = 3;
/// How long a client may take to accept what we write.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long we wait for the client's close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Frames written before a flush, and within one [`WRITE_TIMEOUT`].
const FRAMES_PER_FLUSH: usize = 64;
/// The capacity that a backlog may leave allocated.
const RETAINED_FRAME_CAPACITY: usize = 128;
/// A frame from this size on bypasses the buffer of its socket, which would stay as large as the largest frame in it.
const LARGE_FRAME_BYTES: usize = 16 * 1024;

/// The connection of one client.
pub struct Connection<S> {
    socket: WebSocketStream<S>,
    subscription: Subscription,
    frames: Vec<Bytes>,
    responses: FuturesOrdered<BoxFuture<'static, Result<CommandResponse, ConnectionEnd>>>,
    /// Bytes of the commands in progress.
    in_flight_bytes: usize,
    context: Arc<CommandContext>,
    silent_pings: u8,
    refused_frames: RefusedFrames,
    /// Lets the server wait for this connection when it stops.
    _shutdown: watch::Receiver<bool>,
}

/// The response to a command.
struct CommandResponse {
    text: String,
    /// Bytes of the command.
    command_bytes: usize,
}

/// The frames of the current minute that were not commands, or were too many.
#[derive(Default)]
struct RefusedFrames {
    count: u32,
    /// When the minute began, on the service's clock.
    since: Duration,
}

impl RefusedFrames {
    /// Counts another one; ends the connection when there were too many.
    fn count(&mut self, now: Duration) -> Result<(), ConnectionEnd> {
        if now.saturating_sub(self.since) >= Duration::from_mins(1) {
            *self = Self { count: 0, since: now };
        }
        self.count += 1;
        if self.count <= MAX_REFUSED_FRAMES {
            return Ok(());
        }
        Err(ConnectionEnd::Refuse(CloseCode::Policy, "too many invalid frames, or commands beyond the rate limit"))
    }
}

/// The context in which the commands of a connection run.
pub struct CommandContext {
    /// Runs them.
    pub state: AppState,
    /// The caller.
    pub caller: Caller,
    /// Keeps the changes of messages in the order in which they were requested.
    pub edit_lock: tokio::sync::Mutex<()>,
    /// Identifies the connection to the client.
    pub request_id: RequestId,
    /// Identifies it in the log. Only commands are logged in it: events are too frequent for that.
    pub span: Span,
}

/// How a connection ends.
enum ConnectionEnd {
    /// The client has disconnected.
    Disconnected,
    /// We close it, with a reason.
    Close(CloseCode, &'static str),
    /// The same, but the client may still be writing what we will not read.
    Refuse(CloseCode, &'static str),
}

const TEXT: OpCode = OpCode::Data(Data::Text);

const INTERNAL_ERROR: ConnectionEnd = ConnectionEnd::Close(CloseCode::Error, "internal error; reconnect");

/// What a connection waits for.
enum SocketEvent {
    Frames(Result<(), CloseReason>),
    Response(Result<CommandResponse, ConnectionEnd>),
    Incoming(Option<Result<Message, tungstenite::Error>>),
    Ping,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Creates a connection on an open socket.
    pub fn new(
        socket: WebSocketStream<S>,
        subscription: Subscription,
        context: CommandContext,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        Self {
            socket,
            subscription,
            frames: Vec::new(),
            responses: FuturesOrdered::new(),
            in_flight_bytes: 0,
            context: Arc::new(context),
            silent_pings: 0,
            refused_frames: RefusedFrames::default(),
            _shutdown: shutdown,
        }
    }

    /// Serves the client until one side ends the connection.
    pub async fn run(mut self) {
        let end = match self.send_hello().await {
            Ok(()) => self.run_loop().await,
            Err(end) => end,
        };
        match end {
            ConnectionEnd::Disconnected => {}
            ConnectionEnd::Close(code, reason) => {
                self.context.span.in_scope(|| tracing::debug!(%code, reason, "closing socket"));
                self.close(code, reason).await;
            }
            ConnectionEnd::Refuse(code, reason) => {
                self.context.span.in_scope(|| tracing::debug!(%code, reason, "rejecting socket"));
                self.close(code, reason).await;
                self.drain().await;
            }
        }
    }

    async fn send_hello(&mut self) -> Result<(), ConnectionEnd> {
        let (start, Caller { user_id, session_id, .. }) = (self.subscription.start(), self.context.caller);
        let (cursor, resumed) = start.unwrap_or((self.subscription.cursor(), false));
        let mut frames = vec![text(&ServerFrame::Hello { user_id, session_id, cursor, resumed })?];
        if let Err(reason) = start {
            frames.push(text(&ServerFrame::Reset { reason })?);
        }
        self.write(frames).await
    }

    async fn run_loop(&mut self) -> ConnectionEnd {
        let mut ticks = interval(PING_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        loop {
            let event = tokio::select! {
                received = self.subscription.next(&mut self.frames) => SocketEvent::Frames(received),
                Some(response) = self.responses.next(), if !self.responses.is_empty() => {
                    SocketEvent::Response(response)
                }
                frame = self.socket.next(), if self.has_capacity() => SocketEvent::Incoming(frame),
                _ = ticks.tick() => SocketEvent::Ping,
            };
            if let Err(end) = self.on_event(event).await {
                return end;
            }
        }
    }

    /// Whether another command may be in progress.
    fn has_capacity(&self) -> bool {
        self.responses.len() < IN_FLIGHT && self.in_flight_bytes < IN_FLIGHT_BYTES
    }

    async fn on_event(&mut self, event: SocketEvent) -> Result<(), ConnectionEnd> {
        let mut responses = Vec::new();
        match event {
            SocketEvent::Frames(Ok(())) => {}
            SocketEvent::Frames(Err(closed)) => return Err(self.on_closed(closed).await),
            SocketEvent::Response(response) => responses.push(self.finish_command(response?)),
            SocketEvent::Incoming(frame) => return self.on_frame(frame),
            SocketEvent::Ping => return self.ping().await,
        }
        // Other responses that are ready are sent with the same write.
        while let Some(Some(response)) = self.responses.next().now_or_never() {
            responses.push(self.finish_command(response?));
        }
        self.write(responses).await
    }

    fn finish_command(&mut self, response: CommandResponse) -> String {
        self.in_flight_bytes -= response.command_bytes;
        response.text
    }

    /// Writes events (whose bytes are shared by all recipients) and responses.
    async fn write(&mut self, responses: Vec<String>) -> Result<(), ConnectionEnd> {
        let mut frames = std::mem::take(&mut self.frames);
        let mut texts = frames.drain(..).chain(responses.into_iter().map(Bytes::from)).peekable();
        while texts.peek().is_some() {
            let (socket, batch) = (&mut self.socket, texts.by_ref().take(FRAMES_PER_FLUSH));
            with_write_timeout(async {
                for text in batch {
                    if text.len() < LARGE_FRAME_BYTES {
                        socket.feed(frame(text)).await?;
                    } else {
                        write_large(socket, text).await?;
                    }
                }
                Ok(socket.flush().await?)
            })
            .await?;
        }
        drop(texts);
        frames.shrink_to(RETAINED_FRAME_CAPACITY);
        self.frames = frames;
        Ok(())
    }

    fn on_frame(&mut self, frame: Option<Result<Message, tungstenite::Error>>) -> Result<(), ConnectionEnd> {
        self.silent_pings = 0;
        let bytes = frame.as_ref().map_or(0, |frame| frame.as_ref().map_or(0, Message::len));
        let command = match frame {
            None => return Err(ConnectionEnd::Disconnected),
            Some(Err(error)) => return Err(refusal(&error)),
            Some(Ok(Message::Text(text))) => CommandFrame::parse(&text),
            Some(Ok(Message::Binary(_))) => CommandFrame::refused(Error::new(
                Code::Malformed,
                "Send commands as JSON in text frames, not binary frames.",
            )),
            Some(Ok(Message::Ping(_))) => {
                let allowed = check_rate(&self.context.state, &self.context.caller, Bucket::Read);
                return if allowed.is_ok() { Ok(()) } else { self.count_refused() };
            }
            Some(Ok(Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => return Ok(()),
        };
        let command = command.rate_limited(&self.context.state, &self.context.caller);
        if command.is_refused() {
            self.count_refused()?;
        }
        let context = self.context.clone();
        let span = context.span.clone();
        let response = async move {
            // A change first looks up the room of its message: without this lock, a later change could overtake it.
            let _edit_guard = if command.is_change() { Some(context.edit_lock.lock().await) } else { None };
            let response = command.perform(&context.state, &context.caller, &context.request_id.0).await;
            text(&response).map(|text| CommandResponse { text, command_bytes: bytes })
        };
        self.in_flight_bytes += bytes;
        self.responses.push_back(response.instrument(span).boxed());
        Ok(())
    }

    fn count_refused(&mut self) -> Result<(), ConnectionEnd> {
        self.refused_frames.count(self.context.state.service.clock().uptime())
    }

    async fn ping(&mut self) -> Result<(), ConnectionEnd> {
        self.silent_pings += 1;
        if self.silent_pings >= MAX_SILENT_PINGS {
            return Err(ConnectionEnd::Disconnected);
        }
        with_write_timeout(async { Ok(self.socket.send(Message::Ping(Bytes::new())).await?) }).await
    }

    /// The service has closed the subscription.
    async fn on_closed(&mut self, closed: CloseReason) -> ConnectionEnd {
        match closed {
            CloseReason::TooSlow => {
                ConnectionEnd::Close(CloseCode::Again, "reading too slowly; resume with your cursor")
            }
            CloseReason::SessionEnded => ConnectionEnd::Close(CloseCode::from(4001), "session ended"),
            CloseReason::Failed => INTERNAL_ERROR,
            CloseReason::Stopping => {
                // Commands that were received before are still run, and their responses sent.
                let responses = timeout(CLOSE_TIMEOUT, self.responses.by_ref().try_collect::<Vec<_>>()).await;
                let written = match responses.unwrap_or(Ok(Vec::new())) {
                    Ok(responses) => self.write(responses.into_iter().map(|response| response.text).collect()).await,
                    Err(end) => Err(end),
                };
                written.err().unwrap_or(ConnectionEnd::Close(CloseCode::Restart, "restarting; reconnect"))
            }
        }
    }

    /// Sends a close frame, and waits a little for the client's.
    async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let close_handshake = async {
            if self.socket.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, close_handshake).await;
    }

    /// Receives the rest of what the client is writing: closing the connection earlier would lose our close frame.
    async fn drain(&mut self) {
        let mut rest = [0; 1024];
        let stream = self.socket.get_mut();
        let _ = timeout(CLOSE_TIMEOUT, async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} }).await;
    }
}

fn text(frame: &ServerFrame) -> Result<String, ConnectionEnd> {
    serde_json::to_string(frame).map_err(|error| {
        tracing::error!(%error, "cannot serialise a frame");
        INTERNAL_ERROR
    })
}

/// A text frame. What we send was serialised as JSON, so it is valid UTF-8: a raw frame saves the check on each
/// delivery.
fn frame(text: Bytes) -> Message {
    Message::Frame(Frame::message(text, TEXT, true))
}

async fn write_large<S>(socket: &mut WebSocketStream<S>, text: Bytes) -> Result<(), ConnectionEnd>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    socket.flush().await?;
    // The buffer is empty now, so what bypasses it keeps its order.
    let header = FrameHeader { opcode: TEXT, ..FrameHeader::default() };
    let mut head = Vec::with_capacity(header.len(text.len() as u64));
    header.format(text.len() as u64, &mut head)?;
    let mut whole = Buf::chain(head.as_slice(), text);
    socket.get_mut().write_all_buf(&mut whole).await.map_err(|_| ConnectionEnd::Disconnected)
}

/// A client that accepts no data would not accept a close frame either.
async fn with_write_timeout(writing: impl Future<Output = Result<(), ConnectionEnd>>) -> Result<(), ConnectionEnd> {
    timeout(WRITE_TIMEOUT, writing).await.unwrap_or(Err(ConnectionEnd::Disconnected))
}

impl From<tungstenite::Error> for ConnectionEnd {
    fn from(_: tungstenite::Error) -> Self {
        Self::Disconnected
    }
}

fn refusal(error: &tungstenite::Error) -> ConnectionEnd {
    match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            const { assert!(FRAME_BYTES == 128 * 1024, "the reason names the limit") };
            ConnectionEnd::Refuse(CloseCode::Size, "a frame can have at most 131072 bytes")
        }
        tungstenite::Error::Utf8(_) => ConnectionEnd::Refuse(CloseCode::Invalid, "text frames must be UTF-8"),
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            ConnectionEnd::Disconnected
        }
        tungstenite::Error::Protocol(_) => {
            ConnectionEnd::Refuse(CloseCode::Protocol, "invalid WebSocket frame (RFC 6455)")
        }
        _ => ConnectionEnd::Disconnected,
    }
}

#[cfg(test)]
mod tests;
