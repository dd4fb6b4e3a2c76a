//! The page of a room.

use crate::{
    api::{Failure, HistoryPosition, OpenedRoom, Wire},
    last_room,
    live::Live,
    pages,
    room::{
        card::JoinCard,
        composer::Composer,
        conversation::RoomView,
        delete::DeleteDialog,
        header::Header,
        page_data::{PageData, read_html},
        timeline::Timeline,
    },
    session::use_page_session,
    ui::EmptyState,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    components::Outlet,
    hooks::{use_params_map, use_query_map},
};
use protocol::{error::Error, id::RoomId, permissions::Permission};
use std::sync::Arc;

/// What the page is loaded for; when it changes, the page is loaded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RoomRequest {
    id: Option<RoomId>,
    position: HistoryPosition,
    joined_version: u32,
}

/// The room, and beside it the pane that the URL names.
#[component]
pub fn RoomPage() -> impl IntoView {
    let session = use_page_session();
    let live = session.live();
    let (params, query) = (use_params_map(), use_query_map());
    let request = Memo::new(move |_| RoomRequest {
        id: params.with(|params| params.get("id")?.parse().ok()),
        position: query.with(|query| {
            let at = |name| query.get(name).and_then(|id| id.parse().ok());
            at("before")
                .map(HistoryPosition::Before)
                .or_else(|| at("after").map(HistoryPosition::After))
                .or_else(|| at("around").map(HistoryPosition::Around))
                .or_else(|| query.get("latest").map(|_| HistoryPosition::Latest))
                .unwrap_or_default()
        }),
        joined_version: live.joined_version.get(),
    });
    let opened = Resource::new_blocking(
        move || request.get(),
        move |request| async move {
            let live = session.ready().await?;
            let id = request.id.ok_or_else(|| Error::not_found("room"))?;
            live.open_room(id, request.position)
                .await
                .map(|opened| Wire(PageData { position: request.position, opened: Arc::new(opened) }))
        },
    );
    let room = pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        let opened = opened.await;
        pages::skip_dry_runs().await;
        Some(match opened {
            Ok(Wire(PageData { position, mut opened })) => {
                read_html(&mut opened);
                view! { <Room live opened position/> }.into_any()
            }
            Err::<_, Failure>(failure) => pages::error_page(&failure),
        })
    });
    view! {
        <div class="room">
            {room}
            <Outlet/>
        </div>
    }
}

/// One view of a room. Each view is rendered from scratch: no text typed or scroll position leaks into another room.
#[component]
fn Room(live: Live, opened: Arc<OpenedRoom>, position: HistoryPosition) -> impl IntoView {
    // Whoever joins a room again gets a view of its own.
    let key = (opened.room.id, position, opened.history.is_some(), live.joined_version.get_untracked());
    if opened.history.is_some() {
        last_room::remember(opened.room.id);
    }
    view! {
        <For each=move || [(key, Arc::clone(&opened))] key=|(key, _)| *key let((_, opened))>
            {match opened.history.as_ref() {
                Some(history) => {
                    let room_view = RoomView::new(live, &opened, history, position);
                    provide_context(room_view);
                    view! { <Conversation room_view/> }.into_any()
                }
                None => view! { <JoinCard room=opened.room.clone()/> }.into_any(),
            }}
        </For>
    }
}

#[component]
fn Conversation(room_view: RoomView) -> impl IntoView {
    let open = Memo::new(move |_| room_view.is_open());
    let page = move || {
        if open.get() {
            view! {
                <main class="room-main" id="main" tabindex="-1">
                    <Header/>
                    <Timeline/>
                    <Composer/>
                    <DeleteDialog/>
                </main>
            }
            .into_any()
        } else {
            view! { <RemovedFromRoom live=room_view.live/> }.into_any()
        }
    };
    view! { {page} }
}

const REMOVED_FROM_ROOM: &str = "You're no longer in this room";

#[component]
fn RemovedFromRoom(live: Live) -> impl IntoView {
    let way_on = if live.may(Permission::FindRooms) {
        view! { <a class="button primary" href="/rooms">"Browse rooms"</a> }.into_any()
    } else {
        view! { <a class="button primary" href="/">"Back to your rooms"</a> }.into_any()
    };
    view! {
        <Title text=REMOVED_FROM_ROOM/>
        <main class="page" id="main" tabindex="-1">
            <EmptyState whole=true title=REMOVED_FROM_ROOM
                text="You left or were removed from this room.">
                {way_on}
            </EmptyState>
        </main>
    }
}
