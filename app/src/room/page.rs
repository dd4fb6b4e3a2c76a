//! The page of one room.

use super::{card::JoinCard, composer::Composer, delete::DeleteDialog, header::Header, talk::Talk, timeline::Timeline};
use crate::{
    api::{Failure, Opened, Place, Wire},
    live::Live,
    pages,
    session::use_session,
    ui::Empty,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    components::Outlet,
    hooks::{use_params_map, use_query_map},
};
use protocol::{error::Error, id::RoomId};
use std::sync::Arc;

/// What is asked for; when it changes, the page is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Visit {
    id: Option<RoomId>,
    place: Place,
    generation: u32,
    entered: u32,
}

/// The conversation, and beside it what the rest of the address asks for.
#[component]
pub fn RoomPage() -> impl IntoView {
    let session = use_session();
    let live = session.live();
    let (params, query) = (use_params_map(), use_query_map());
    let visit = Memo::new(move |_| Visit {
        id: params.with(|params| params.get("id")?.parse().ok()),
        place: query.with(|query| {
            let at = |name| query.get(name).and_then(|id| id.parse().ok());
            at("before")
                .map(Place::Before)
                .or_else(|| at("after").map(Place::After))
                .or_else(|| at("around").map(Place::Around))
                .unwrap_or_default()
        }),
        generation: live.generation.get(),
        entered: live.entered.get(),
    });
    let opened = Resource::new_blocking(
        move || visit.get(),
        move |visit| async move {
            let live = session.enter().await?;
            let id = visit.id.ok_or_else(|| Error::not_found("room"))?;
            live.open_room(id, visit.place).await.map(|opened| Wire((visit.place, visit.generation, opened)))
        },
    );
    let room = pages::awaited(move || async move {
        let live = session.enter().await.ok()?;
        Some(match opened.await {
            Ok(Wire((place, generation, opened))) => view! { <Room live opened place generation/> }.into_any(),
            Err::<_, Failure>(failure) => pages::failed_page(&failure),
        })
    });
    view! {
        <div class="room">
            {room}
            <Outlet/>
        </div>
    }
}

/// One visit to a room. Another visit is drawn anew: nothing typed or scrolled in one room leaks into another.
#[component]
fn Room(live: Live, opened: Opened, place: Place, generation: u32) -> impl IntoView {
    let key = (opened.room.id, place, generation, opened.history.is_some());
    let opened = Arc::new(opened);
    view! {
        <For each=move || [(key, Arc::clone(&opened))] key=|(key, _)| *key let((_, opened))>
            {match opened.history.as_ref() {
                Some(history) => {
                    let talk = Talk::new(live, &opened, history);
                    provide_context(talk);
                    view! { <Conversation talk/> }.into_any()
                }
                None => view! { <JoinCard room=opened.room.clone()/> }.into_any(),
            }}
        </For>
    }
}

#[component]
fn Conversation(talk: Talk) -> impl IntoView {
    let open = Memo::new(move |_| talk.is_open());
    let page = move || {
        if open.get() {
            view! {
                <main class="talk" id="main" tabindex="-1">
                    <Header/>
                    <Timeline/>
                    <Composer/>
                    <DeleteDialog/>
                </main>
            }
            .into_any()
        } else {
            view! { <ShownOut/> }.into_any()
        }
    };
    view! { {page} }
}

const SHOWN_OUT: &str = "You are no longer in this room";

#[component]
fn ShownOut() -> impl IntoView {
    view! {
        <Title text=SHOWN_OUT/>
        <main class="page" id="main" tabindex="-1">
            <Empty whole=true title=SHOWN_OUT
                text="You left it, or someone showed you out. Nothing that is said here reaches you any more.">
                <a class="button primary" href="/rooms">"Browse rooms"</a>
            </Empty>
        </main>
    }
}
