//! The pane on the right of a room.

use crate::{
    browser,
    ui::{Icon, Shape},
};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_params_map},
};
use protocol::id::RoomId;

/// The room id in the URL.
pub fn use_room_id() -> Memo<Option<RoomId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id")?.parse().ok()))
}

/// The path of the room without the pane.
pub fn use_room_path() -> Memo<String> {
    let id = use_room_id();
    Memo::new(move |_| id.get().map_or_else(|| "/rooms".to_owned(), |id| format!("/rooms/{id}")))
}

/// Escape returns to the room, and moves the focus to the link that opens the pane.
fn close_on_escape(path: Memo<String>) {
    let navigate = use_navigate();
    Effect::new(move || {
        let navigate = navigate.clone();
        let handle = window_event_listener(ev::keydown, move |event| {
            let handled = event.default_prevented() || event.is_composing() || browser::dialog_open();
            if event.key() == "Escape" && !handled {
                browser::focus_on(".members-link");
                navigate(&path.get_untracked(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// A pane with a title and a close link.
#[component]
pub fn Pane(
    /// The title.
    title: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    let path = use_room_path();
    close_on_escape(path);
    // If it was opened by its link with the keyboard, move the focus into the pane.
    Effect::new(|| {
        if browser::has_focus(".members-link") {
            browser::focus_on(".pane-close");
        }
    });
    view! {
        <aside class="pane" aria-label=title>
            <header class="header-bar">
                <h2>{title}</h2>
                <A href=move || path.get() attr:class="pane-close" attr:aria-label="Close" scroll=false>
                    <Icon shape=Shape::Close/>
                </A>
            </header>
            <div class="content">{children()}</div>
        </aside>
    }
}
