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
use gloo_net::websocket::{Message as Frame, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use protocol::{
    command::{MarkRead, SendMessage},
    error::Code,
    event::Change,
    frame::{ClientFrame, ServerFrame, SocketCommand},
    id::{ClientId, MessageId, RoomId, SessionId},
};
use std::pin::pin;

/// Interval of the heartbeat check, in milliseconds.
const TICK: u32 = 4_000;

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
            Some(cursor) => Connection::open(live, &format!("/api/v1/ws?cursor={cursor}")).run(&mut requests).await,
            None => ConnectionEnd::Closed,
        };
        live.outbox.requeue_in_flight();
        match end {
            ConnectionEnd::Closed => return,
            ConnectionEnd::SignedOut if live.ending_session.try_get_value() == Some(true) => return,
            ConnectionEnd::SignedOut => return redirect_to_sign_in(),
            ConnectionEnd::OtherUser => return page_user::leave_page(),
            ConnectionEnd::Reset => match api::get_snapshot().await {
                Ok(Wire(snapshot)) => live.restart(&snapshot),
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

/// One connection, from opening to end.
struct Connection {
    live: Live,
    socket: Option<WebSocket>,
    session: Option<SessionId>,
    heartbeat: Heartbeat,
    caught_up: bool,
    last_command_id: u64,
    /// Messages that were sent and not acknowledged, by command id.
    in_flight: Vec<(u64, ClientId)>,
    /// Read markers that were sent and not acknowledged, by command id.
    reads_in_flight: Vec<(u64, (RoomId, MessageId))>,
}

impl Connection {
    fn open(live: Live, url: &str) -> Self {
        let heartbeat = Heartbeat::new(browser::now().0);
        let socket = WebSocket::open(url).ok();
        let (in_flight, reads_in_flight) = (Vec::new(), Vec::new());
        Self {
            live,
            socket,
            session: None,
            heartbeat,
            caught_up: false,
            last_command_id: 0,
            in_flight,
            reads_in_flight,
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
            Request::Drop => Err(self.lost()),
            Request::Check => self.check_heartbeat(true).await,
            // Before that, the session may not be established yet; afterwards everything that waits is sent anyway.
            _ if !self.caught_up => Ok(()),
            Request::Flush => self.flush().await,
        }
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
        // An unknown kind of frame comes from a newer server: ignore it.
        let Ok(Wire(frame)) = serde_json::from_str(text) else { return Ok(()) };
        match frame {
            ServerFrame::Hello { user_id, .. } if user_id != self.live.my_id() => return Err(ConnectionEnd::OtherUser),
            ServerFrame::Hello { session_id, .. } => self.session = Some(session_id),
            // Nothing is applied or sent before the connection's user is known.
            _ if self.session.is_none() => return Err(self.lost()),
            ServerFrame::Live { cursor } => {
                self.caught_up = true;
                self.live.cursor.set_value(cursor);
                self.live.connection.set(ConnectionState::Live);
                if self.live.reopen_failed.try_update_value(std::mem::take) == Some(true) {
                    self.live.joined_version.update(|count| *count += 1);
                }
                return self.flush().await;
            }
            ServerFrame::Reset { .. } => return Err(ConnectionEnd::Reset),
            ServerFrame::Presence { .. } => {}
            ServerFrame::Event(event) => {
                if let Change::SessionEnded(ended) = &event.change
                    && Some(ended.session_id) == self.session
                {
                    return Err(ConnectionEnd::SignedOut);
                }
                self.live.apply(&event);
            }
            ServerFrame::Ack { id, data } => {
                self.read_acked(id);
                if let Some(client_id) = self.take_in_flight(id) {
                    self.live.on_ack(&client_id, data.as_ref());
                }
            }
            ServerFrame::Error { id, error } => {
                if let Some(id) = id {
                    self.read_acked(id);
                }
                if let Some(client_id) = id.and_then(|id| self.take_in_flight(id)) {
                    match error.code {
                        // Not caused by the message: retry on a new connection, after a delay.
                        Code::Busy | Code::DiskFull | Code::Internal | Code::TimedOut | Code::NotSignedIn => {
                            return Err(ConnectionEnd::Lost(false));
                        }
                        _ => self.live.outbox.set_state(&client_id, SendState::Rejected(error.detail)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends all pending read markers and waiting messages.
    async fn flush(&mut self) -> Result<(), ConnectionEnd> {
        for read in self.live.pending_reads.try_get_value().unwrap_or_default() {
            if self.reads_in_flight.iter().all(|(_, sent)| *sent != read) {
                let (room_id, message_id) = read;
                let number =
                    self.send_command(SocketCommand::MarkRead { room_id, marker: MarkRead { message_id } }).await?;
                self.reads_in_flight.push((number, read));
            }
        }
        for item in self.live.outbox.waiting() {
            self.live.outbox.set_state(&item.client_id, SendState::InFlight);
            let client_id = item.client_id.clone();
            let message = SendMessage { body: item.body, client_id: item.client_id };
            let command = SocketCommand::Send { room_id: item.room_id, message };
            let number = self.send_command(command).await?;
            self.in_flight.push((number, client_id));
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

    /// The server has acknowledged a read marker; it is not sent again.
    fn read_acked(&mut self, number: u64) {
        if let Some(index) = self.reads_in_flight.iter().position(|(id, _)| *id == number) {
            let (_, read) = self.reads_in_flight.swap_remove(index);
            self.live.pending_reads.update_value(|reads| reads.retain(|other| *other != read));
        }
    }

    fn take_in_flight(&mut self, number: u64) -> Option<ClientId> {
        let index = self.in_flight.iter().position(|(id, _)| *id == number)?;
        Some(self.in_flight.swap_remove(index).1)
    }
}
