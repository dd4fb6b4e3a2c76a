//! What was just said and is on its way into the room.

use super::{
    rows,
    talk::{Talk, use_talk},
};
use crate::{
    live::{Link, Outgoing, Standing},
    ui::{Avatar, Moment},
};
use leptos::prelude::*;

/// What was just said: it stands at once where it will be.
#[component]
pub fn OutgoingRows() -> impl IntoView {
    let talk = use_talk();
    let rows = move || {
        let items = talk.live.outbox.of(talk.id);
        let me = talk.live.my_id();
        let joins = items.first().is_some_and(|first| {
            talk.state.with(|state| state.messages.last().is_some_and(|last| rows::together(last, me, first.at)))
        });
        items.into_iter().enumerate().map(|(index, item)| (item, index == 0 && !joins)).collect::<Vec<_>>()
    };
    view! {
        <For each=rows key=Clone::clone let((item, lead))>
            <OutgoingRow talk item lead/>
        </For>
    }
}

#[component]
fn OutgoingRow(talk: Talk, item: Outgoing, lead: bool) -> impl IntoView {
    let me = talk.live.me()?;
    let class = match (lead, &item.standing) {
        (true, Standing::Refused(_)) => "message lead",
        (false, Standing::Refused(_)) => "message",
        (true, _) => "message lead outgoing",
        (false, _) => "message outgoing",
    };
    let (client_id, body, at) = (item.client_id.to_string(), item.body.clone(), item.at);
    Some(
        view! {
            <div class=class data-client-id=client_id>
                {lead.then(|| view! { <Avatar of=me.author()/> }.into_any())}
                <p class="byline" class:aside=!lead>
                    {lead.then(|| view! { <strong>{me.display_name}</strong> }.into_any())} " " <Moment at/>
                </p>
                <div class="words">
                    <p class="prose as-typed">{body}</p>
                    <How talk item/>
                </div>
            </div>
        }
        .into_any(),
    )
}

/// How it stands, and what can be done when it was refused.
#[component]
fn How(talk: Talk, item: Outgoing) -> impl IntoView {
    match item.standing.clone() {
        Standing::Refused(why) => Some(view! { <Refused talk item why/> }.into_any()),
        Standing::Stored => None,
        Standing::Waiting | Standing::Sent => {
            let how = move || match talk.live.link.get() {
                Link::Live => "sending",
                Link::Connecting | Link::Offline => "waiting for connection",
            };
            Some(view! { <p class="standing">{how}</p> }.into_any())
        }
    }
}

#[component]
fn Refused(talk: Talk, item: Outgoing, why: String) -> impl IntoView {
    let id = item.client_id.clone();
    view! {
        <p class="standing failed" role="alert">
            <span>"Not sent. " {why}</span>
            <button type="button" class="button quiet" on:click=move |_| talk.live.say_again(&item)>"Retry"</button>
            <button type="button" class="button quiet" on:click=move |_| talk.live.outbox.discard(&id)>"Discard"</button>
        </p>
    }
}
