//! The home page: redirects to a room.

use crate::{live::Live, pages, session::use_page_session, ui::Empty};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// Name of the room that everyone is a member of.
const LOBBY: &str = "Lobby";

/// Redirects to the Lobby, or else to the first room; without rooms it shows how to get one.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_page_session();
    pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        let room = live.rooms.with_untracked(|list| {
            list.rooms.iter().find(|room| room.name == LOBBY).or_else(|| list.rooms.first()).map(|room| room.id)
        });
        Some(match room {
            Some(id) => view! { <Redirect path=format!("/rooms/{id}")/> }.into_any(),
            None => view! { <NoRooms live/> }.into_any(),
        })
    })
}

/// Hint for a guest without rooms.
pub const GUEST_HINT: &str = "You are a guest here: someone will add you to a room, and then it stands in your list.";

const NO_ROOMS: &str = "No rooms yet";

#[component]
fn NoRooms(live: Live) -> impl IntoView {
    let full_member = is_full_member(live);
    let text =
        if full_member { "Rooms are where people talk. Look for one to join, or make your own." } else { GUEST_HINT };
    view! {
        <Title text=NO_ROOMS/>
        <main class="page browse" id="main" tabindex="-1">
            <Empty whole=true title=NO_ROOMS text>
                {full_member.then(|| view! {
                    <a class="button primary" href="/rooms">"Browse rooms"</a>
                    <a class="button plain" href="/rooms/new">"New room"</a>
                }.into_any())}
            </Empty>
        </main>
    }
}

/// Whether the user can browse and create rooms; guests cannot.
pub fn is_full_member(live: Live) -> bool {
    untrack(|| live.me()).is_some_and(|me| me.role.is_permanent())
}
