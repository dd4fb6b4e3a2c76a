//! The one socket: opened again whenever it is lost, and resumed where it was.

use super::{
    Live, Order, Standing, back_off,
    pulse::{Beat, Pulse},
};
use crate::{
    api::{self, Wire},
    browser, page_user,
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
    error::Code,
    event::Change,
    frame::{ClientFrame, ServerFrame, SocketCommand},
    id::{ClientId, MessageId, RoomId, SessionId},
};
use std::pin::pin;

/// How often the clock is looked at, in milliseconds.
const TICK: u32 = 4_000;

/// How the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// On its way, for the first time or after a moment's loss.
    Connecting,
    /// Everything that happens arrives as it happens.
    Live,
    /// Gone; it is tried again and again.
    Offline,
}

impl Link {
    /// Its name in `data-live`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }
}

/// Why a conversation with the server ended.
enum End {
    /// The page is gone.
    Closed,
    /// The person is signed out.
    SignedOut,
    /// Somebody else is signed in.
    OtherUser,
    /// What was missed cannot be told.
    Reset,
    /// The connection was lost, and whether it had been live.
    Lost(bool),
}

/// Keeps the page connected from when it runs in a browser until it is gone.
pub fn start(live: Live) {
    Effect::new(move || {
        if !live.begun.get() {
            return;
        }
        let (orders, receiver) = mpsc::unbounded();
        live.orders.set_value(Some(orders));
        live.outbox.load();
        live.listen();
        spawn_local(keep_connected(live, receiver));
    });
    Effect::new(move || browser::mark_page("live", live.link.get().name()));
    // Once the page is gone, its orders end, and with them the connection.
    on_cleanup(move || {
        live.orders.try_update_value(Option::take);
    });
}

async fn keep_connected(live: Live, mut orders: UnboundedReceiver<Order>) {
    let mut failures = 0;
    loop {
        let end = match live.cursor.try_get_value() {
            Some(cursor) => Conversation::open(live, &format!("/api/v1/ws?cursor={cursor}")).hold(&mut orders).await,
            None => End::Closed,
        };
        live.outbox.take_back();
        match end {
            End::Closed => return,
            End::SignedOut if live.leaving.try_get_value() == Some(true) => return,
            End::SignedOut => return leave(),
            End::OtherUser => return page_user::leave(),
            End::Reset => match api::read_snapshot().await {
                Ok(Wire(snapshot)) => live.restart(&snapshot),
                Err(failure) => match failure.code() {
                    Code::NotSignedIn => return leave(),
                    Code::OtherUser => return,
                    _ => failures += 1,
                },
            },
            End::Lost(true) => {
                failures = 0;
                live.link.set(if browser::online() { Link::Connecting } else { Link::Offline });
            }
            End::Lost(false) => {
                failures += 1;
                live.link.set(Link::Offline);
                // A browser does not say why a socket was refused; this does, and renews the sign-in in passing.
                let refused = if browser::online() { api::still_here().await.err() } else { None };
                match refused.map(|failure| failure.code()) {
                    Some(Code::NotSignedIn) => return leave(),
                    Some(Code::OtherUser) => return,
                    _ => {}
                }
            }
        }
        if !wait(&mut orders, failures).await {
            return;
        }
    }
}

/// Waits before the next try, or until someone has reason to think that it would work now; false when the page is gone.
async fn wait(orders: &mut UnboundedReceiver<Order>, failures: u32) -> bool {
    // A browser that knows of no network says when it finds one; it may be wrong about a server on this machine.
    let failures = if browser::online() { failures } else { u32::MAX };
    let pause = back_off::pause(failures, js_sys::Math::random()).as_millis();
    let mut pause = pin!(TimeoutFuture::new(u32::try_from(pause).unwrap_or(u32::MAX)));
    loop {
        match select(orders.next(), pause.as_mut()).await {
            Either::Left((None, _)) => return false,
            Either::Left((Some(Order::Check), _)) | Either::Right(_) => return true,
            // What is said meanwhile waits in the outbox.
            Either::Left((Some(_), _)) => {}
        }
    }
}

/// The session is over: on to the door, and back here afterwards.
fn leave() {
    browser::go(&format!("/sign-in?done=ended&next={}", browser::encode(&browser::here())));
}

/// One connection, from opening to end.
struct Conversation {
    live: Live,
    socket: Option<WebSocket>,
    session: Option<SessionId>,
    pulse: Pulse,
    caught_up: bool,
    number: u64,
    /// Messages on their way, by the number of their command.
    on_the_way: Vec<(u64, ClientId)>,
    /// Marks on their way, likewise.
    marks: Vec<(u64, (RoomId, MessageId))>,
}

impl Conversation {
    fn open(live: Live, url: &str) -> Self {
        let pulse = Pulse::new(browser::now().0);
        let socket = WebSocket::open(url).ok();
        let (on_the_way, marks) = (Vec::new(), Vec::new());
        Self { live, socket, session: None, pulse, caught_up: false, number: 0, on_the_way, marks }
    }

    async fn hold(mut self, orders: &mut UnboundedReceiver<Order>) -> End {
        loop {
            let Some(socket) = self.socket.as_mut() else { return End::Lost(false) };
            let frame = select(socket.next(), TimeoutFuture::new(TICK));
            let done = match select(orders.next(), frame).await {
                Either::Left((None, _)) => Err(End::Closed),
                Either::Left((Some(order), _)) => self.obey(order).await,
                Either::Right((Either::Left((Some(Ok(Frame::Text(text))), _)), _)) => self.hear(&text).await,
                Either::Right((Either::Left((Some(Ok(Frame::Bytes(_))), _)), _)) => Ok(()),
                Either::Right((Either::Left((None | Some(Err(_)), _)), _)) => Err(self.lost()),
                Either::Right((Either::Right(_), _)) => self.look_at_the_clock(false).await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    const fn lost(&self) -> End {
        End::Lost(self.caught_up)
    }

    async fn obey(&mut self, order: Order) -> Result<(), End> {
        match order {
            Order::Drop => Err(self.lost()),
            Order::Check => self.look_at_the_clock(true).await,
            // Before that, the other side may not know yet who we are; afterwards everything that waits is sent anyway.
            _ if !self.caught_up => Ok(()),
            Order::Flush => self.flush().await,
        }
    }

    async fn look_at_the_clock(&mut self, doubt: bool) -> Result<(), End> {
        match self.pulse.feel(browser::now().0, doubt && self.caught_up) {
            Beat::Ask if self.caught_up => self.command(SocketCommand::Ping {}).await.map(|_| ()),
            Beat::Ask | Beat::Well => Ok(()),
            Beat::Dead => Err(self.lost()),
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), End> {
        self.pulse.heard(browser::now().0);
        // A kind of frame that this page does not know yet is from a newer server: it is passed over.
        let Ok(Wire(frame)) = serde_json::from_str(text) else { return Ok(()) };
        match frame {
            ServerFrame::Hello { user_id, .. } if user_id != self.live.my_id() => return Err(End::OtherUser),
            ServerFrame::Hello { session_id, .. } => self.session = Some(session_id),
            // Nothing is taken or sent before it is known whose connection this is.
            _ if self.session.is_none() => return Err(self.lost()),
            ServerFrame::Live { cursor } => {
                self.caught_up = true;
                self.live.cursor.set_value(cursor);
                self.live.link.set(Link::Live);
                if self.live.missed.try_update_value(std::mem::take) == Some(true) {
                    self.live.entered.update(|count| *count += 1);
                }
                return self.flush().await;
            }
            ServerFrame::Reset { .. } => return Err(End::Reset),
            ServerFrame::Presence { .. } => {}
            ServerFrame::Event(event) => {
                if let Change::SessionEnded(ended) = &event.change
                    && Some(ended.session_id) == self.session
                {
                    return Err(End::SignedOut);
                }
                self.live.apply(&event);
            }
            ServerFrame::Ack { id, data } => {
                self.marked(id);
                if let Some(client_id) = self.answered(id) {
                    self.live.said(&client_id, data.as_ref());
                }
            }
            ServerFrame::Error { id, error } => {
                if let Some(id) = id {
                    self.marked(id);
                }
                if let Some(client_id) = id.and_then(|id| self.answered(id)) {
                    match error.code {
                        // Not the message's fault: a new connection tries again, after a pause.
                        Code::Busy | Code::DiskFull | Code::Internal | Code::TimedOut | Code::NotSignedIn => {
                            return Err(End::Lost(false));
                        }
                        _ => self.live.outbox.stand(&client_id, Standing::Refused(error.detail)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends everything that waits.
    async fn flush(&mut self) -> Result<(), End> {
        for mark in self.live.marks.try_get_value().unwrap_or_default() {
            if self.marks.iter().all(|(_, sent)| *sent != mark) {
                let (room_id, message_id) = mark;
                let number = self.command(SocketCommand::Read { room_id, message_id }).await?;
                self.marks.push((number, mark));
            }
        }
        for item in self.live.outbox.waiting() {
            self.live.outbox.stand(&item.client_id, Standing::Sent);
            let client_id = item.client_id.clone();
            let command = SocketCommand::Send { room_id: item.room_id, body: item.body, client_id: item.client_id };
            let number = self.command(command).await?;
            self.on_the_way.push((number, client_id));
        }
        Ok(())
    }

    async fn command(&mut self, command: SocketCommand) -> Result<u64, End> {
        self.number += 1;
        let text = serde_json::to_string(&ClientFrame { id: self.number, command }).unwrap_or_default();
        let sent = match self.socket.as_mut() {
            Some(socket) => socket.send(Frame::Text(text)).await.is_ok(),
            None => false,
        };
        if sent { Ok(self.number) } else { Err(self.lost()) }
    }

    /// The server has decided on a mark; there is nothing to send again.
    fn marked(&mut self, number: u64) {
        if let Some(place) = self.marks.iter().position(|(id, _)| *id == number) {
            let (_, mark) = self.marks.swap_remove(place);
            self.live.marks.update_value(|marks| marks.retain(|other| *other != mark));
        }
    }

    fn answered(&mut self, number: u64) -> Option<ClientId> {
        let place = self.on_the_way.iter().position(|(id, _)| *id == number)?;
        Some(self.on_the_way.swap_remove(place).1)
    }
}
