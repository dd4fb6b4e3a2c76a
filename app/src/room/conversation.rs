//! An open room: the state that its components share.

use crate::{
    api::{self, EditMessage, HistoryPosition, OpenedRoom},
    forms::Form,
    live::Live,
};
use leptos::{prelude::*, task::spawn_local};
use protocol::{
    error::Code,
    id::{MessageId, RoomId},
    message::History,
    message::Message,
    permissions::RoomPermission,
    room::Room,
    state::room_state::RoomState,
};

/// An open room. Copies share the same state.
#[derive(Clone, Copy)]
pub struct RoomView {
    /// The live state of the page.
    pub live: Live,
    /// Id of the room.
    pub id: RoomId,
    /// Its messages.
    pub state: RwSignal<RoomState>,
    /// Messages of other authors after this seq are marked as unread.
    pub unread_from: RwSignal<i64>,
    /// Whether the user marked messages unread: then nothing marks them read until the room is opened again.
    pub kept_unread: RwSignal<bool>,
    /// The message that is being edited.
    pub editing: RwSignal<Option<MessageId>>,
    /// The edit form. It outlives the message row, which is rendered again when the new text arrives.
    pub edit_form: Form,
    /// The message whose new text is being saved.
    pub saving: StoredValue<Option<MessageId>>,
    /// Whether the edit form takes the focus.
    pub focus_edit: StoredValue<bool>,
    /// The message whose deletion awaits confirmation.
    pub deleting: RwSignal<Option<MessageId>>,
    /// Whether the newest messages are in view.
    pub at_bottom: RwSignal<bool>,
    /// Whether the timeline has been scrolled to where the room opens: before, nothing counts as seen.
    pub placed: RwSignal<bool>,
    /// Whether more messages are being loaded.
    pub loading: RwSignal<bool>,
    /// Incremented when the timeline is to scroll to its end.
    pub scroll_down: RwSignal<u32>,
    room: Memo<Option<Room>>,
}

impl RoomView {
    /// The view of a room that was just opened.
    pub fn new(live: Live, opened: &OpenedRoom, history: &History, position: HistoryPosition) -> Self {
        let id = opened.room.id;
        live.set_open((id, position));
        on_cleanup(move || live.set_closed((id, position)));
        let first = opened.room.clone();
        // The room list is authoritative; right after joining it may not have the room yet.
        let seen = StoredValue::new(false);
        let room = Memo::new(move |_| {
            let room = live.rooms.with(|list| list.room(id).cloned());
            if room.is_some() {
                seen.set_value(true);
            }
            room.or_else(|| (!seen.get_value()).then(|| first.clone()))
        });
        let state: RwSignal<RoomState> = live.state(id, || history.clone()).into();
        let (at_bottom, editing) = (RwSignal::new(true), RwSignal::new(None));
        Effect::new(move || {
            // What is read or edited is not pushed out by what arrives.
            let reading_back = !at_bottom.get() || editing.with(Option::is_some);
            state.update_untracked(|state| state.reading_back = reading_back);
        });
        Self {
            live,
            id,
            state,
            unread_from: RwSignal::new(opened.room.unread_after()),
            kept_unread: RwSignal::new(false),
            editing,
            edit_form: Form::of::<EditMessage>(),
            saving: StoredValue::new(None),
            focus_edit: StoredValue::new(true),
            deleting: RwSignal::new(None),
            at_bottom,
            placed: RwSignal::new(false),
            loading: RwSignal::new(false),
            scroll_down: RwSignal::new(0),
            room,
        }
    }

    /// The room, up to date; `None` once the user is no longer a member.
    pub fn room(self) -> Option<Room> {
        self.room.get()
    }

    /// The room's name.
    pub fn name(self) -> String {
        let me = self.live.my_id();
        self.room.with(|room| room.as_ref().map(|room| room.title(me))).unwrap_or_default()
    }

    /// Whether the user is still a member of the room.
    pub fn is_open(self) -> bool {
        self.room.with(Option::is_some)
    }

    /// Whether the user may delete the messages of others.
    pub fn moderates(self) -> bool {
        let role = self.live.me().map(|me| me.role);
        self.room.with(|room| {
            let granted = |(room, role)| RoomPermission::DeleteMessages.is_granted_in(room, role);
            room.as_ref().zip(role).is_some_and(granted)
        })
    }

    /// Whether the user may edit a message.
    pub fn may_edit(self, message: &Message) -> bool {
        !message.deleted && message.kind.is_text() && message.author.id == self.live.my_id()
    }

    /// Begins to edit a message.
    pub fn edit(self, message: MessageId) {
        self.edit_form.clear();
        self.focus_edit.set_value(true);
        self.editing.set(Some(message));
    }

    /// Marks a message unread, and all after it.
    pub fn mark_unread(self, message: MessageId) {
        let Some(seq) = self.state.with_untracked(|state| state.find(message).map(|message| message.seq)) else {
            return;
        };
        self.kept_unread.set(true);
        self.unread_from.set(seq - 1);
        spawn_local(async move {
            if api::mark_unread(self.id, message, String::new()).await.is_err() {
                self.kept_unread.try_set(false);
            }
        });
    }

    /// The newest loaded message, and its seq.
    pub fn newest(self) -> Option<(MessageId, i64)> {
        self.state.with(|state| state.messages.last().map(|last| (last.id, last.seq)))
    }

    /// Shows the newest message: loads it if it is not loaded, and scrolls to it.
    pub fn show_latest(self) {
        let scroll_down = move || self.scroll_down.update(|count| *count += 1);
        if self.state.with_untracked(|state| state.newer) {
            self.load(HistoryPosition::Latest, scroll_down);
        } else {
            scroll_down();
        }
    }

    /// Loads more messages, one page at a time; `then` runs when they are loaded. The newest are loaded at any time: a
    /// page that is on its way does not join them then, and is dropped.
    pub fn load(self, position: HistoryPosition, then: impl FnOnce() + 'static) {
        if self.loading.get_untracked() && position != HistoryPosition::Latest {
            return;
        }
        self.loading.set(true);
        spawn_local(async move {
            // If loading fails, the link remains and can be followed again.
            let loaded = self.live.load(self.state.into(), position).await;
            self.loading.try_set(false);
            if loaded.is_ok() {
                then();
            }
        });
    }

    /// Loads the messages again that the user is reading: those around `anchor`, or the newest. What changed while events
    /// were missed is then up to date, too.
    pub fn reload(self, anchor: Option<MessageId>) {
        let anchor = self.editing.get_untracked().or(anchor);
        spawn_local(async move {
            let load = async |position| self.live.load(self.state.into(), position).await;
            let loaded = load(anchor.map_or(HistoryPosition::Latest, HistoryPosition::Around)).await;
            let loaded = match loaded {
                // An older backup was restored.
                Err(failure) if failure.code() == Code::NotFound => load(HistoryPosition::Latest).await,
                loaded => loaded,
            };
            if loaded.is_err() {
                self.live.retry_when_live();
            }
        });
    }

    /// Loads older messages, if there are any.
    pub fn load_older(self) {
        if let Some(first) = self.state.with_untracked(|state| edge(state.older, state.messages.first())) {
            self.load(HistoryPosition::Before(first), || {});
        }
    }

    /// Loads newer messages, if there are any.
    pub fn load_newer(self) {
        if let Some(last) = self.state.with_untracked(|state| edge(state.newer, state.messages.last())) {
            self.load(HistoryPosition::After(last), || {});
        } else if self.state.with_untracked(|state| state.newer && state.messages.is_empty()) {
            // All loaded messages were purged.
            self.load(HistoryPosition::Latest, || {});
        }
    }
}

fn edge(more: bool, message: Option<&Message>) -> Option<MessageId> {
    message.filter(|_| more).map(|message| message.id)
}

/// The room that this component belongs to.
pub fn use_room_view() -> RoomView {
    expect_context()
}
