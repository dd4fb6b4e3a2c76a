//! The timeline: the messages of a room, in order.

use super::grouping;
use crate::{
    api::MarkRead,
    forms::{Form, PostForm},
    room::{
        conversation::{RoomView, use_room_view},
        edit,
        grouping::Row,
        jump_to_latest::JumpToLatest,
        message::MessageRow,
        outbox_rows::OutboxRows,
        read_marker, scroll,
    },
    ui::{EmptyState, use_clock},
};
use leptos::{html, prelude::*};
use protocol::{permissions::Permission, time::Time};

/// Id of the loaded messages, by which a link leads to the first of them instead of the last.
const LOADED: &str = "messages";

/// The messages of the room. New content does not move what the user is reading.
#[component]
pub fn Timeline() -> impl IntoView {
    let room_view = use_room_view();
    let clock = use_clock();
    let (frame, content) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let me = room_view.live.my_id();
    let rows = Memo::new(move |_| {
        room_view.state.with(|state| {
            grouping::group_messages(&state.messages, room_view.unread_from.get(), me, |time| clock.day(time))
        })
    });
    let on_scroll = scroll::anchor(room_view, frame, content);
    read_marker::track(room_view);
    edit::close_when_saved(room_view);
    edit::reopen_unsaved(room_view);
    view! {
        <div class="timeline" node_ref=frame on:scroll=move |_| on_scroll() role="log" tabindex="0"
            aria-label=move || format!("Messages in {}", room_view.name())
            aria-busy=move || room_view.loading.get().then_some("true")>
            <div class="messages" id=LOADED node_ref=content>
                <Beginning room_view/>
                <For each=move || rows.get() key=Row::clone let:row>
                    {match row {
                        Row::Day(_, time) => view! { <Day time/> }.into_any(),
                        Row::New => view! { <UnreadLine room_view/> }.into_any(),
                        Row::Message { id, first_in_group, .. } => {
                            view! { <MessageRow room_view id first_in_group/> }.into_any()
                        }
                    }}
                </For>
                <Newer room_view/>
                <OutboxRows/>
            </div>
        </div>
        <JumpToLatest frame/>
    }
}

/// Above the first message: the link to older messages, or the beginning of the room.
#[component]
fn Beginning(room_view: RoomView) -> impl IntoView {
    let edge = Memo::new(move |_| {
        room_view.state.with(|state| (state.older, state.messages.first().map(|message| message.id)))
    });
    let waiting = move || !room_view.live.outbox.in_room(room_view.id).is_empty();
    move || match edge.get() {
        (true, Some(first)) => view! {
            <p class="load-more"><a href=format!("/rooms/{}?before={first}", room_view.id) on:click=move |event| {
                event.prevent_default();
                room_view.load_older();
            }>"Older messages"</a></p>
        }
        .into_any(),
        (_, None) if !waiting() => no_messages(room_view),
        _ => view! {
            <p class="timeline-start">"This is the start of " <strong>{room_view.name()}</strong> "."</p>
        }
        .into_any(),
    }
}

/// A room without messages. An administrator who is alone in the Lobby is offered what comes first on a new server.
fn no_messages(room_view: RoomView) -> AnyView {
    let alone = room_view.room().is_some_and(|room| room.fixed_members && room.member_count < 2);
    if !alone || !room_view.live.may(Permission::ManageServer) {
        return view! { <EmptyState title="No messages yet" text="Send the first message."/> }.into_any();
    }
    view! {
        <EmptyState title="It's just you here so far" text="Invite people, create rooms, and choose who can sign up.">
            <a class="button primary" href="/admin/invitations" rel="external">"Invite people"</a>
            <a class="button secondary" href="/rooms/new">"New room"</a>
            <a class="button secondary" href="/admin/settings" rel="external">"Service settings"</a>
        </EmptyState>
    }
    .into_any()
}

/// Below the last loaded message when it is not the newest: the link to newer messages.
#[component]
fn Newer(room_view: RoomView) -> impl IntoView {
    let edge = Memo::new(move |_| {
        room_view.state.with(|state| state.messages.last().filter(|_| state.newer).map(|message| message.id))
    });
    move || {
        edge.get().map(|last| {
            view! {
                <p class="load-more">
                    <a href=format!("/rooms/{}?after={last}#{LOADED}", room_view.id) on:click=move |event| {
                        event.prevent_default();
                        room_view.load_newer();
                    }>"Newer messages"</a>
                    <a class="no-js-only" href=format!("/rooms/{}", room_view.id)>"Jump to latest"</a>
                </p>
            }
            .into_any()
        })
    }
}

#[component]
fn Day(time: Time) -> impl IntoView {
    let clock = use_clock();
    view! { <p class="day-divider"><span>{move || clock.date(time)}</span></p> }
}

/// The unread line. Without JavaScript it has a button that marks the room as read.
#[component]
fn UnreadLine(room_view: RoomView) -> impl IntoView {
    let form = Form::of::<MarkRead>();
    let newest = room_view.state.with_untracked(|state| state.messages.last().map(|message| message.id.to_string()));
    view! {
        <div class="unread-divider">
            <span>"New"</span>
            <PostForm form class="no-js-only">
                <input type="hidden" name="room_id" value=room_view.id.to_string()/>
                <input type="hidden" name="message_id" value=newest/>
                <button type="submit" class="button ghost">"Mark as read"</button>
            </PostForm>
        </div>
    }
}
