//! The button that jumps to the latest message.

use crate::{
    api::HistoryPosition,
    room::{conversation::use_room_view, scroll},
    ui::{Icon, Shape},
};
use leptos::{html, prelude::*};

/// Floats over the timeline while its end is out of view; shows how many messages have arrived since.
#[component]
pub fn JumpToLatest(
    /// The timeline element.
    frame: NodeRef<html::Div>,
) -> impl IntoView {
    let room_view = use_room_view();
    let has_newer = Memo::new(move |_| room_view.state.with(|state| state.newer));
    // Seq of the newest message that has been in view.
    let seen = Memo::new(move |seen: Option<&i64>| {
        let newest = room_view.newest().map_or(0, |(_, seq)| seq);
        if room_view.at_bottom.get() && !has_newer.get() { newest } else { seen.copied().unwrap_or(newest) }
    });
    let head = move || room_view.room().map_or(0, |room| room.head);
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
        let scroll_down = move || {
            if let Some(frame) = frame.get_untracked() {
                scroll::to_bottom(&frame);
                room_view.at_bottom.set(true);
            }
        };
        if has_newer.get_untracked() { room_view.load(HistoryPosition::Latest, scroll_down) } else { scroll_down() }
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
