//! The room header.

use crate::{
    room::{conversation::use_room_view, menu::RoomMenu},
    rooms::{Mark, RoomMark},
    ui::{Icon, Shape},
    unread_badge::badge,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_location};

/// The room's name and topic, and the link to its members.
#[component]
pub fn Header() -> impl IntoView {
    let room_view = use_room_view();
    let name = move || room_view.name();
    let me = room_view.live.my_id();
    let mark = Memo::new(move |_| room_view.room().map(|room| Mark::of(&room, me)));
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
            {move || mark.get().map(|mark| view! { <RoomMark mark/> }.into_any())}
            <RoomMenu room_view/>
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
