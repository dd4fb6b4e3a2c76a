//! Outbox messages of the room, below its timeline.

use crate::{
    live::{ConnectionState, OutboxMessage, SendState},
    room::{
        composer,
        conversation::{RoomView, use_room_view},
        grouping,
    },
    ui::{Avatar, Timestamp},
};
use leptos::prelude::*;

/// The user's unconfirmed messages, shown at once at the end of the timeline.
#[component]
pub fn OutboxRows() -> impl IntoView {
    let room_view = use_room_view();
    let rows = move || {
        let items = room_view.live.outbox.in_room(room_view.id);
        let me = room_view.live.my_id();
        let continues_group = items.first().is_some_and(|first| {
            room_view
                .state
                .with(|state| state.messages.last().is_some_and(|last| grouping::same_group(last, me, first.at)))
        });
        items.into_iter().enumerate().map(|(index, item)| (item, index == 0 && !continues_group)).collect::<Vec<_>>()
    };
    view! {
        <For each=rows key=Clone::clone let((item, first_in_group))>
            <OutboxRow room_view item first_in_group/>
        </For>
    }
}

#[component]
fn OutboxRow(room_view: RoomView, item: OutboxMessage, first_in_group: bool) -> impl IntoView {
    let me = room_view.live.me()?;
    let class = match (first_in_group, &item.state) {
        (true, SendState::Rejected(_)) => "message first-in-group",
        (false, SendState::Rejected(_)) => "message",
        (true, _) => "message first-in-group pending",
        (false, _) => "message pending",
    };
    let (client_id, body, at) = (item.client_id.to_string(), item.body.clone(), item.at);
    Some(
        view! {
            <div class=class data-client-id=client_id>
                {first_in_group.then(|| view! { <Avatar of=me.author()/> }.into_any())}
                <div class="byline" class:time-only=!first_in_group>
                    {first_in_group.then(|| view! { <strong>{me.display_name}</strong> }.into_any())} " "
                    <Timestamp at/>
                </div>
                <div class="message-body">
                    <p class="prose plain-text">{body}</p>
                    <SendStatus room_view item/>
                </div>
            </div>
        }
        .into_any(),
    )
}

/// The send state of a message, and the actions if it was rejected.
#[component]
fn SendStatus(room_view: RoomView, item: OutboxMessage) -> impl IntoView {
    match item.state.clone() {
        SendState::Rejected(why) => Some(view! { <SendRejected room_view item why/> }.into_any()),
        SendState::Acked => None,
        SendState::Waiting | SendState::InFlight => {
            let text = move || match room_view.live.connection.get() {
                ConnectionState::Live => "Sending…",
                ConnectionState::Connecting | ConnectionState::Offline => "Waiting to send",
            };
            Some(view! { <p class="send-state">{text}</p> }.into_any())
        }
    }
}

#[component]
fn SendRejected(room_view: RoomView, item: OutboxMessage, why: String) -> impl IntoView {
    let OutboxMessage { client_id: id, body, .. } = item.clone();
    let discard = move || room_view.live.outbox.discard(&id);
    let edit = {
        let discard = discard.clone();
        move |_| {
            composer::put_back(&body);
            discard();
        }
    };
    view! {
        <p class="send-state failed" role="alert">
            <span>"Not sent. " {why}</span>
            <button type="button" class="button ghost" on:click=move |_| room_view.live.retry(&item)>"Retry"</button>
            <button type="button" class="button ghost" on:click=edit>"Edit"</button>
            <button type="button" class="button ghost" on:click=move |_| discard()>"Discard"</button>
        </p>
    }
}
