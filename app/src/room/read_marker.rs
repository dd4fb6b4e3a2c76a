//! The read marker: messages in view are read; messages that arrive while the tab has no focus are unread.

use crate::{browser, live::ConnectionState, room::conversation::RoomView};
use leptos::prelude::*;

/// Tracks whether the newest messages are seen, moves the read marker, and places the unread line.
pub fn track(talk: RoomView) {
    let focused = RwSignal::new(false);
    Effect::new(move || {
        let check = move || {
            let now = browser::is_focused();
            if focused.get_untracked() && !now {
                // Messages from here on are unread when the user returns.
                talk.unread_from.set(read_seq(talk));
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
        let newest = talk.newest();
        let seq = newest.map_or(0, |(_, seq)| seq);
        let before = before.unwrap_or(seq);
        let reading = focused.get() && talk.at_bottom.get() && !talk.state.with(|state| state.newer);
        if let Some((id, _)) = newest.filter(|_| reading && talk.live.connection.get() == ConnectionState::Live) {
            if talk.unread_from.get_untracked() >= before {
                talk.unread_from.set(seq);
            }
            if read_seq(talk) < seq {
                talk.live.mark_read(talk.id, id, seq);
            }
        }
        seq
    });
}

fn read_seq(talk: RoomView) -> i64 {
    let read = |list: &protocol::room_list::RoomList| {
        list.room(talk.id).and_then(|room| room.membership.as_ref()).map_or(i64::MAX, |membership| membership.read_seq)
    };
    talk.live.rooms.with_untracked(read)
}
