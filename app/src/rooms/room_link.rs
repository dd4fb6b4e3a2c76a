//! A room in the sidebar.

use crate::{
    live::Live,
    ui::{Icon, Shape},
    unread_badge,
};
use leptos::prelude::*;
use leptos_router::components::A;
use protocol::{
    id::RoomId,
    room::{Room, Visibility},
};

/// The icon of a room.
pub const fn shape(room: &Room) -> Shape {
    match room.visibility {
        Visibility::Public => Shape::Hash,
        Visibility::Private => Shape::Lock,
    }
}

/// A room in the sidebar: its name and its unread count.
#[component]
pub fn RoomLink(
    /// The live state.
    live: Live,
    /// Id of the room.
    id: RoomId,
) -> impl IntoView {
    let room = Memo::new(move |_| live.rooms.with(|list| list.room(id).map(|room| (room.title(list.me), shape(room)))));
    let unread = Memo::new(move |_| live.rooms.with(|list| list.room(id).map_or(0, unread_in)));
    view! {
        <li>
            <A href=format!("/rooms/{id}") attr:class="sidebar-link" class:unread=move || { unread.get() > 0 }>
                {move || room.get().map(|(_, shape)| view! { <Icon shape/> }.into_any())}
                <span class="sidebar-link-name">{move || room.get().map(|(name, _)| name)}</span>
                {move || (unread.get() > 0).then(|| view! { <UnreadCount count=unread.get()/> }.into_any())}
            </A>
        </li>
    }
}

/// The number of unread messages of a room.
pub fn unread_in(room: &Room) -> i64 {
    room.membership.as_ref().map_or(0, |membership| membership.unread)
}

#[component]
fn UnreadCount(count: i64) -> impl IntoView {
    view! {
        <span class="unread-count" aria-hidden="true">{unread_badge::badge(count)} " new"</span>
        <span class="visually-hidden">{unread_badge::badge(count)} " unread"</span>
    }
}
