//! The WebSocket connection: reopened whenever it is lost, and resumed at the last cursor.

use crate::{
    api::{self, Wire},
    browser,
    live::{
        Live, Request, SendState, back_off,
        heartbeat::{Heartbeat, HeartbeatAction},
    },
    page_user,
};
use futures::{
    SinkExt, StreamExt,
    channel::mpsc::{self, UnboundedReceiver},
    future::{Either, select},
};
use gloo_net::websocket::{Message as Frame, State, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use protocol::{
    command::{MarkRead, SendMessage},
    error::{Code, Error},
    event::{Change, EventKind},
    frame::{AckData, ClientFrame, ServerFrame, SocketCommand},
    id::{ClientId, MessageId, RoomId, SessionId},
};
use std::{pin::pin, time::Duration};

/// Interval of the heartbeat check, in milliseconds.
const TICK: u32 = 4_000;

/// Who has missed more events than this starts again from a snapshot: that is less than replaying them.
const MAX_REPLAY: u32 = 200;

/// A message that the server fails to store so often is given up, so that those after it are sent.
const MAX_ATTEMPTS: u32 = 20;

/// State of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Connecting, for the first time or after a short loss.
    Connecting,
    /// Connected: events arrive as they happen.
    Live,
    /// Not connected; it is retried until it succeeds.
    Offline,
}

impl ConnectionState {
    /// Its value in `data-live`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }
}

/// Why a connection to the server ended.
enum ConnectionEnd {
    /// The page is disposed.
    Closed,
    /// The user is signed out.
    SignedOut,
    /// Another user is signed in.
    OtherUser,
    /// The missed events cannot be replayed.
    Reset,
    /// The connection was lost; whether it had caught up before.
    Lost(bool),
}

/// Keeps the page connected from hydration until it is disposed.
pub fn start(live: Live) {
    Effect::new(move || {
        if !live.started.get() {
            return;
        }
        let (requests, receiver) = mpsc::unbounded();
        live.requests.set_value(Some(requests));
        live.outbox.load();
        live.listen();
        spawn_local(connection_loop(live, receiver));
    });
    Effect::new(move || browser::set_data_attribute("live", live.connection.get().name()));
    // When the page is disposed, its request channel closes, and with it the connection.
    on_cleanup(move || {
        live.requests.try_update_value(Option::take);
    });
}

async fn connection_loop(live: Live, mut requests: UnboundedReceiver<Request>) {
    let mut failures = 0;
    loop {
        let end = match live.cursor.try_get_value() {
            Some(cursor) => {
                let url = format!("/api/v1/ws?cursor={cursor}&max_replay={MAX_REPLAY}");
                Connection::open(live, &url).run(&mut requests).await
            }
            None => ConnectionEnd::Closed,
        };
        live.apply_arrived();
        live.outbox.requeue_in_flight();
        match end {
            ConnectionEnd::Closed => return,
            ConnectionEnd::SignedOut if live.ending_session.try_get_value() == Some(true) => return,
            ConnectionEnd::SignedOut => return redirect_to_sign_in(),
            ConnectionEnd::OtherUser => return page_user::leave_page(),
            ConnectionEnd::Reset => match api::get_snapshot().await {
                Ok(Wire(snapshot)) => {
                    failures = 0;
                    live.restart(&snapshot);
                }
                Err(failure) => match failure.code() {
                    Code::NotSignedIn => return redirect_to_sign_in(),
                    Code::OtherUser => return,
                    _ => failures += 1,
                },
            },
            ConnectionEnd::Lost(true) => {
                failures = 0;
                live.connection.set(if browser::online() {
                    ConnectionState::Connecting
                } else {
                    ConnectionState::Offline
                });
            }
            ConnectionEnd::Lost(false) => {
                failures += 1;
                live.connection.set(ConnectionState::Offline);
                // A browser does not report why a socket was refused; this request does, and it refreshes the session
                // as well.
                let refused = if browser::online() { api::check_session().await.err() } else { None };
                match refused.map(|failure| failure.code()) {
                    Some(Code::NotSignedIn) => return redirect_to_sign_in(),
                    Some(Code::OtherUser) => return,
                    _ => {}
                }
            }
        }
        if !wait(&mut requests, failures).await {
            return;
        }
    }
}

/// Waits before the next attempt, or until there is reason to expect that it would work now; false when the page is
/// gone.
async fn wait(requests: &mut UnboundedReceiver<Request>, failures: u32) -> bool {
    // An offline browser reports when it is online again. It may be wrong about a server on this machine, so retry
    // anyway, with the longest delay.
    let failures = if browser::online() { failures } else { u32::MAX };
    let pause = back_off::delay(failures, js_sys::Math::random()).as_millis();
    let mut pause = pin!(TimeoutFuture::new(u32::try_from(pause).unwrap_or(u32::MAX)));
    loop {
        match select(requests.next(), pause.as_mut()).await {
            Either::Left((None, _)) => return false,
            Either::Left((Some(Request::Check), _)) | Either::Right(_) => return true,
            // Messages sent meanwhile wait in the outbox.
            Either::Left((Some(_), _)) => {}
        }
    }
}

/// The session has ended: redirects to sign-in, and back here afterwards.
fn redirect_to_sign_in() {
    let here = browser::path_and_query() + &browser::fragment();
    browser::navigate(&format!("/sign-in?done=ended&next={}", browser::encode(&here)));
}

fn is_known_event(text: &str) -> bool {
    let frame = serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
    frame["type"].as_str().and_then(EventKind::parse).is_some()
}

/// One connection, from opening to end.
struct Connection {
    live: Live,
    socket: Option<WebSocket>,
    session: Option<SessionId>,
    heartbeat: Heartbeat,
    caught_up: bool,
    last_command_id: u64,
    /// The message that was sent and not acknowledged, with its command id.
    in_flight: Option<(u64, ClientId)>,
    /// Read markers that were sent and not acknowledged, by command id.
    reads_in_flight: Vec<(u64, (RoomId, MessageId))>,
}

impl Connection {
    fn open(live: Live, url: &str) -> Self {
        let heartbeat = Heartbeat::new(browser::now().0);
        let socket = WebSocket::open(url).ok();
        Self {
            live,
            socket,
            session: None,
            heartbeat,
            caught_up: false,
            last_command_id: 0,
            in_flight: None,
            reads_in_flight: Vec::new(),
        }
    }

    async fn run(mut self, requests: &mut UnboundedReceiver<Request>) -> ConnectionEnd {
        loop {
            let Some(socket) = self.socket.as_mut() else { return ConnectionEnd::Lost(false) };
            let frame = select(socket.next(), TimeoutFuture::new(TICK));
            let done = match select(requests.next(), frame).await {
                Either::Left((None, _)) => Err(ConnectionEnd::Closed),
                Either::Left((Some(request), _)) => self.on_request(request).await,
                Either::Right((Either::Left((Some(Ok(Frame::Text(text))), _)), _)) => self.on_frame(&text).await,
                Either::Right((Either::Left((Some(Ok(Frame::Bytes(_))), _)), _)) => Ok(()),
                Either::Right((Either::Left((None | Some(Err(_)), _)), _)) => Err(self.lost()),
                Either::Right((Either::Right(_), _)) => self.check_heartbeat(false).await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    const fn lost(&self) -> ConnectionEnd {
        ConnectionEnd::Lost(self.caught_up)
    }

    async fn on_request(&mut self, request: Request) -> Result<(), ConnectionEnd> {
        match request {
            // The browser gives up connecting by itself, and complains of a socket that is closed before it is open.
            Request::Drop if self.is_connecting() => Ok(()),
            Request::Drop => Err(self.lost()),
            Request::Check => self.check_heartbeat(true).await,
            // Before that, the session may not be established yet; afterwards everything that waits is sent anyway.
            _ if !self.caught_up => Ok(()),
            Request::Flush => self.flush().await,
        }
    }

    fn is_connecting(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| matches!(socket.state(), State::Connecting))
    }

    async fn check_heartbeat(&mut self, force: bool) -> Result<(), ConnectionEnd> {
        match self.heartbeat.tick(browser::now().0, force && self.caught_up) {
            HeartbeatAction::Ping if self.caught_up => self.send_command(SocketCommand::Ping {}).await.map(|_| ()),
            HeartbeatAction::Ping | HeartbeatAction::Ok => Ok(()),
            HeartbeatAction::Timeout => Err(self.lost()),
        }
    }

    async fn on_frame(&mut self, text: &str) -> Result<(), ConnectionEnd> {
        self.heartbeat.on_received(browser::now().0);
        let Ok(Wire(frame)) = serde_json::from_str(text) else {
            // An event of a known kind with other data comes from a newer server, too, but must not be left out.
            return if is_known_event(text) { Err(ConnectionEnd::Reset) } else { Ok(()) };
        };
        match frame {
            ServerFrame::Hello { user_id, .. } if user_id != self.live.my_id() => return Err(ConnectionEnd::OtherUser),
            ServerFrame::Hello { session_id, .. } => self.session = Some(session_id),
            // Nothing is applied or sent before the connection's user is known.
            _ if self.session.is_none() => return Err(self.lost()),
            ServerFrame::Live { cursor } => {
                self.live.apply_arrived();
                self.caught_up = true;
                self.live.cursor.set_value(cursor);
                self.live.connection.set(ConnectionState::Live);
                if self.live.reopen_failed.try_update_value(std::mem::take) == Some(true) {
                    self.live.open_again(None);
                    self.live.reset_version.update(|count| *count += 1);
                }
                return self.flush().await;
            }
            ServerFrame::Reset { .. } => return Err(ConnectionEnd::Reset),
            ServerFrame::Presence { .. } | ServerFrame::Error { id: None, .. } => {}
            ServerFrame::Event(event) => {
                if let Change::SessionEnded(ended) = &event.change
                    && Some(ended.session_id) == self.session
                {
                    return Err(ConnectionEnd::SignedOut);
                }
                self.live.enqueue(*event);
            }
            ServerFrame::Ack { id, data } => {
                if let Some(read) = self.take_read(id) {
                    self.remove_read(read);
                }
                if let Some(client_id) = self.take_in_flight(id) {
                    let sent =
                        data.as_ref().and_then(|data| if let AckData::Sent(sent) = data { Some(sent) } else { None });
                    self.live.on_ack(&client_id, sent);
                    return self.flush().await;
                }
            }
            ServerFrame::Error { id: Some(id), error } => return self.on_refused(id, error.into()).await,
        }
        Ok(())
    }

    /// The server has refused a command. What it may accept later is sent again.
    async fn on_refused(&mut self, number: u64, error: Error) -> Result<(), ConnectionEnd> {
        let is_temporary = matches!(
            error.code,
            Code::Busy | Code::DiskFull | Code::Internal | Code::TimedOut | Code::NotSignedIn | Code::RateLimited
        );
        // A marker that fails for an unknown reason is not repeated: the next one of its room says more.
        let repeats_read = is_temporary && error.code != Code::Internal;
        let flush_later = {
            let (live, delay) = (self.live, Duration::from_secs(error.retry_after.unwrap_or(1).into()));
            move || set_timeout(move || live.flush(), delay)
        };
        if let Some(read) = self.take_read(number) {
            if repeats_read {
                flush_later();
            } else {
                self.remove_read(read);
            }
        }
        let Some(client_id) = self.take_in_flight(number) else { return Ok(()) };
        let gives_up = matches!(error.code, Code::Internal | Code::TimedOut)
            && self.live.outbox.count_failure(&client_id) >= MAX_ATTEMPTS;
        if matches!(error.code, Code::RateLimited | Code::SlowMode) {
            self.live.outbox.set_state(&client_id, SendState::Waiting);
            flush_later();
            return Ok(());
        }
        if is_temporary && !gives_up {
            // Not caused by what was sent: retry on a new connection, after a delay.
            return Err(ConnectionEnd::Lost(false));
        }
        self.live.outbox.set_state(&client_id, SendState::Rejected(error.detail));
        self.flush().await
    }

    /// Sends all pending read markers, and the first waiting message.
    async fn flush(&mut self) -> Result<(), ConnectionEnd> {
        for read in self.live.pending_reads.try_get_value().unwrap_or_default() {
            if self.reads_in_flight.iter().all(|(_, sent)| *sent != read) {
                let (room_id, message_id) = read;
                let number =
                    self.send_command(SocketCommand::MarkRead { room_id, marker: MarkRead { message_id } }).await?;
                self.reads_in_flight.push((number, read));
            }
        }
        // One at a time: if a message is refused for now, the next one must not overtake it.
        if self.in_flight.is_none()
            && let Some(item) = self.live.outbox.first_waiting()
        {
            self.live.outbox.set_state(&item.client_id, SendState::InFlight);
            let client_id = item.client_id.clone();
            let message = SendMessage { body: item.body, client_id: item.client_id };
            let command = SocketCommand::Send { room_id: item.room_id, message };
            let number = self.send_command(command).await?;
            self.in_flight = Some((number, client_id));
        }
        Ok(())
    }

    async fn send_command(&mut self, command: SocketCommand) -> Result<u64, ConnectionEnd> {
        self.last_command_id += 1;
        let text = serde_json::to_string(&ClientFrame { id: self.last_command_id, command }).unwrap_or_default();
        let sent = match self.socket.as_mut() {
            Some(socket) => socket.send(Frame::Text(text)).await.is_ok(),
            None => false,
        };
        if sent { Ok(self.last_command_id) } else { Err(self.lost()) }
    }

    fn take_read(&mut self, number: u64) -> Option<(RoomId, MessageId)> {
        let index = self.reads_in_flight.iter().position(|(id, _)| *id == number)?;
        Some(self.reads_in_flight.swap_remove(index).1)
    }

    /// Does not send a read marker again.
    fn remove_read(&self, read: (RoomId, MessageId)) {
        self.live.pending_reads.update_value(|reads| reads.retain(|other| *other != read));
    }

    fn take_in_flight(&mut self, number: u64) -> Option<ClientId> {
        self.in_flight.take_if(|(id, _)| *id == number).map(|(_, client_id)| client_id)
    }
}
