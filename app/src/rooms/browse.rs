//! Rooms that can be joined.

use super::room_link::shape;
use crate::{
    api::{self, JoinRoom},
    forms, pages,
    session::use_session,
    ui::{Empty, Icon, Notice},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use protocol::{page::Page, room::Room};

/// Public rooms that the person is not in.
#[component]
pub fn BrowsePage() -> impl IntoView {
    let session = use_session();
    let query = use_query_map();
    let page = Resource::new_blocking(move || query.read().get("cursor"), api::browse);
    let list = move || {
        Suspend::new(async move {
            session.enter().await.ok()?;
            Some(match page.await {
                Ok(page) => Either::Left(view! { <Joinable page/> }),
                Err(failure) => Either::Right(pages::failed(&failure)),
            })
        })
    };
    view! {
        <Title text="Browse rooms"/>
        <main class="page browse" id="main">
            <header class="bar"><h1>"Browse rooms"</h1></header>
            <div class="sheet">
                <Transition fallback=pages::skeleton>{list}</Transition>
            </div>
        </main>
    }
}

#[component]
fn Joinable(page: Page<Room>) -> impl IntoView {
    if page.items.is_empty() {
        return Either::Left(view! {
            <Empty title="You are in every open room" text="Make a new one, and people can join you there.">
                <a class="button primary" href="/rooms/new">"New room"</a>
            </Empty>
        });
    }
    let action = ServerAction::<JoinRoom>::new();
    let rooms = page.items.into_iter().map(|room| view! { <JoinRow room action/> }).collect_view();
    Either::Right(view! {
        <Notice text=forms::told(forms::failure(action))/>
        <ul class="cards">{rooms}</ul>
        {page.next_cursor.map(|cursor| view! {
            <a class="button plain" href=format!("/rooms?cursor={cursor}")>"More rooms"</a>
        })}
    })
}

#[component]
fn JoinRow(room: Room, action: ServerAction<JoinRoom>) -> impl IntoView {
    let id = room.id.to_string();
    let about = if room.topic.is_empty() {
        people(room.member_count)
    } else {
        format!("{} · {}", people(room.member_count), room.topic)
    };
    view! {
        <li class="room-card">
            <Icon shape=shape(&room)/>
            <div class="about">
                <a href=format!("/rooms/{id}")>{room.name.clone()}</a>
                <p>{about}</p>
            </div>
            <ActionForm action=action>
                <input type="hidden" name="room_id" value=id/>
                <button class="button plain" type="submit" aria-label=format!("Join {}", room.name)>"Join"</button>
            </ActionForm>
        </li>
    }
}

/// How many people, in words.
pub fn people(count: i64) -> String {
    if count == 1 { "1 person".into() } else { format!("{count} people") }
}
