//! The pane on the right of a room.

use crate::{
    api::{self, Failure, Wire},
    browser,
    forms::Form,
    live::Live,
    ui::{Icon, Shape},
};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_params_map},
};
use protocol::{
    error::Error,
    id::RoomId,
    message::Message,
    permissions::{Permission, RoomPermission},
    room::Room,
};

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

/// The message that the URL names.
pub fn use_message() -> Resource<Result<Wire<Message>, Failure>> {
    let params = use_params_map();
    Resource::new_blocking(
        move || params.with(|params| params.get("message")?.parse().ok()),
        |id| async move { api::get_message(id.ok_or_else(|| Error::not_found("message"))?).await },
    )
}

/// Returns to the room once the form has succeeded.
pub fn return_when_done(form: Form) {
    let (path, navigate) = (use_room_path(), use_navigate());
    form.on_done(move || navigate(&path.get_untracked(), NavigateOptions::default()));
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

/// Whether the user may add members to a room.
pub fn may_add_members(live: Live, id: RoomId) -> bool {
    let Some(role) = untrack(|| live.me()).map(|me| me.role) else { return false };
    let granted = |room: &Room| !room.fixed_members && RoomPermission::Add.is_granted_in(room, role);
    live.may(Permission::ManageMembers) && live.rooms.with_untracked(|list| list.room(id).is_some_and(granted))
}
