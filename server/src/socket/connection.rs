//! One open WebSocket: what it is told, what it asks, and how it ends.

use super::{commands::Command, upgrade::Socket};
use crate::{request::RequestId, state::Lair};
use bytes::{Buf, Bytes};
use domain::{Closed, Listener};
use futures::{FutureExt, SinkExt, StreamExt, TryStreamExt, future::BoxFuture, stream::FuturesOrdered};
use protocol::{
    error::{Code, Error},
    frame::ServerFrame,
    limits::FRAME_BYTES,
    session::Caller,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::tungstenite::{
    self, Message, Utf8Bytes,
    error::CapacityError,
    protocol::{
        CloseFrame,
        frame::{
            Frame, FrameHeader,
            coding::{CloseCode, Data, OpCode},
        },
    },
};
use tracing::{Instrument, Span};

/// Commands under way at once; with more, we stop reading and the client has to wait.
const IN_FLIGHT: usize = 32;
/// Bytes of commands under way from which on we stop reading as well: an answer may be ten times as large.
const IN_FLIGHT_BYTES: usize = 256 * 1024;
/// How often we look after a client, and ping it.
const BEAT: Duration = Duration::from_secs(25);
/// Beats without a sign of life after which it counts as gone.
const SILENT_BEATS: u8 = 3;
/// How long a client may take to accept what we write.
const WRITE_LIMIT: Duration = Duration::from_secs(20);
/// How long we wait for its goodbye.
const FAREWELL: Duration = Duration::from_secs(2);
/// Frames written before a flush, and within one [`WRITE_LIMIT`].
const AT_ONCE: usize = 64;
/// What the backlog of a client that was away may leave allocated.
const FRAMES_KEPT: usize = 128;
/// A frame from this size on is written past the buffer of its socket, which would stay as large as the largest in it.
const LARGE: usize = 16 * 1024;

/// One client.
pub struct Connection {
    socket: Socket,
    listener: Listener,
    frames: Vec<Bytes>,
    answers: FuturesOrdered<BoxFuture<'static, Result<Answer, End>>>,
    /// Bytes of the commands under way.
    asked: usize,
    asker: Arc<Asker>,
    silent: u8,
    /// Lets the server wait for us when it stops.
    _open: watch::Receiver<bool>,
}

/// What a command was answered.
struct Answer {
    text: String,
    /// Bytes of the command.
    asked: usize,
}

/// Who gives the commands of a connection.
pub struct Asker {
    /// Does them.
    pub lair: Lair,
    /// Who asks.
    pub caller: Caller,
    /// Lets the changes of messages happen in the order in which they were asked for.
    pub turn: tokio::sync::Mutex<()>,
    /// Names the connection to the client.
    pub request_id: RequestId,
    /// Names it in the log. Only commands enter it: telling what happened is too frequent for that.
    pub span: Span,
}

/// How a connection ends.
enum End {
    /// The client has gone.
    Gone,
    /// We end it, and say why.
    Close(CloseCode, &'static str),
    /// As before, but the client may still be writing what we will not read.
    Refuse(CloseCode, &'static str),
}

const TEXT: OpCode = OpCode::Data(Data::Text);

const OUR_MISTAKE: End = End::Close(CloseCode::Error, "a mistake of ours; connect again");

/// What a connection wakes up for.
enum Wake {
    Frames(Result<(), Closed>),
    Answer(Result<Answer, End>),
    Incoming(Option<Result<Message, tungstenite::Error>>),
    Beat,
}

impl Connection {
    /// A connection that has just opened.
    pub fn new(socket: Socket, listener: Listener, asker: Asker, open: watch::Receiver<bool>) -> Self {
        Self {
            socket,
            listener,
            frames: Vec::new(),
            answers: FuturesOrdered::new(),
            asked: 0,
            asker: Arc::new(asker),
            silent: 0,
            _open: open,
        }
    }

    /// Serves the client until one of us has had enough.
    pub async fn run(mut self) {
        let end = match self.greet().await {
            Ok(()) => self.converse().await,
            Err(end) => end,
        };
        match end {
            End::Gone => {}
            End::Close(code, reason) => {
                self.asker.span.in_scope(|| tracing::debug!(%code, reason, "closing a socket"));
                self.close(code, reason).await;
            }
            End::Refuse(code, reason) => {
                self.asker.span.in_scope(|| tracing::debug!(%code, reason, "refusing a socket"));
                self.close(code, reason).await;
                self.discard().await;
            }
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let (start, Caller { user_id, session_id, .. }) = (self.listener.start(), self.asker.caller);
        let (cursor, resumed) = start.unwrap_or((self.listener.cursor(), false));
        let mut frames = vec![text(&ServerFrame::Hello { user_id, session_id, cursor, resumed })?];
        if let Err(reason) = start {
            frames.push(text(&ServerFrame::Reset { reason })?);
        }
        self.write(frames).await
    }

    async fn converse(&mut self) -> End {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        loop {
            let wake = tokio::select! {
                told = self.listener.next(&mut self.frames) => Wake::Frames(told),
                Some(answer) = self.answers.next(), if !self.answers.is_empty() => Wake::Answer(answer),
                frame = self.socket.next(), if self.may_ask() => Wake::Incoming(frame),
                _ = beat.tick() => Wake::Beat,
            };
            if let Err(end) = self.attend(wake).await {
                return end;
            }
        }
    }

    /// Whether another command may be under way beside those that are.
    fn may_ask(&self) -> bool {
        self.answers.len() < IN_FLIGHT && self.asked < IN_FLIGHT_BYTES
    }

    async fn attend(&mut self, wake: Wake) -> Result<(), End> {
        let mut answers = Vec::new();
        match wake {
            Wake::Frames(Ok(())) => {}
            Wake::Frames(Err(closed)) => return Err(self.ended(closed).await),
            Wake::Answer(answer) => answers.push(self.answered(answer?)),
            Wake::Incoming(frame) => return self.hear(frame),
            Wake::Beat => return self.beat().await,
        }
        // What else is ready goes out with the same write.
        while let Some(Some(answer)) = self.answers.next().now_or_never() {
            answers.push(self.answered(answer?));
        }
        self.write(answers).await
    }

    fn answered(&mut self, answer: Answer) -> String {
        self.asked -= answer.asked;
        answer.text
    }

    /// Passes on what happened (the bytes are shared by all who are told the same) and what was answered.
    async fn write(&mut self, answers: Vec<String>) -> Result<(), End> {
        let mut frames = std::mem::take(&mut self.frames);
        let mut texts = frames.drain(..).chain(answers.into_iter().map(Bytes::from)).peekable();
        while texts.peek().is_some() {
            let (socket, batch) = (&mut self.socket, texts.by_ref().take(AT_ONCE));
            in_time(async {
                for text in batch {
                    if text.len() < LARGE {
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
        frames.shrink_to(FRAMES_KEPT);
        self.frames = frames;
        Ok(())
    }

    fn hear(&mut self, frame: Option<Result<Message, tungstenite::Error>>) -> Result<(), End> {
        self.silent = 0;
        let bytes = frame.as_ref().map_or(0, |frame| frame.as_ref().map_or(0, Message::len));
        let command = match frame {
            None => return Err(End::Gone),
            Some(Err(error)) => return Err(refusal(&error)),
            Some(Ok(Message::Text(text))) => Command::read(&text),
            Some(Ok(Message::Binary(_))) => Command::refused(Error::new(
                Code::Malformed,
                "Send commands as JSON in text frames, not in binary ones.",
            )),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => return Ok(()),
        };
        let asker = self.asker.clone();
        let span = asker.span.clone();
        let answer = async move {
            // What changes a message first looks which room it is in: without this, a later change might find it sooner.
            let _turn = if command.is_change() { Some(asker.turn.lock().await) } else { None };
            let answer = command.perform(&asker.lair, &asker.caller, &asker.request_id.0).await;
            text(&answer).map(|text| Answer { text, asked: bytes })
        };
        self.asked += bytes;
        self.answers.push_back(answer.instrument(span).boxed());
        Ok(())
    }

    async fn beat(&mut self) -> Result<(), End> {
        self.silent += 1;
        if self.silent >= SILENT_BEATS {
            return Err(End::Gone);
        }
        in_time(async { Ok(self.socket.send(Message::Ping(Bytes::new())).await?) }).await
    }

    /// The service has stopped telling us things.
    async fn ended(&mut self, closed: Closed) -> End {
        match closed {
            Closed::TooSlow => End::Close(CloseCode::Again, "you read too slowly; resume with your cursor"),
            Closed::SessionEnded => End::Close(CloseCode::from(4001), "session ended"),
            Closed::Failed => OUR_MISTAKE,
            Closed::Stopping => {
                // What was asked before is still done and answered.
                let answers = timeout(FAREWELL, self.answers.by_ref().try_collect::<Vec<_>>()).await;
                let told = match answers.unwrap_or(Ok(Vec::new())) {
                    Ok(answers) => self.write(answers.into_iter().map(|answer| answer.text).collect()).await,
                    Err(end) => Err(end),
                };
                told.err().unwrap_or(End::Close(CloseCode::Restart, "restarting; connect again"))
            }
        }
    }

    /// Says goodbye, and waits a little for the client to say it too.
    async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let goodbye = async {
            if self.socket.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        let _ = timeout(FAREWELL, goodbye).await;
    }

    /// Lets the rest of what the client is writing arrive: hanging up on it would lose our goodbye.
    async fn discard(&mut self) {
        let mut rest = [0; 1024];
        let stream = self.socket.get_mut();
        let _ = timeout(FAREWELL, async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} }).await;
    }
}

fn text(frame: &ServerFrame) -> Result<String, End> {
    serde_json::to_string(frame).map_err(|error| {
        tracing::error!(%error, "a frame cannot be written");
        OUR_MISTAKE
    })
}

/// A text frame. What we send was written as JSON, so it is text already: a bare frame spares each delivery the check.
fn frame(text: Bytes) -> Message {
    Message::Frame(Frame::message(text, TEXT, true))
}

async fn write_large(socket: &mut Socket, text: Bytes) -> Result<(), End> {
    socket.flush().await?;
    // Now the buffer is empty, and what is written past it comes in its turn.
    let header = FrameHeader { opcode: TEXT, ..FrameHeader::default() };
    let mut head = Vec::with_capacity(header.len(text.len() as u64));
    header.format(text.len() as u64, &mut head)?;
    let mut whole = Buf::chain(head.as_slice(), text);
    socket.get_mut().write_all_buf(&mut whole).await.map_err(|_| End::Gone)
}

/// A client that takes nothing would not take a goodbye either.
async fn in_time(writing: impl Future<Output = Result<(), End>>) -> Result<(), End> {
    timeout(WRITE_LIMIT, writing).await.unwrap_or(Err(End::Gone))
}

impl From<tungstenite::Error> for End {
    fn from(_: tungstenite::Error) -> Self {
        Self::Gone
    }
}

fn refusal(error: &tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            const { assert!(FRAME_BYTES == 128 * 1024, "the reason names the limit") };
            End::Refuse(CloseCode::Size, "a frame can have at most 131072 bytes")
        }
        tungstenite::Error::Utf8(_) => End::Refuse(CloseCode::Invalid, "text frames are UTF-8"),
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        tungstenite::Error::Protocol(_) => End::Refuse(CloseCode::Protocol, "not WebSocket as RFC 6455 has it"),
        _ => End::Gone,
    }
}
