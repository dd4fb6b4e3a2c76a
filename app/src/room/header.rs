//! The room header.

use crate::{
    room::conversation::use_room_view,
    ui::{Icon, Shape},
    unread_badge::badge,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_location};
use protocol::room::Visibility;

/// The room's name and topic, and the link to its members.
#[component]
pub fn Header() -> impl IntoView {
    let room_view = use_room_view();
    let name = move || room_view.name();
    let shape = move || match room_view.room().map(|room| room.visibility) {
        Some(Visibility::Private) => Shape::Lock,
        _ => Shape::Hash,
    };
    let unread = Memo::new(move |_| {
        room_view.live.rooms.with(|list| {
            list.rooms
                .iter()
                .filter_map(|room| room.membership.as_ref())
                .map(|membership| membership.unread)
                .sum::<i64>()
        })
    });
    let title = move || if unread.get() > 0 { format!("({}) {}", badge(unread.get()), name()) } else { name() };
    // The server renders the head last, when the signals that the title reads are disposed already.
    #[cfg(feature = "ssr")]
    let title = {
        let now = title();
        move || now.clone()
    };
    view! {
        <Title text=title/>
        <header class="header-bar">
            <a class="back-link" href="/rooms" aria-label="All rooms"><Icon shape=Shape::Back/></a>
            {move || view! { <Icon shape=shape()/> }.into_any()}
            <h1>{name}</h1>
            <p class="room-topic">{move || room_view.room().map(|room| room.topic)}</p>
            <MembersLink/>
        </header>
    }
}

#[component]
fn MembersLink() -> impl IntoView {
    let room_view = use_room_view();
    let path = use_location().pathname;
    let members = format!("/rooms/{}/members", room_view.id);
    // The same link opens and closes the member list.
    let href = {
        let members = members.clone();
        move || if path.get() == members { format!("/rooms/{}", room_view.id) } else { members.clone() }
    };
    let count = move || room_view.room().map_or(0, |room| room.member_count);
    view! {
        <A href attr:class="members-link" scroll=false>
            <Icon shape=Shape::People/>
            <span>{move || crate::rooms::member_count_text(count())}</span>
        </A>
    }
}
