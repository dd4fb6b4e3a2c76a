//! The button that jumps to the latest message.

use crate::{
    room::{conversation::use_room_view, scroll},
    ui::{Icon, Shape},
};
use leptos::prelude::*;

/// Floats over the timeline while its end is out of view; shows how many messages have arrived since.
#[component]
pub fn JumpToLatest() -> impl IntoView {
    let room_view = use_room_view();
    let has_newer = Memo::new(move |_| room_view.state.with(|state| state.newer));
    let head = move || room_view.room().map_or(0, |room| room.head);
    // Up to which message the user had read when the room was opened, or the end when it was last in view.
    let seen = Memo::new(move |seen: Option<&i64>| {
        let newest = room_view.newest().map_or(0, |(_, seq)| seq);
        if room_view.placed.get() && room_view.at_bottom.get() && !has_newer.get() {
            newest
        } else {
            seen.copied().unwrap_or_else(|| room_view.unread_from.get_untracked().min(untrack(head)))
        }
    });
    let label = move || match head() - seen.get() {
        count if count > 0 && !has_newer.get() => {
            if count == 1 {
                "1 new message".to_owned()
            } else {
                format!("{count} new messages")
            }
        }
        _ => "Jump to latest".to_owned(),
    };
    let has_new = move || head() > seen.get();
    let jump = move |_| {
        let to_line = untrack(has_new) && !has_newer.get_untracked() && scroll::to_unread_line();
        if !to_line {
            room_view.show_latest();
        }
    };
    move || {
        let is_visible = !room_view.at_bottom.get() || has_newer.get();
        is_visible.then(|| {
            view! {
                <div class="jump-to-latest">
                    <button type="button" on:click=jump class:has-new=has_new>
                        {label} <Icon shape=Shape::Down/>
                    </button>
                </div>
            }
            .into_any()
        })
    }
}
