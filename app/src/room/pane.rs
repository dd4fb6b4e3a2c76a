//! The pane on the right of a conversation.

use crate::{
    api::{self, Failure},
    ui::{Icon, Shape},
};
use leptos::{
    prelude::*,
    server_fn::{ServerFn, serde::de::DeserializeOwned},
};
use leptos_router::{
    components::A,
    hooks::{use_navigate, use_params_map},
};
use protocol::{error::Error, id::RoomId, message::Message};

/// The room in the address.
pub fn use_room_id() -> Memo<Option<RoomId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id")?.parse().ok()))
}

/// The address of the room without the pane.
pub fn use_room_path() -> Memo<String> {
    let id = use_room_id();
    Memo::new(move |_| id.get().map_or_else(|| "/rooms".to_owned(), |id| format!("/rooms/{id}")))
}

/// The message in the address.
pub fn use_message() -> Resource<Result<Message, Failure>> {
    let params = use_params_map();
    Resource::new_blocking(
        move || params.with(|params| params.get("message")?.parse().ok()),
        |id| async move { api::read_message(id.ok_or_else(|| Error::not_found("message"))?).await },
    )
}

/// Goes back to the room once the form has done its work.
pub fn return_when_done<S>(action: ServerAction<S>)
where
    S: ServerFn<Error = Failure, Output = ()> + Clone + Send + Sync + DeserializeOwned + 'static,
{
    let (path, go) = (use_room_path(), use_navigate());
    Effect::new(move || {
        if action.value().with(|value| matches!(value, Some(Ok(())))) {
            go(&path.get_untracked(), leptos_router::NavigateOptions::default());
        }
    });
}

/// A pane with a title and a way to close it.
#[component]
pub fn Pane(
    /// What it is about.
    title: &'static str,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let path = use_room_path();
    view! {
        <aside class="pane" aria-label=title>
            <header class="bar">
                <h2>{title}</h2>
                <A href=move || path.get() attr:class="close" attr:aria-label="Close" scroll=false>
                    <Icon shape=Shape::Close/>
                </A>
            </header>
            <div class="sheet">{children()}</div>
        </aside>
    }
}
