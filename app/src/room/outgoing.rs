//! Outbox messages of the room, below its timeline.

use crate::{
    live::{ConnectionState, OutboxMessage, SendState},
    room::{
        conversation::{RoomView, use_room_view},
        grouping,
    },
    ui::{Avatar, Timestamp},
};
use leptos::prelude::*;

/// The user's unconfirmed messages, shown at once where they will be.
#[component]
pub fn OutboxRows() -> impl IntoView {
    let talk = use_room_view();
    let rows = move || {
        let items = talk.live.outbox.in_room(talk.id);
        let me = talk.live.my_id();
        let continues_group = items.first().is_some_and(|first| {
            talk.state.with(|state| state.messages.last().is_some_and(|last| grouping::same_group(last, me, first.at)))
        });
        items.into_iter().enumerate().map(|(index, item)| (item, index == 0 && !continues_group)).collect::<Vec<_>>()
    };
    view! {
        <For each=rows key=Clone::clone let((item, lead))>
            <OutboxRow talk item lead/>
        </For>
    }
}

#[component]
fn OutboxRow(talk: RoomView, item: OutboxMessage, lead: bool) -> impl IntoView {
    let me = talk.live.me()?;
    let class = match (lead, &item.state) {
        (true, SendState::Rejected(_)) => "message lead",
        (false, SendState::Rejected(_)) => "message",
        (true, _) => "message lead outgoing",
        (false, _) => "message outgoing",
    };
    let (client_id, body, at) = (item.client_id.to_string(), item.body.clone(), item.at);
    Some(
        view! {
            <div class=class data-client-id=client_id>
                {lead.then(|| view! { <Avatar of=me.author()/> }.into_any())}
                <p class="byline" class:aside=!lead>
                    {lead.then(|| view! { <strong>{me.display_name}</strong> }.into_any())} " " <Timestamp at/>
                </p>
                <div class="words">
                    <p class="prose as-typed">{body}</p>
                    <SendStatus talk item/>
                </div>
            </div>
        }
        .into_any(),
    )
}

/// The send state of a message, and the actions if it was rejected.
#[component]
fn SendStatus(talk: RoomView, item: OutboxMessage) -> impl IntoView {
    match item.state.clone() {
        SendState::Rejected(why) => Some(view! { <SendRejected talk item why/> }.into_any()),
        SendState::Acked => None,
        SendState::Waiting | SendState::InFlight => {
            let text = move || match talk.live.connection.get() {
                ConnectionState::Live => "sending",
                ConnectionState::Connecting | ConnectionState::Offline => "waiting for connection",
            };
            Some(view! { <p class="standing">{text}</p> }.into_any())
        }
    }
}

#[component]
fn SendRejected(talk: RoomView, item: OutboxMessage, why: String) -> impl IntoView {
    let id = item.client_id.clone();
    view! {
        <p class="standing failed" role="alert">
            <span>"Not sent. " {why}</span>
            <button type="button" class="button quiet" on:click=move |_| talk.live.retry(&item)>"Retry"</button>
            <button type="button" class="button quiet" on:click=move |_| talk.live.outbox.discard(&id)>"Discard"</button>
        </p>
    }
}
