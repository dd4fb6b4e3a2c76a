//! The button that jumps to the latest message.

use crate::{
    room::conversation::use_room_view,
    ui::{Icon, Shape},
};
use leptos::prelude::*;

/// Floats over the timeline while its end is out of view; shows how many messages have arrived since.
#[component]
pub fn JumpToLatest() -> impl IntoView {
    let room_view = use_room_view();
    let has_newer = Memo::new(move |_| room_view.state.with(|state| state.newer));
    let head = move || room_view.room().map_or(0, |room| room.head);
    // Seq of the newest message when the room was opened, or when the end was last in view.
    let seen = Memo::new(move |seen: Option<&i64>| {
        let newest = room_view.newest().map_or(0, |(_, seq)| seq);
        if room_view.at_bottom.get() && !has_newer.get() {
            newest
        } else {
            seen.copied().unwrap_or_else(|| untrack(head))
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
    move || {
        let is_visible = !room_view.at_bottom.get() || has_newer.get();
        is_visible.then(|| {
            view! {
                <div class="jump-to-latest">
                    <button type="button" on:click=move |_| room_view.show_latest() class:has-new=has_new>
                        {label} <Icon shape=Shape::Down/>
                    </button>
                </div>
            }
            .into_any()
        })
    }
}
