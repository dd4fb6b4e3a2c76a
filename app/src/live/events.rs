//! Applies events to the page's state.

use crate::{
    browser,
    live::{Live, Request},
    packed_snapshot::PackedSnapshot,
    unread_badge,
};
use leptos::prelude::*;
use protocol::{
    event::{Change, Event},
    id::{ClientId, RoomId},
    message::SentMessage,
    permissions::Permission,
    settings::Settings,
    state::{room_list::RoomList, room_state::RoomState},
};
use std::time::Duration;

/// A hidden page draws no frames; it applies events after this many milliseconds.
const HIDDEN_PAGE_DELAY: Duration = Duration::from_millis(100);

impl Live {
    /// Applies an event with the next frame that the browser draws, together with all others that have arrived until
    /// then: a burst is one update of the page.
    pub(super) fn enqueue(self, event: Event) {
        let first = self.arrived.try_update_value(|arrived| {
            arrived.push(event);
            arrived.len() == 1
        });
        if first == Some(true) {
            request_animation_frame(move || self.apply_arrived());
            let apply_if_hidden = move || {
                if document().hidden() {
                    self.apply_arrived();
                }
            };
            set_timeout(apply_if_hidden, HIDDEN_PAGE_DELAY);
        }
    }

    /// Applies the events that have arrived.
    pub(super) fn apply_arrived(self) {
        let events = self.arrived.try_update_value(std::mem::take).unwrap_or_default();
        let Some(last) = events.last() else { return };
        self.event_buffer.update_value(|buffer| events.iter().for_each(|event| buffer.push(event)));
        for room in self.loaded.get_value() {
            let id = room.with_untracked(|room| room.room_id);
            let of_room = || events.iter().filter(|event| event.room_id == Some(id));
            if of_room().next().is_some() {
                room.update(|room| of_room().for_each(|event| room.apply(event)));
            }
        }
        self.rooms.update(|rooms| events.iter().for_each(|event| rooms.apply(event)));
        for event in &events {
            self.apply_to_page(event);
        }
        self.cursor.set_value(last.cursor);
    }

    /// Applies an event to what the page shows beside messages and the room list.
    fn apply_to_page(self, event: &Event) {
        let me = self.my_id();
        match &event.change {
            Change::MessageCreated(message) if message.author.id == me => self.outbox.confirm(&message.client_id),
            Change::MemberJoined(change) => {
                if change.member.is(me) {
                    self.open_again(Some(change.room.id));
                }
                self.reload_members(change.room.id);
            }
            Change::MemberLeft(change) => {
                if change.member.is(me) {
                    self.unload_room(change.room.id);
                }
                self.reload_members(change.room.id);
            }
            Change::RoomDeleted(room) => self.unload_room(room.room_id),
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
    }

    /// The server has stored a message. Its event is still to come, unless it was stored long before; then the event
    /// has been applied already.
    pub(super) fn on_ack(self, id: &ClientId, message: Option<&SentMessage>) {
        let already_applied = message.is_some_and(|message| {
            let head = |rooms: &RoomList| rooms.room(message.room_id).is_none_or(|room| room.head >= message.seq);
            self.rooms.try_with_untracked(head).unwrap_or_default()
        });
        if already_applied { self.outbox.confirm(id) } else { self.outbox.acked(id) }
    }

    /// Starts again from a new snapshot, because the missed events were not replayed. The room that is open stays, with
    /// everything that is typed, selected and in view; its view loads the messages again.
    pub(super) fn restart(self, snapshot: &PackedSnapshot) {
        self.cursor.set_value(snapshot.cursor);
        self.me.set(Some(snapshot.me.clone()));
        self.apply_settings();
        self.rooms.set(snapshot.room_list());
        let open = self.open.get_value().and_then(|(room, _)| snapshot.rooms.iter().find(|other| other.id == room));
        self.loaded.update_value(|loaded| {
            loaded.retain(|state| open.is_some_and(|open| open.id == state.read_untracked().room_id));
        });
        for state in self.loaded.get_value() {
            // Until its messages are loaded again, and also if that fails, the room does not show an end that is none.
            state.update(|state| state.newer |= open.is_some_and(|open| state.ends_before(open.head)));
        }
        self.outbox.remove_acked();
        self.members_version.update(|count| *count += 1);
        self.authors_version.update(|count| *count += 1);
        self.reset_version.update(|count| *count += 1);
        self.open_again(None);
    }

    /// Opens the room of the page again if it could not be opened before, or if the user had left it and joins it again.
    /// A room that is open stays as it is.
    pub(super) fn open_again(self, joined: Option<RoomId>) {
        let open = self.open.get_value().map(|(room, _)| room);
        if open.is_none() || open == joined {
            self.joined_version.update(|count| *count += 1);
        }
    }

    fn reload_members(self, room: RoomId) {
        if self.open.get_value().is_some_and(|(open, _)| open == room) {
            self.members_version.update(|count| *count += 1);
        }
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
            // What arrived while the page was visible may not have been drawn.
            window_event_listener_untyped("visibilitychange", move |_| self.apply_arrived()),
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
