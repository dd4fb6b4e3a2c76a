//! All rooms of the user.

use crate::{
    page_query::query_param,
    rooms::{member_count_text, shape, unread_in},
    server_pages::{frame::page, search_form::search_form},
    ui::{EmptyState, Icon, Shape},
    unread_badge,
};
use leptos::prelude::*;
use protocol::{limits::ROOM_NAME_CHARS, room::Room};

/// The user's rooms by name, or those whose names contain the search text.
#[component]
pub fn YourRoomsPage() -> impl IntoView {
    page("Your rooms", async |context| {
        let query = query_param("q");
        let wanted = query.trim().to_lowercase();
        let rooms = &context.snapshot().await?.rooms;
        let found: Vec<_> = rooms.iter().filter(|room| room.name.to_lowercase().contains(&wanted)).map(row).collect();
        let list =
            if found.is_empty() { no_results(&query) } else { view! { <ul class="room-list">{found}</ul> }.into_any() };
        Ok(view! {
            {search_form("/rooms/mine", "Name of a room", query, ROOM_NAME_CHARS)}
            {list}
        }
        .into_any())
    })
}

fn row(room: &Room) -> AnyView {
    let members = member_count_text(room.member_count);
    let details = if room.topic.is_empty() { members } else { format!("{members} · {}", room.topic) };
    let unread = unread_in(room);
    let badge = (unread > 0).then(|| {
        view! {
            <span class="unread-count" aria-hidden="true">{unread_badge::badge(unread)} " new"</span>
            <span class="visually-hidden">{unread_badge::badge(unread)} " unread"</span>
        }
        .into_any()
    });
    view! {
        <li class="room-card">
            <Icon shape=shape(room)/>
            <div class="room-card-text">
                <a href=format!("/rooms/{}", room.id)>{room.name.clone()}</a>
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
