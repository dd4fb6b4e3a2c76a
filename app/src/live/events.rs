//! Applies events to the page's state.

use crate::{
    browser,
    live::{Live, Request},
    unread_badge,
};
use leptos::prelude::*;
use protocol::{
    cursor::Cursor,
    event::{Change, Event, ReadMarker},
    id::{ClientId, RoomId},
    message::Message,
    permissions::Permission,
    settings::Settings,
    state::{room_list::RoomList, room_state::RoomState},
    sync::Snapshot,
    time::Time,
};

impl Live {
    /// Applies an event to all state of the page.
    pub(super) fn apply(self, event: &Event) {
        let me = self.my_id();
        self.event_buffer.update_value(|buffer| buffer.push(event));
        if let Some(room) = event.room_id.and_then(|id| self.find(id)) {
            room.update(|room| room.apply(event));
        }
        self.rooms.update(|rooms| rooms.apply(event));
        match &event.change {
            Change::MessageCreated(message) if message.author.id == me => self.outbox.confirm(&message.client_id),
            Change::MemberJoined(change) => {
                if change.member.is(me) {
                    self.joined_version.update(|count| *count += 1);
                }
                self.members_version.update(|count| *count += 1);
            }
            Change::MemberLeft(change) => {
                if change.member.is(me) {
                    self.unload_room(change.room.id);
                }
                self.members_version.update(|count| *count += 1);
            }
            Change::NotificationCreated(_) => self.update_me(event),
            // Changes that only the user receives appear in no row and no list.
            Change::UserUpdated(user) if user.settings.is_some() => self.update_me(event),
            Change::UserUpdated(user) => {
                if user.id == me {
                    self.update_me(event);
                    self.authors_version.update(|count| *count += 1);
                }
                // Most updates only change the status, which no row shows: update rows only if the author changed.
                let author = user.author();
                let has_old_author =
                    |room: &RoomState| room.messages.iter().any(|m| m.author.id == author.id && m.author != author);
                for room in self.loaded.get_value().into_iter().filter(|room| room.with_untracked(has_old_author)) {
                    room.update(|room| room.apply(event));
                    self.authors_version.update(|count| *count += 1);
                }
                self.members_version.update(|count| *count += 1);
            }
            _ => {}
        }
        self.cursor.set_value(event.cursor);
    }

    /// The server has stored a message. Its event is still to come, unless it was stored long before; then the event
    /// has been applied already.
    pub(super) fn on_ack(self, id: &ClientId, message: Option<&Message>) {
        let already_applied = message.is_some_and(|message| {
            let head = |rooms: &RoomList| rooms.room(message.room_id).is_none_or(|room| room.head >= message.seq);
            self.rooms.try_with_untracked(head).unwrap_or_default()
        });
        if already_applied { self.outbox.confirm(id) } else { self.outbox.acked(id) }
    }

    /// Starts again from a new snapshot, because missed events cannot be replayed.
    pub(super) fn restart(self, snapshot: &Snapshot) {
        self.cursor.set_value(snapshot.cursor);
        self.me.set(Some(snapshot.me.clone()));
        self.apply_settings();
        self.rooms.set(RoomList::new(snapshot));
        self.loaded.set_value(Vec::new());
        self.outbox.remove_acked();
        self.members_version.update(|count| *count += 1);
        self.authors_version.update(|count| *count += 1);
        self.reset_version.update(|count| *count += 1);
    }

    /// Connects, and listens to the browser's network, focus and visibility events.
    pub(super) fn listen(self) {
        let check = move || {
            if !browser::is_focused() {
                return;
            }
            self.request(Request::Check);
        };
        let handles = [
            window_event_listener_untyped("online", move |_| self.request(Request::Check)),
            window_event_listener_untyped("offline", move |_| self.request(Request::Drop)),
            window_event_listener_untyped("focus", move |_| check()),
            // A page with an open socket is not kept for the back button; when it is shown again, it reconnects.
            window_event_listener_untyped("pagehide", move |_| self.request(Request::Drop)),
            window_event_listener_untyped("pageshow", move |_| check()),
        ];
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    }

    fn update_me(self, event: &Event) {
        let before = self.may(Permission::FindRooms);
        self.me.update(|me| me.iter_mut().for_each(|me| me.apply(event)));
        self.apply_settings();
        // The page was rendered for the former permissions. A server-rendered page is not reloaded: its content does
        // not depend on them, but it may have unsaved input.
        if self.may(Permission::FindRooms) != before && browser::data_attribute("server-page").is_none() {
            browser::navigate("/");
        }
    }

    /// Applies the user's settings to the page.
    pub fn apply_settings(self) {
        unread_badge::show(untrack(|| self.unread()).unwrap_or_default());
        let settings = self.me.with_untracked(|me| me.as_ref().and_then(|me| me.settings.clone()));
        for (name, value) in settings.iter().flat_map(Settings::data_attributes) {
            browser::set_data_attribute(name, value);
        }
        if let Some(clock) = self.clock {
            clock.refresh();
        }
    }

    fn unload_room(self, id: RoomId) {
        self.loaded.update_value(|loaded| loaded.retain(|state| state.read_untracked().room_id != id));
    }
}

/// Moves the user's own read marker at once, whether or not the server has it yet.
pub fn mark_read(rooms: &mut RoomList, room_id: RoomId, read_seq: i64, cursor: Cursor) {
    let change = Change::ReadUpdated(ReadMarker { room_id, read_seq });
    rooms.apply(&Event { change, cursor, at: Time(0), room_id: Some(room_id) });
}
