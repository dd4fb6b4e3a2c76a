//! The timeline: the messages of a room, in order.

use super::grouping::{self};
use crate::{
    api::MarkRead,
    forms::{Form, PostForm},
    room::{
        conversation::{RoomView, use_room_view},
        edit,
        grouping::Row,
        jump_to_latest::JumpToLatest,
        message::MessageRow,
        outgoing::OutboxRows,
        read_marker, scroll,
    },
    ui::{Empty, use_clock},
};
use leptos::{html, prelude::*};
use protocol::time::Time;

/// The messages of the room. New content does not move what the user is reading.
#[component]
pub fn Timeline() -> impl IntoView {
    let talk = use_room_view();
    let clock = use_clock();
    let (frame, content) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let me = talk.live.my_id();
    let rows = Memo::new(move |_| {
        talk.state
            .with(|state| grouping::group_messages(&state.messages, talk.unread_from.get(), me, |time| clock.day(time)))
    });
    let on_scroll = scroll::anchor(talk, frame, content);
    read_marker::track(talk);
    edit::close_when_saved(talk);
    view! {
        <div class="timeline" node_ref=frame on:scroll=move |_| on_scroll() role="log" tabindex="0"
            aria-label=move || format!("Messages in {}", talk.name())
            aria-busy=move || talk.loading.get().then_some("true")>
            <div class="run" node_ref=content>
                <Beginning talk/>
                <For each=move || rows.get() key=Row::clone let:row>
                    {match row {
                        Row::Day(_, time) => view! { <Day time/> }.into_any(),
                        Row::New => view! { <UnreadLine talk/> }.into_any(),
                        Row::Message { id, lead, .. } => view! { <MessageRow talk id lead/> }.into_any(),
                    }}
                </For>
                <Newer talk/>
                <OutboxRows/>
            </div>
        </div>
        <JumpToLatest frame/>
    }
}

/// Above the first message: the link to older messages, or the beginning of the room.
#[component]
fn Beginning(talk: RoomView) -> impl IntoView {
    let edge =
        Memo::new(move |_| talk.state.with(|state| (state.older, state.messages.first().map(|message| message.id))));
    let waiting = move || !talk.live.outbox.in_room(talk.id).is_empty();
    move || match edge.get() {
        (true, Some(first)) => view! {
            <p class="more"><a href=format!("/rooms/{}?before={first}", talk.id) on:click=move |event| {
                event.prevent_default();
                talk.load_older();
            }>"Older messages"</a></p>
        }
        .into_any(),
        (_, None) if !waiting() => view! {
            <Empty title="Nothing has been said here yet" text="Say the first word: a hello is enough."/>
        }
        .into_any(),
        _ => view! { <p class="beginning">"This is where " <strong>{talk.name()}</strong> " begins."</p> }.into_any(),
    }
}

/// Below the last loaded message when it is not the newest: the link to newer messages.
#[component]
fn Newer(talk: RoomView) -> impl IntoView {
    let edge = Memo::new(move |_| {
        talk.state.with(|state| state.messages.last().filter(|_| state.newer).map(|message| message.id))
    });
    move || {
        edge.get().map(|last| {
            view! {
                <p class="more">
                    <a href=format!("/rooms/{}?after={last}", talk.id) on:click=move |event| {
                        event.prevent_default();
                        talk.load_newer();
                    }>"Newer messages"</a>
                    <a class="plain-only" href=format!("/rooms/{}", talk.id)>"Jump to latest"</a>
                </p>
            }
            .into_any()
        })
    }
}

#[component]
fn Day(time: Time) -> impl IntoView {
    let clock = use_clock();
    view! { <p class="line day"><span>{move || clock.date(time)}</span></p> }
}

/// The unread line. Without JavaScript it has a button that marks the room as read.
#[component]
fn UnreadLine(talk: RoomView) -> impl IntoView {
    let form = Form::of::<MarkRead>();
    let newest = talk.state.with_untracked(|state| state.messages.last().map(|message| message.id.to_string()));
    view! {
        <div class="line new" data-new>
            <span>"New"</span>
            <PostForm form class="plain-only">
                <input type="hidden" name="room_id" value=talk.id.to_string()/>
                <input type="hidden" name="message_id" value=newest/>
                <button type="submit" class="button quiet">"Mark as read"</button>
            </PostForm>
        </div>
    }
}
