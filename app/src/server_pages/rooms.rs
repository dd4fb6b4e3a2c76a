//! All rooms of the user.

use crate::{
    api::{ClearUnread, RestoreUnread},
    forms::{Form, PostForm},
    page_query::query_param,
    rooms::{Mark, RoomMark, UnreadCount, member_count_text},
    server_pages::{frame::page, search_form::search_form},
    ui::{EmptyState, Notice, Shape, Submit},
    undo_notice::UndoNotice,
};
use leptos::prelude::*;
use protocol::{id::UserId, limits::ROOM_NAME_CHARS, room::Room, state::sidebar::Badge, time::Time};

/// The user's rooms by name, or those whose names contain the search text.
#[component]
pub fn YourRoomsPage() -> impl IntoView {
    page("Your rooms", async |context| {
        let query = query_param("q");
        let wanted = query.trim().to_lowercase();
        let rooms = &context.snapshot().await?.rooms;
        let (me, now) = (context.me.id, context.chat.now());
        let is_wanted = |room: &&Room| room.title(me).to_lowercase().contains(&wanted);
        let found: Vec<_> = rooms.iter().filter(is_wanted).map(|room| row(room, me, now)).collect();
        let list =
            if found.is_empty() { no_results(&query) } else { view! { <ul class="room-list">{found}</ul> }.into_any() };
        Ok(view! {
            {unread_notice(rooms.iter().any(|room| Badge::of(room, now).is_some()))}
            {search_form("/rooms/mine", "Name of a room", query, ROOM_NAME_CHARS)}
            {list}
        }
        .into_any())
    })
}

/// Offers to mark everything read, or to undo it.
fn unread_notice(has_unread: bool) -> AnyView {
    let (clear, restore) = (Form::of::<ClearUnread>(), Form::of::<RestoreUnread>());
    let ids = query_param("cleared");
    if !ids.is_empty() {
        return view! {
            <UndoNotice form=restore text="Marked everything as read.">
                <input type="hidden" name="message_ids" value=ids/>
            </UndoNotice>
        }
        .into_any();
    }
    let button = has_unread.then(|| {
        view! { <PostForm form=clear><Submit label="Mark everything as read" pending=clear.pending() variant="secondary"/></PostForm> }
            .into_any()
    });
    view! { <Notice text=clear.error()/> {button} }.into_any()
}

fn row(room: &Room, me: UserId, now: Time) -> AnyView {
    let members = member_count_text(room.member_count);
    let details = if room.topic.is_empty() { members } else { format!("{members} · {}", room.topic) };
    let badge = Badge::of(room, now).map(|badge| view! { <UnreadCount badge/> }.into_any());
    view! {
        <li class="room-card">
            <RoomMark mark=Mark::of(room, me)/>
            <div class="room-card-text">
                <a href=format!("/rooms/{}", room.id)>{room.title(me)}</a>
                <p>{details}</p>
            </div>
            {badge}
        </li>
    }
    .into_any()
}

fn no_results(query: &str) -> AnyView {
    let (title, text) = if query.is_empty() {
        ("No rooms yet".to_owned(), "Rooms that you join appear here.")
    } else {
        (format!("No rooms match “{query}”"), "Try another part of the name.")
    };
    let all = (!query.is_empty())
        .then(|| view! { <a class="button secondary" href="/rooms/mine">"Show all rooms"</a> }.into_any());
    view! { <EmptyState title text shape=Shape::Hash>{all}</EmptyState> }.into_any()
}
