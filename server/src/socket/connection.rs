//! One open WebSocket: its events, its commands, and how it is closed.

use super::{
    commands::{CommandFrame, check_rate},
    writing::{self, WriteError},
};
use crate::{rate_limit::Bucket, request_id::RequestId, state::AppState};
use bytes::Bytes;
use domain::{CloseReason, Subscription};
use futures::{FutureExt, SinkExt, StreamExt, future::BoxFuture, stream::FuturesOrdered};
use protocol::{
    error::{Code, Error},
    frame::ServerFrame,
    limits::FRAME_BYTES,
    session::Caller,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        error::CapacityError,
        protocol::{CloseFrame, frame::coding::CloseCode},
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
/// How long we wait for the client's close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The capacity that a backlog may leave allocated.
const RETAINED_FRAME_CAPACITY: usize = 128;

/// The connection of one client.
pub struct Connection<S> {
    socket: WebSocketStream<S>,
    subscription: Subscription,
    /// Text frames to write, one or several in each item. They bypass the library, which would copy them.
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
    frame: Bytes,
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
        self.finish_commands().await;
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
        self.frames.push(writing::encode(&ServerFrame::Hello { user_id, session_id, cursor, resumed })?);
        if let Err(reason) = start {
            self.frames.push(writing::encode(&ServerFrame::Reset { reason })?);
        }
        self.write().await
    }

    async fn run_loop(&mut self) -> ConnectionEnd {
        let mut ticks = interval(PING_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        loop {
            // What the client sends comes first: only some commands can be in progress, and other frames are limited.
            let event = tokio::select! {
                biased;
                frame = self.socket.next(), if self.has_capacity() => SocketEvent::Incoming(frame),
                Some(response) = self.responses.next(), if !self.responses.is_empty() => {
                    SocketEvent::Response(response)
                }
                received = self.subscription.next(&mut self.frames) => SocketEvent::Frames(received),
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
        let received = match event {
            SocketEvent::Frames(received) => Some(received),
            SocketEvent::Response(response) => {
                self.add_response(response?);
                self.subscription.next(&mut self.frames).now_or_never()
            }
            SocketEvent::Incoming(frame) => return self.on_frame(frame).await,
            SocketEvent::Ping => return self.ping().await,
        };
        // What else is ready is sent with the same write.
        while let Some(Some(response)) = self.responses.next().now_or_never() {
            self.add_response(response?);
        }
        self.write().await?;
        match received {
            Some(Err(closed)) => Err(self.on_closed(closed).await),
            _ => Ok(()),
        }
    }

    fn add_response(&mut self, response: CommandResponse) {
        self.in_flight_bytes -= response.command_bytes;
        self.frames.push(response.frame);
    }

    /// Writes what waits to be written.
    async fn write(&mut self) -> Result<(), ConnectionEnd> {
        let mut frames = std::mem::take(&mut self.frames);
        writing::write(self.socket.get_mut(), &mut frames).await?;
        frames.clear();
        frames.shrink_to(RETAINED_FRAME_CAPACITY);
        self.frames = frames;
        Ok(())
    }

    async fn on_frame(&mut self, frame: Option<Result<Message, tungstenite::Error>>) -> Result<(), ConnectionEnd> {
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
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                if check_rate(&self.context.state, &self.context.caller, Bucket::Read).is_err() {
                    self.count_refused()?;
                }
                return self.flush().await;
            }
            Some(Ok(Message::Close(_))) => return self.flush().await,
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
            Ok(CommandResponse { frame: writing::encode(&response)?, command_bytes: bytes })
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
        Ok(writing::with_timeout(self.socket.send(Message::Ping(Bytes::new()))).await?)
    }

    /// Writes the library's answer to a control frame to the end, before anything of ours.
    async fn flush(&mut self) -> Result<(), ConnectionEnd> {
        Ok(writing::with_timeout(self.socket.flush()).await?)
    }

    /// Runs the commands that were received; they count even if the client has closed the connection.
    async fn finish_commands(&mut self) {
        let finish = async {
            while let Some(Ok(response)) = self.responses.next().await {
                self.add_response(response);
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, finish).await;
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
                self.finish_commands().await;
                let written = self.write().await;
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

impl From<WriteError> for ConnectionEnd {
    fn from(error: WriteError) -> Self {
        match error {
            // A client that accepts no data would not accept a close frame either.
            WriteError::Disconnected => Self::Disconnected,
            WriteError::Serialise => INTERNAL_ERROR,
        }
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
