//! The way back to the newest message.

use super::{scroll, talk::use_talk};
use crate::{
    api::Place,
    ui::{Icon, Shape},
};
use leptos::{html, prelude::*};

/// Floats over the timeline while its end is out of view; says how much has come since.
#[component]
pub fn Pill(
    /// The timeline's box.
    frame: NodeRef<html::Div>,
) -> impl IntoView {
    let talk = use_talk();
    let behind = Memo::new(move |_| talk.state.with(|state| state.newer));
    // The newest that has been in view.
    let seen = Memo::new(move |seen: Option<&i64>| {
        let newest = talk.newest().map_or(0, |(_, seq)| seq);
        if talk.at_bottom.get() && !behind.get() { newest } else { seen.copied().unwrap_or(newest) }
    });
    let head = move || talk.room().map_or(0, |room| room.head);
    let label = move || match head() - seen.get() {
        count if count > 0 && !behind.get() => {
            if count == 1 {
                "1 new message".to_owned()
            } else {
                format!("{count} new messages")
            }
        }
        _ => "Jump to latest".to_owned(),
    };
    let fresh = move || head() > seen.get();
    let jump = move |_| {
        let down = move || {
            if let Some(frame) = frame.get_untracked() {
                scroll::to_bottom(&frame);
                talk.at_bottom.set(true);
            }
        };
        if behind.get_untracked() { talk.load(Place::Latest, down) } else { down() }
    };
    move || {
        let away = !talk.at_bottom.get() || behind.get();
        away.then(|| {
            view! {
                <div class="pill">
                    <button type="button" on:click=jump class:fresh=fresh>
                        {label} <Icon shape=Shape::Down/>
                    </button>
                </div>
            }
            .into_any()
        })
    }
}
