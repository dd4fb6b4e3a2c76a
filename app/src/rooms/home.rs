//! The home page: redirects to a room.

use crate::{
    last_room,
    live::Live,
    pages,
    session::use_page_session,
    ui::{EmptyState, Shape},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, components::Redirect, hooks::use_navigate};
use protocol::permissions::Permission;

/// Name of the room that everyone is a member of.
const LOBBY: &str = "Lobby";

/// Redirects to the room that was open last, or else to the Lobby or the first room; without rooms it shows how to get
/// one.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_page_session();
    pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        let last = last_room::recall();
        let room = live.rooms.with_untracked(|list| {
            let last = last.iter().find_map(|id| list.room(*id));
            let lobby = || list.rooms.iter().find(|room| room.name == LOBBY);
            last.or_else(lobby).or_else(|| list.shown().next()).map(|room| room.id)
        });
        Some(match room {
            Some(id) => view! { <Redirect path=format!("/rooms/{id}")/> }.into_any(),
            None => view! { <NoRooms live/> }.into_any(),
        })
    })
}

/// Hint for a guest without rooms.
pub const GUEST_HINT: &str = "Rooms appear here once someone adds you.";

const NO_ROOMS: &str = "No rooms yet";

#[component]
fn NoRooms(live: Live) -> impl IntoView {
    let navigate = use_navigate();
    Effect::new(move || {
        if let Some(room) = live.rooms.with(|list| list.shown().next().map(|room| room.id)) {
            navigate(&format!("/rooms/{room}"), NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let finds_rooms = live.may(Permission::FindRooms);
    let text = if finds_rooms { "Join a room or create your own." } else { GUEST_HINT };
    view! {
        <Title text=NO_ROOMS/>
        <main class="page browse-page" id="main" tabindex="-1">
            <EmptyState whole=true title=NO_ROOMS text shape=Shape::Compass>
                {finds_rooms.then(|| view! {
                    <a class="button primary" href="/rooms">"Browse rooms"</a>
                    <a class="button secondary" href="/rooms/new" rel="external">"New room"</a>
                }.into_any())}
            </EmptyState>
        </main>
    }
}
