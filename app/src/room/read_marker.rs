//! The read marker: messages in view are read; messages that arrive while the tab has no focus are unread.

use crate::{browser, live::ConnectionState, room::conversation::RoomView};
use leptos::prelude::*;
use protocol::room::Room;

/// Tracks whether the newest messages are seen, moves the read marker, and places the unread line.
pub fn track(room_view: RoomView) {
    let focused = RwSignal::new(false);
    Effect::new(move || {
        let check = move || {
            let now = browser::is_focused();
            if focused.get_untracked() && !now {
                // Messages from here on are unread when the user returns.
                room_view.unread_from.set(unread_after(room_view));
            }
            focused.set(now);
        };
        check();
        let handles =
            ["focus", "blur", "visibilitychange"].map(|event| window_event_listener_untyped(event, move |_| check()));
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    });
    // Seq of the newest message at the last run: messages after it have just arrived.
    Effect::new(move |before: Option<i64>| {
        let newest = room_view.newest();
        let seq = newest.map_or(0, |(_, seq)| seq);
        let before = before.unwrap_or(seq);
        let at_end = room_view.placed.get() && room_view.at_bottom.get() && !room_view.state.with(|state| state.newer);
        let reading = focused.get() && at_end && !room_view.kept_unread.get();
        if let Some((id, _)) = newest.filter(|_| reading && room_view.live.connection.get() == ConnectionState::Live) {
            if room_view.unread_from.get_untracked() >= before {
                room_view.unread_from.set(seq);
            }
            if read_seq(room_view) < seq {
                room_view.live.mark_read(room_view.id, id, seq);
            }
        }
        seq
    });
}

fn read_seq(room_view: RoomView) -> i64 {
    room_view.live.rooms.with_untracked(|list| {
        let membership = list.room(room_view.id).and_then(|room| room.membership.as_ref());
        membership.map_or(i64::MAX, |membership| membership.read_seq)
    })
}

/// The seq after which messages are unread.
fn unread_after(room_view: RoomView) -> i64 {
    room_view.live.rooms.with_untracked(|list| list.room(room_view.id).map_or(i64::MAX, Room::unread_after))
}
