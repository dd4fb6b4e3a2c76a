//! Browsing the rooms that can be joined.

use crate::{
    api::{self, JoinRoom, Wire},
    forms::{Form, PostForm},
    live::Live,
    pages,
    rooms::{home::GUEST_HINT, room_link::shape},
    session::use_page_session,
    ui::{EmptyState, Icon, Notice, Shape},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use protocol::{page::Page, permissions::Permission, room::Room};

/// Public rooms that the user is not a member of.
#[component]
pub fn BrowsePage() -> impl IntoView {
    let session = use_page_session();
    let query = use_query_map();
    let page = Resource::new_blocking(move || query.read().get("cursor"), api::list_joinable_rooms);
    let list = pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        Some(match page.await {
            Ok(Wire(page)) => view! { <Joinable live page/> }.into_any(),
            Err(failure) => pages::error_section(&failure),
        })
    });
    view! {
        <Title text="Browse rooms"/>
        <main class="page browse-page" id="main" tabindex="-1">
            <header class="header-bar"><h1>"Browse rooms"</h1></header>
            <div class="content">
                {list}
            </div>
        </main>
    }
}

#[component]
fn Joinable(live: Live, page: Page<Room>) -> impl IntoView {
    if page.items.is_empty() {
        let finds_rooms = live.may(Permission::FindRooms);
        let (title, text) = if finds_rooms {
            ("You've joined every public room", "Create a new room for others to join.")
        } else {
            ("No rooms to join", GUEST_HINT)
        };
        return view! {
            <EmptyState title text shape=Shape::Compass>
                {finds_rooms.then(|| view! { <a class="button primary" href="/rooms/new">"New room"</a> }.into_any())}
            </EmptyState>
        }
        .into_any();
    }
    let form = Form::of::<JoinRoom>();
    let rooms = page.items.into_iter().map(|room| view! { <JoinRow room form/> }).collect_view();
    view! {
        <Notice text=form.error()/>
        <ul class="room-list">{rooms}</ul>
        {page.next_cursor.map(|cursor| view! {
            <a class="button secondary" href=format!("/rooms?cursor={cursor}")>"More rooms"</a>
        }.into_any())}
    }
    .into_any()
}

#[component]
fn JoinRow(room: Room, form: Form) -> impl IntoView {
    let id = room.id.to_string();
    let details = if room.topic.is_empty() {
        member_count_text(room.member_count)
    } else {
        format!("{} · {}", member_count_text(room.member_count), room.topic)
    };
    view! {
        <li class="room-card">
            <Icon shape=shape(&room)/>
            <div class="room-card-text">
                <a href=format!("/rooms/{id}")>{room.name.clone()}</a>
                <p>{details}</p>
            </div>
            <PostForm form>
                <input type="hidden" name="room_id" value=id/>
                <button class="button secondary" type="submit" aria-label=format!("Join {}", room.name)>"Join"</button>
            </PostForm>
        </li>
    }
}

/// The number of members as text.
pub fn member_count_text(count: i64) -> String {
    if count == 1 { "1 member".into() } else { format!("{count} members") }
}
