//! Client state of a signed-in page: one WebSocket connection, the outbox, and the user's rooms, updated by
//! events. Components never see frames; they read signals.

mod back_off;
mod connection;
mod events;
mod heartbeat;
mod outbox;
mod pending_events;

pub use crate::live::{
    connection::ConnectionState,
    outbox::{OutboxMessage, SendState},
};

use crate::{
    api::{self, Failure, HistoryPosition, OpenedRoom, Wire},
    live::{outbox::Outbox, pending_events::EventBuffer},
    packed_snapshot::PackedSnapshot,
    ui::Clock,
};
use futures::channel::mpsc::UnboundedSender;
use leptos::prelude::*;
use protocol::{
    cursor::Cursor,
    error::Code,
    event::Event,
    id::{MessageId, RoomId, UserId},
    message::History,
    permissions::Permission,
    room::Room,
    state::{room_list::RoomList, room_state::RoomState},
    user::User,
};

/// How many rooms stay loaded, so that switching back to one is immediate.
const MAX_LOADED_ROOMS: usize = 8;

/// The live state of one user's page. Copies share the same state.
#[derive(Clone, Copy)]
pub struct Live {
    /// Whether the page's user is known and the state was started.
    started: RwSignal<bool>,
    me: RwSignal<Option<User>>,
    /// The user's rooms.
    pub rooms: RwSignal<RoomList>,
    /// Those of them that the server has drawn beside the page, as long as no others are; `None` if it drew all.
    pub drawn: RwSignal<Option<Vec<RoomId>>>,
    /// State of the connection.
    pub connection: RwSignal<ConnectionState>,
    /// The user's messages that are not in their room's history yet.
    pub outbox: Outbox,
    /// Incremented when all data must be fetched again, because missed events cannot be replayed.
    pub reset_version: RwSignal<u32>,
    /// Incremented when the page of a room is to be loaded again, because the user may have joined the room.
    pub joined_version: RwSignal<u32>,
    /// Incremented when a user's name or avatar changes.
    pub authors_version: RwSignal<u32>,
    /// Incremented when a member joins or leaves the open room, or a user's visible data changes.
    pub members_version: RwSignal<u32>,
    /// The clock of the chat; a server-rendered page has none.
    clock: Option<Clock>,
    /// A form submission in this window may end the session and navigates by itself.
    ending_session: StoredValue<bool>,
    cursor: StoredValue<Cursor>,
    /// Events that arrived since the last frame that the browser drew.
    arrived: StoredValue<Vec<Event>>,
    /// The room that is open, and where it was opened.
    open: StoredValue<Option<(RoomId, HistoryPosition)>>,
    loaded: StoredValue<Vec<ArcRwSignal<RoomState>>>,
    event_buffer: StoredValue<EventBuffer>,
    /// Read markers that the server has not acknowledged yet.
    pending_reads: StoredValue<Vec<(RoomId, MessageId)>>,
    /// A room could not be opened; it is retried once the connection is back.
    reopen_failed: StoredValue<bool>,
    requests: StoredValue<Option<UnboundedSender<Request>>>,
}

/// What the page requests of the connection.
#[derive(Debug)]
enum Request {
    /// The outbox or the pending read markers have something to send.
    Flush,
    /// Check now that the connection is alive.
    Check,
    /// The browser reports that the network is offline, or that the page is left.
    Drop,
}

impl Live {
    /// State of a page whose user is not known yet. It connects once the user is known and it runs in a browser.
    pub fn new() -> Self {
        let live = Self {
            started: RwSignal::new(false),
            me: RwSignal::new(None),
            rooms: RwSignal::new(RoomList::of(nil_user_id(), Vec::new(), Vec::new())),
            drawn: RwSignal::new(None),
            connection: RwSignal::new(ConnectionState::Connecting),
            outbox: Outbox::new(),
            reset_version: RwSignal::new(0),
            joined_version: RwSignal::new(0),
            authors_version: RwSignal::new(0),
            members_version: RwSignal::new(0),
            clock: use_context(),
            ending_session: StoredValue::new(false),
            cursor: StoredValue::new(Cursor { epoch: 0, position: 0 }),
            arrived: StoredValue::new(Vec::new()),
            open: StoredValue::new(None),
            loaded: StoredValue::new(Vec::new()),
            event_buffer: StoredValue::new(EventBuffer::default()),
            pending_reads: StoredValue::new(Vec::new()),
            reopen_failed: StoredValue::new(false),
            requests: StoredValue::new(None),
        };
        connection::start(live);
        live
    }

    /// Starts from a snapshot, once. Does nothing if the page is already disposed.
    pub fn start(self, snapshot: &PackedSnapshot) {
        // On the server, data may arrive after the request's page is disposed.
        if self.started.try_get_untracked() != Some(false) {
            return;
        }
        self.me.set(Some(snapshot.me.clone()));
        let first = snapshot.rooms.get(..snapshot.drawn).filter(|first| first.len() < snapshot.rooms.len());
        self.drawn.set(first.map(|first| first.iter().map(|room| room.id).collect()));
        self.rooms.set(snapshot.room_list());
        self.outbox.set_user(snapshot.me.id);
        self.cursor.set_value(snapshot.cursor);
        self.started.set(true);
    }

    /// The signed-in user, up to date.
    pub fn me(self) -> Option<User> {
        self.me.try_get().flatten()
    }

    /// Number of the user's unread notifications, once it is known.
    pub fn unread(self) -> Option<i64> {
        self.me.try_with(|me| me.as_ref()?.unread_notifications).flatten()
    }

    /// Id of the signed-in user.
    pub fn my_id(self) -> UserId {
        self.me.try_with_untracked(|me| me.as_ref().map(|me| me.id)).flatten().unwrap_or_else(nil_user_id)
    }

    /// Whether the user's role has a permission; what a page offers depends on it.
    pub fn may(self, permission: Permission) -> bool {
        untrack(|| self.me()).is_some_and(|me| permission.is_granted_to(me.role))
    }

    /// Records whether a form submission here may end the session and navigates by itself.
    pub fn set_ending_session(self, ending: bool) {
        self.ending_session.set_value(ending);
    }

    /// Whether the user is a member of a room; true while that is not known.
    pub fn is_in(self, id: RoomId) -> bool {
        self.started.try_get_untracked() != Some(true)
            || self.rooms.try_with_untracked(|rooms| rooms.room(id).is_some()) == Some(true)
    }

    /// Opens a room. A room that is still loaded, and therefore up to date, is not fetched again.
    pub async fn open_room(self, id: RoomId, position: HistoryPosition) -> Result<OpenedRoom, Failure> {
        if let Some(opened) = self.find_loaded(id, position) {
            return Ok(opened);
        }
        let start = self.buffer_events();
        let opened = api::open_room(id, position).await;
        let events = self.take_buffered_events(start);
        if opened.as_ref().is_err_and(|failure| failure.code() != Code::NotFound) {
            self.retry_when_live();
        }
        let Wire(opened) = opened?;
        if let Some(history) = opened.history.clone() {
            let mut state = RoomState::new(id, history);
            for event in &events {
                state.apply(event);
            }
            self.insert_state(state);
        }
        Ok(opened)
    }

    /// The state of an open room, kept up to date from now on.
    pub fn state(self, id: RoomId, history: impl FnOnce() -> History) -> ArcRwSignal<RoomState> {
        self.find(id).unwrap_or_else(|| self.insert_state(RoomState::new(id, history())))
    }

    /// Records which room is open.
    pub fn set_open(self, room: (RoomId, HistoryPosition)) {
        self.open.set_value(Some(room));
    }

    /// Records that a room is no longer open; the next one may be open already.
    pub fn set_closed(self, room: (RoomId, HistoryPosition)) {
        self.open.try_update_value(|open| open.take_if(|open| *open == room));
    }

    /// A room could not be loaded; it is tried again once the connection is back.
    pub fn retry_when_live(self) {
        self.reopen_failed.try_set_value(true);
    }

    /// Loads more of a room's history: before, after or around a message.
    pub async fn load(self, state: ArcRwSignal<RoomState>, position: HistoryPosition) -> Result<(), Failure> {
        let id = state.read_untracked().room_id;
        let reset_version = self.reset_version.get_untracked();
        let start = self.buffer_events();
        let page = api::list_messages(id, position).await;
        let events = self.take_buffered_events(start);
        let Wire(page) = page?;
        // All messages are being loaded again: this page would not join them without a gap.
        if self.reset_version.try_get_untracked() != Some(reset_version) {
            return Ok(());
        }
        // The page may have been closed meanwhile.
        let _ = state.try_update(|state| {
            match position {
                HistoryPosition::Before(_) => state.prepend(page),
                HistoryPosition::After(_) => state.append(page),
                HistoryPosition::Unread | HistoryPosition::Latest | HistoryPosition::Around(_) => {
                    *state = RoomState { reading_back: state.reading_back, ..RoomState::new(id, page) };
                }
            }
            for event in &events {
                state.apply(event);
            }
        });
        Ok(())
    }

    /// Moves the read marker of a room to a message: at once on the page, then on the server.
    pub fn mark_read(self, room: RoomId, message: MessageId, seq: i64) {
        self.rooms.update(|rooms| rooms.mark_read(room, seq));
        self.pending_reads.update_value(|reads| {
            reads.retain(|(other, _)| *other != room);
            reads.push((room, message));
        });
        self.flush();
    }

    /// Sends a message: it is shown at once, and retried until the server has stored it.
    pub fn send(self, room: RoomId, body: String) {
        self.outbox.add(room, body);
        self.flush();
    }

    /// Retries a message that was rejected.
    pub fn retry(self, outgoing: &OutboxMessage) {
        self.outbox.set_state(&outgoing.client_id, SendState::Waiting);
        self.flush();
    }

    /// Sends what waits to be sent.
    fn flush(self) {
        self.request(Request::Flush);
    }

    fn request(self, request: Request) {
        self.requests.try_with_value(|requests| {
            if let Some(requests) = requests {
                // The connection ends before the page only when the user is signed out.
                let _ = requests.unbounded_send(request);
            }
        });
    }

    fn find(self, id: RoomId) -> Option<ArcRwSignal<RoomState>> {
        self.loaded
            .try_with_value(|loaded| loaded.iter().find(|state| state.read_untracked().room_id == id).cloned())
            .flatten()
    }

    fn find_loaded(self, id: RoomId, position: HistoryPosition) -> Option<OpenedRoom> {
        let signal = self.find(id)?;
        let room = self.rooms.try_with_untracked(|rooms| rooms.room(id).cloned())??;
        let state = signal.get_untracked();
        let is_open = self.open.try_get_value()? == Some((id, position));
        let suffices = position == HistoryPosition::Unread && has_unread(&state, &room);
        if !is_open && !suffices {
            return None;
        }
        let history = History { items: state.messages, next_cursor: None, older: state.older, newer: state.newer };
        // The room opened last is the last to be evicted.
        self.loaded.update_value(|loaded| {
            loaded.retain(|state| state.read_untracked().room_id != id);
            loaded.push(signal);
        });
        Some(OpenedRoom { room, history: Some(history) })
    }

    fn insert_state(self, state: RoomState) -> ArcRwSignal<RoomState> {
        if let Some(signal) = self.find(state.room_id) {
            signal.set(state);
            return signal;
        }
        let signal = ArcRwSignal::new(state);
        self.loaded.try_update_value(|loaded| {
            if loaded.len() >= MAX_LOADED_ROOMS {
                loaded.remove(0);
            }
            loaded.push(signal.clone());
        });
        signal
    }

    /// Buffers events from now on, so that a page of history that is being fetched can be brought up to date.
    fn buffer_events(self) -> usize {
        self.event_buffer.try_update_value(EventBuffer::begin).unwrap_or_default()
    }

    fn take_buffered_events(self, start: usize) -> Vec<Event> {
        self.event_buffer.try_update_value(|buffer| buffer.end(start)).unwrap_or_default()
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the loaded messages are those that a reader goes on with: the newest, and all that are unread.
fn has_unread(state: &RoomState, room: &Room) -> bool {
    let first_unread = room.membership.as_ref().map_or(i64::MAX, |membership| membership.read_seq + 1);
    let first_loaded = state.messages.first().map_or(0, |first| first.seq);
    !state.newer && (!state.older || first_unread > room.head || first_loaded <= first_unread)
}

fn nil_user_id() -> UserId {
    UserId(uuid::Uuid::nil())
}
