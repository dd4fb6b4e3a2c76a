//! An open room: the state that its components share.

use crate::{
    api::{EditMessage, HistoryPosition, OpenedRoom},
    forms::Form,
    live::Live,
};
use leptos::{prelude::*, task::spawn_local};
use protocol::{
    id::{MessageId, RoomId, UserId},
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
    /// Whether more messages are being loaded.
    pub loading: RwSignal<bool>,
    room: Memo<Option<Room>>,
    me: UserId,
}

impl RoomView {
    /// The view of a room that was just opened.
    pub fn new(live: Live, opened: &OpenedRoom, history: &History) -> Self {
        let id = opened.room.id;
        let first = opened.room.clone();
        let read_seq = opened.room.membership.as_ref().map_or(0, |membership| membership.read_seq);
        // The room list is authoritative; right after joining it may not have the room yet.
        let seen = StoredValue::new(false);
        let room = Memo::new(move |_| {
            let room = live.rooms.with(|list| list.room(id).cloned());
            if room.is_some() {
                seen.set_value(true);
            }
            room.or_else(|| (!seen.get_value()).then(|| first.clone()))
        });
        Self {
            live,
            id,
            state: live.state(id, || history.clone()).into(),
            unread_from: RwSignal::new(read_seq),
            editing: RwSignal::new(None),
            edit_form: Form::of::<EditMessage>(),
            saving: StoredValue::new(None),
            focus_edit: StoredValue::new(true),
            deleting: RwSignal::new(None),
            at_bottom: RwSignal::new(true),
            loading: RwSignal::new(false),
            room,
            me: live.my_id(),
        }
    }

    /// The room, up to date; `None` once the user is no longer a member.
    pub fn room(self) -> Option<Room> {
        self.room.get()
    }

    /// The room's name.
    pub fn name(self) -> String {
        self.room.with(|room| room.as_ref().map(|room| room.name.clone())).unwrap_or_default()
    }

    /// Whether the user is still a member of the room.
    pub fn is_open(self) -> bool {
        self.room.with(Option::is_some)
    }

    /// Whether this is the signed-in user.
    pub fn is_me(self, user: UserId) -> bool {
        self.me == user
    }

    /// Whether the user may edit a message.
    pub fn may_edit(self, message: &Message) -> bool {
        !message.deleted && self.is_me(message.author.id)
    }

    /// Whether the user may delete a message.
    pub fn may_delete(self, message: &Message) -> bool {
        let moderates = || {
            let role = untrack(|| self.live.me()).map(|me| me.role);
            self.room.with_untracked(|room| {
                room.as_ref()
                    .zip(role)
                    .is_some_and(|(room, role)| RoomPermission::DeleteMessages.is_granted_in(room, role))
            })
        };
        !message.deleted && (self.is_me(message.author.id) || moderates())
    }

    /// Begins to edit a message.
    pub fn edit(self, message: MessageId) {
        self.edit_form.clear();
        self.focus_edit.set_value(true);
        self.editing.set(Some(message));
    }

    /// The newest loaded message, and its seq.
    pub fn newest(self) -> Option<(MessageId, i64)> {
        self.state.with(|state| state.messages.last().map(|last| (last.id, last.seq)))
    }

    /// Loads more messages, one page at a time; `then` runs when they are loaded.
    pub fn load(self, position: HistoryPosition, then: impl FnOnce() + 'static) {
        if self.loading.get_untracked() {
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
