//! The sidebar: the room list and the signed-in user.

use crate::{
    live::Live,
    rooms::room_link::RoomLink,
    sign_out::SignOutForm,
    ui::{Avatar, Icon, Logo, Shape},
    unread_badge,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};
use protocol::{id::RoomId, permissions::Permission};

/// The page of all rooms of a user.
const YOUR_ROOMS: &str = "/rooms/mine";

/// The user's rooms, further links, and the user.
#[component]
pub fn Sidebar(
    /// The live state.
    live: Live,
) -> impl IntoView {
    let rooms = move || {
        let drawn = live.drawn.get();
        let is_drawn = |id: &RoomId| drawn.as_ref().is_none_or(|drawn| drawn.contains(id));
        live.rooms.with(|list| list.shown().map(|room| room.id).filter(is_drawn).collect::<Vec<_>>())
    };
    Effect::new(move || draw_the_others(live));
    let link_to_all = live.drawn.with_untracked(Option::is_some).then(|| view! { <LinkToAll live/> }.into_any());
    let unread = untrack(|| live.unread()).unwrap_or_default();
    let more_links = live.may(Permission::FindRooms).then(|| view! { <MoreLinks/> }.into_any());
    let here = use_location().pathname.get_untracked();
    let current = |path: &str| (here == path).then_some("page");
    view! {
        <header class="sidebar">
            <a class="brand" href="/"><Logo/> "Lair Chat"</a>
            <nav class="sidebar-nav" aria-label="Rooms">
                <div class="sidebar-heading"><h2>"Rooms"</h2> {link_to_all}</div>
                <ul>
                    <For each=rooms key=|id| *id let:id>
                        <RoomLink live id/>
                    </For>
                </ul>
                <ul class="sidebar-more">
                    {more_links}
                    <li>
                        <a href="/people" rel="external" class="sidebar-link" aria-current=current("/people")>
                            <Icon shape=Shape::People/> "People"
                        </a>
                    </li>
                    <li>
                        <a href="/notifications" rel="external" class="sidebar-link"
                            aria-current=current("/notifications") data-unread=unread_badge::badge(unread) aria-label=unread_badge::label(unread)>
                            <Icon shape=Shape::Bell/> "Notifications"
                        </a>
                    </li>
                </ul>
            </nav>
            <Me live/>
        </header>
    }
}

/// Leads to the page of all the user's rooms, of which the server draws only a part here.
#[component]
fn LinkToAll(live: Live) -> impl IntoView {
    let count = move || live.rooms.with(|list| list.shown().count());
    view! { <a href=YOUR_ROOMS rel="external">"All " {count} <span class="visually-hidden">" rooms"</span></a> }
}

/// Draws the rooms that the server has not drawn, in the browser. The room that is open stays where it is.
fn draw_the_others(live: Live) {
    if live.drawn.with_untracked(Option::is_none) {
        return;
    }
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    let top = move || Some(find(".sidebar-nav [aria-current='page']")?.get_bounding_client_rect().top());
    let before = top();
    live.drawn.set(None);
    request_animation_frame(move || {
        if let (Some(before), Some(after), Some(list)) = (before, top(), find(".sidebar-nav")) {
            list.scroll_by_with_x_and_y(0.0, after - before);
        }
    });
}

/// Links for all members but guests, who cannot browse or create rooms.
#[component]
fn MoreLinks() -> impl IntoView {
    view! {
        <li><A href="/rooms" exact=true attr:class="sidebar-link"><Icon shape=Shape::Compass/> "Browse rooms"</A></li>
        <li><A href="/rooms/new" attr:class="sidebar-link"><Icon shape=Shape::Plus/> "New room"</A></li>
    }
}

#[component]
fn Me(live: Live) -> impl IntoView {
    let link = move || {
        // Not on every change: a keyboard user would lose the focus when it is rendered again.
        live.authors_version.track();
        untrack(|| live.me()).map(|me| {
            view! {
                <a class="sidebar-user-link" href="/settings" rel="external" title="Settings">
                    <Avatar of=me.author() size="medium"/>
                    <span class="user-name"><strong>{me.display_name}</strong> <span>"@" {me.username}</span></span>
                </a>
            }
            .into_any()
        })
    };
    view! { <div class="sidebar-user">{link} <SignOutForm/></div> }
}
