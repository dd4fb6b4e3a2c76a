//! What keeps a page live: one socket, an outbox, and the person's rooms as events change them.
//! Components never see frames; they read signals.

mod back_off;
mod catching;
mod events;
mod link;
mod outbox;
mod pulse;

pub use link::Link;
pub use outbox::{Outgoing, Standing};

use crate::{
    api::{self, Failure, Opened, Place, Wire},
    ui::Clock,
};
use catching::Catching;
use futures::channel::mpsc::UnboundedSender;
use leptos::prelude::*;
use outbox::Outbox;
use protocol::{
    cursor::Cursor,
    error::Code,
    id::{MessageId, RoomId, UserId},
    room_list::RoomList,
    room_state::{History, RoomState},
    sync::Snapshot,
    user::User,
};

/// How many rooms stay loaded, so that going back to one is immediate.
const ROOMS_KEPT: usize = 8;

/// The live page of one person. Copies are the same page.
#[derive(Clone, Copy)]
pub struct Live {
    /// Whether it is known whose page this is.
    begun: RwSignal<bool>,
    me: RwSignal<Option<User>>,
    /// Their rooms.
    pub rooms: RwSignal<RoomList>,
    /// How the connection is.
    pub link: RwSignal<Link>,
    /// What they said that is not in its room yet.
    pub outbox: Outbox,
    /// Counts up when everything must be read anew: what was missed could not be told.
    pub generation: RwSignal<u32>,
    /// Counts up when the person enters a room.
    pub entered: RwSignal<u32>,
    /// Counts up when someone's name or picture changes.
    pub faces: RwSignal<u32>,
    /// Counts up when someone enters or leaves a room, or is seen otherwise than before.
    pub people: RwSignal<u32>,
    /// The clock of the chat; a still page has none.
    clock: Option<Clock>,
    /// Something is under way in this window that may end the session, and leads on by itself.
    leaving: StoredValue<bool>,
    cursor: StoredValue<Cursor>,
    loaded: StoredValue<Vec<ArcRwSignal<RoomState>>>,
    catching: StoredValue<Catching>,
    /// Up to which message rooms were read, as far as the server does not know it yet.
    marks: StoredValue<Vec<(RoomId, MessageId)>>,
    /// A room could not be opened; it is tried again once the connection is back.
    missed: StoredValue<bool>,
    orders: StoredValue<Option<UnboundedSender<Order>>>,
}

/// What the page asks of the connection.
#[derive(Debug)]
enum Order {
    /// Something waits in the outbox, or was read.
    Flush,
    /// Make sure that the connection lives, now.
    Check,
    /// The browser says that the network is gone.
    Drop,
}

impl Live {
    /// A page that does not know yet whose it is. Connects once it does and runs in a browser.
    pub fn new() -> Self {
        let live = Self {
            begun: RwSignal::new(false),
            me: RwSignal::new(None),
            rooms: RwSignal::new(RoomList { me: nobody(), rooms: Vec::new(), blocked: Vec::new() }),
            link: RwSignal::new(Link::Connecting),
            outbox: Outbox::new(),
            generation: RwSignal::new(0),
            entered: RwSignal::new(0),
            faces: RwSignal::new(0),
            people: RwSignal::new(0),
            clock: use_context(),
            leaving: StoredValue::new(false),
            cursor: StoredValue::new(Cursor { epoch: 0, position: 0 }),
            loaded: StoredValue::new(Vec::new()),
            catching: StoredValue::new(Catching::default()),
            marks: StoredValue::new(Vec::new()),
            missed: StoredValue::new(false),
            orders: StoredValue::new(None),
        };
        link::start(live);
        live
    }

    /// Starts from a snapshot, once; a page that is gone already does not start.
    pub fn begin(self, snapshot: &Snapshot) {
        // On the server, what a page asked for may come when nobody waits for the page any more.
        if self.begun.try_get_untracked() != Some(false) {
            return;
        }
        self.me.set(Some(snapshot.me.clone()));
        self.rooms.set(RoomList::new(snapshot));
        self.outbox.belongs_to(snapshot.me.id);
        self.cursor.set_value(snapshot.cursor);
        self.begun.set(true);
    }

    /// Who is signed in, as they are now.
    pub fn me(self) -> Option<User> {
        self.me.try_get().flatten()
    }

    /// How many notifications they have not read, once that is known.
    pub fn unread(self) -> Option<i64> {
        self.me.try_with(|me| me.as_ref()?.unread_notifications).flatten()
    }

    /// Who is signed in, by id.
    pub fn my_id(self) -> UserId {
        self.me.try_with_untracked(|me| me.as_ref().map(|me| me.id)).flatten().unwrap_or_else(nobody)
    }

    /// Notes whether something is under way here that may end the session, and leads on by itself.
    pub fn leaving(self, leaving: bool) {
        self.leaving.set_value(leaving);
    }

    /// Whether the person is in a room, as far as that is known.
    pub fn is_in(self, id: RoomId) -> bool {
        self.begun.try_get_untracked() != Some(true)
            || self.rooms.try_with_untracked(|rooms| rooms.room(id).is_some()) == Some(true)
    }

    /// Opens a room. One that is still loaded, and has been kept up to date since, is not asked for again.
    pub async fn open_room(self, id: RoomId, place: Place) -> Result<Opened, Failure> {
        if let Some(opened) = self.still_loaded(id).filter(|_| place == Place::Latest) {
            return Ok(opened);
        }
        let mark = self.catch();
        let opened = api::open_room(id, place).await;
        let events = self.caught(mark);
        if opened.as_ref().is_err_and(|failure| failure.code() != Code::NotFound) {
            self.missed.set_value(true);
        }
        let Wire(opened) = opened?;
        if let Some(history) = opened.history.clone() {
            let mut state = RoomState::new(id, history);
            for event in &events {
                state.apply(event);
            }
            self.keep(state);
        }
        Ok(opened)
    }

    /// The messages of an open room, kept up to date from here on.
    pub fn state(self, id: RoomId, history: impl FnOnce() -> History) -> ArcRwSignal<RoomState> {
        self.find(id).unwrap_or_else(|| self.keep(RoomState::new(id, history())))
    }

    /// Loads more of a room before, after or around what is there; says whether anything came.
    pub async fn load(self, state: ArcRwSignal<RoomState>, place: Place) -> Result<(), Failure> {
        let id = state.read_untracked().room_id;
        let mark = self.catch();
        let page = api::read_history(id, place).await;
        let events = self.caught(mark);
        let Wire(page) = page?;
        // A page that was closed meanwhile needs nothing.
        let _ = state.try_update(|state| {
            match place {
                Place::Before(_) => state.prepend(page),
                Place::After(_) => state.append(page),
                Place::Latest | Place::Around(_) => *state = RoomState::new(id, page),
            }
            for event in &events {
                state.apply(event);
            }
        });
        Ok(())
    }

    /// Tells the server, and shows at once, that a room was read up to a message.
    pub fn read(self, room: RoomId, message: MessageId, seq: i64) {
        self.rooms.update(|rooms| events::mark_read(rooms, room, seq, self.cursor.get_value()));
        self.marks.update_value(|marks| {
            marks.retain(|(marked, _)| *marked != room);
            marks.push((room, message));
        });
        self.order(Order::Flush);
    }

    /// Says something: it shows at once, and is sent until the server has it.
    pub fn say(self, room: RoomId, body: String) {
        self.outbox.add(room, body);
        self.order(Order::Flush);
    }

    /// Tries again to send what was refused.
    pub fn say_again(self, outgoing: &Outgoing) {
        self.outbox.stand(&outgoing.client_id, Standing::Waiting);
        self.order(Order::Flush);
    }

    fn order(self, order: Order) {
        self.orders.try_with_value(|orders| {
            if let Some(orders) = orders {
                // The connection ends before the page only when the person is signed out.
                let _ = orders.unbounded_send(order);
            }
        });
    }

    fn find(self, id: RoomId) -> Option<ArcRwSignal<RoomState>> {
        self.loaded
            .try_with_value(|loaded| loaded.iter().find(|state| state.read_untracked().room_id == id).cloned())
            .flatten()
    }

    fn still_loaded(self, id: RoomId) -> Option<Opened> {
        let signal = self.find(id)?;
        let room = self.rooms.try_with_untracked(|rooms| rooms.room(id).cloned())??;
        let state = signal.get_untracked();
        let history = History { items: state.messages, next_cursor: None, older: state.older, newer: state.newer };
        if history.newer {
            return None;
        }
        // The room that is looked at is the last to be given up.
        self.loaded.update_value(|loaded| {
            loaded.retain(|state| state.read_untracked().room_id != id);
            loaded.push(signal);
        });
        Some(Opened { room, history: Some(history) })
    }

    fn keep(self, state: RoomState) -> ArcRwSignal<RoomState> {
        if let Some(signal) = self.find(state.room_id) {
            signal.set(state);
            return signal;
        }
        let signal = ArcRwSignal::new(state);
        self.loaded.try_update_value(|loaded| {
            if loaded.len() >= ROOMS_KEPT {
                loaded.remove(0);
            }
            loaded.push(signal.clone());
        });
        signal
    }

    /// From here on events are kept, so that a page of history which is on its way can be brought up to date.
    fn catch(self) -> usize {
        self.catching.try_update_value(Catching::begin).unwrap_or_default()
    }

    fn caught(self, mark: usize) -> Vec<protocol::event::Event> {
        self.catching.try_update_value(|catching| catching.end(mark)).unwrap_or_default()
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

fn nobody() -> UserId {
    UserId(uuid::Uuid::nil())
}
