//! The sidebar: the room list and the signed-in user.

use crate::{
    api::ClearUnread,
    browser,
    forms::{Form, PostForm},
    live::Live,
    rooms::room_link::RoomLink,
    sign_out::SignOutForm,
    ui::{Avatar, Icon, Logo, Shape},
    unread_badge,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};
use protocol::{id::RoomId, permissions::Permission, room::Room, state::sidebar::Sidebar as Sections, time::Time};
use std::time::Duration;

/// The page of all rooms of a user.
const YOUR_ROOMS: &str = "/rooms/mine";

/// The user's rooms, further links, and the user.
#[component]
pub fn Sidebar(
    /// The live state.
    live: Live,
) -> impl IntoView {
    let now = follow_time();
    let sections = arrange(live, now);
    let section = move |title, rooms: fn(&Sections) -> &Vec<RoomId>| {
        let rooms = Memo::new(move |_| sections.with(|sections| rooms(sections).clone()));
        view! { <Section live now title rooms/> }.into_any()
    };
    Effect::new(move || draw_the_others(live));
    Effect::new(move || live.rooms.with(|list| unread_badge::show_in_icon(list, now.get())));
    let link_to_all = live.drawn.with_untracked(Option::is_some).then(|| view! { <LinkToAll live/> }.into_any());
    let unread = untrack(|| live.unread()).unwrap_or_default();
    let more_links = live.may(Permission::FindRooms).then(|| view! { <MoreLinks/> }.into_any());
    let here = use_location().pathname.get_untracked();
    let current = |path: &str| (here == path).then_some("page");
    view! {
        <header class="sidebar">
            <a class="brand" href="/"><Logo/> "Lair Chat"</a>
            <nav class="sidebar-nav" aria-label="Rooms">
                {section("Favorites", |sections| &sections.favorites)}
                <UnreadHeading sections/>
                {section("", |sections| &sections.unread)}
                <div class="sidebar-heading"><h2>"Rooms"</h2> {link_to_all}</div>
                {section("", |sections| &sections.rooms)}
                {section("Direct messages", |sections| &sections.direct)}
                <ul class="sidebar-more">
                    <li>
                        <a href="/messages/new" rel="external" class="sidebar-link" aria-current=current("/messages/new")>
                            <Icon shape=Shape::Bubble/> "New message"
                        </a>
                    </li>
                    {more_links}
                    <li>
                        <a href="/people" rel="external" class="sidebar-link" aria-current=current("/people")>
                            <Icon shape=Shape::People/> "People"
                        </a>
                    </li>
                    <li>
                        <a href="/notifications" rel="external" class="sidebar-link"
                            aria-current=current("/notifications") data-unread=unread_badge::badge(unread) aria-label=unread_badge::label(unread)>
                            <Icon shape=Shape::Bell/> "Notifications"
                        </a>
                    </li>
                </ul>
            </nav>
            <Me live/>
        </header>
    }
}

/// The time, to the minute; at first before all others, so that server and browser show the same.
fn follow_time() -> Signal<Time> {
    let now = RwSignal::new(Time(0));
    Effect::new(move || {
        now.set(browser::now());
        // Fails only outside a page.
        if let Ok(timer) = set_interval_with_handle(move || now.set(browser::now()), Duration::from_mins(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    now.into()
}

/// The user's rooms in the sections of the sidebar. The room that is open stays where the user found it.
fn arrange(live: Live, now: Signal<Time>) -> Memo<Sections> {
    let path = use_location().pathname;
    let open =
        Memo::new(move |_| path.with(|path| path.strip_prefix("/rooms/")?.split('/').next()?.parse::<RoomId>().ok()));
    Memo::new(move |before: Option<&Sections>| {
        let drawn = live.drawn.get();
        let is_drawn = |room: &&Room| drawn.as_ref().is_none_or(|drawn| drawn.contains(&room.id));
        let mut sections =
            live.rooms.with(|list| Sections::new(list.me, list.rooms.iter().filter(is_drawn), now.get()));
        if let (Some(open), Some(before)) = (open.get(), before) {
            sections.keep_unread(open, before);
        }
        sections
    })
}

/// The heading of the unread rooms, with the button that marks them all read.
#[component]
fn UnreadHeading(sections: Memo<Sections>) -> impl IntoView {
    let form = Form::of::<ClearUnread>();
    let path = use_location().pathname;
    let open = move || path.with(|path| path.strip_prefix("/rooms/")?.parse::<RoomId>().ok());
    let back = move || open().map(|id| format!("/rooms/{id}")).unwrap_or_default();
    view! {
        <div class="sidebar-heading" hidden=move || sections.with(|sections| sections.unread.is_empty())>
            <h2>"Unread"</h2>
            <PostForm form>
                <input type="hidden" name="back" value=back prop:value=back/>
                <button type="submit" class="sidebar-action">"Mark all read"</button>
            </PostForm>
        </div>
    }
}

/// Rooms of one kind. A section without rooms is not shown.
#[component]
fn Section(live: Live, now: Signal<Time>, title: &'static str, rooms: Memo<Vec<RoomId>>) -> impl IntoView {
    let heading = (!title.is_empty()).then(|| {
        view! { <div class="sidebar-heading" hidden=move || rooms.with(Vec::is_empty)><h2>{title}</h2></div> }
            .into_any()
    });
    view! {
        {heading}
        <ul hidden=move || rooms.with(Vec::is_empty)>
            <For each=move || rooms.get() key=|id| *id let:id>
                <RoomLink live id now/>
            </For>
        </ul>
    }
}

/// Leads to the page of all the user's rooms, of which the server draws only a part here.
#[component]
fn LinkToAll(live: Live) -> impl IntoView {
    let count = move || live.rooms.with(|list| list.shown().count());
    view! { <a href=YOUR_ROOMS rel="external">"All " {count} <span class="visually-hidden">" rooms"</span></a> }
}

/// Draws the rooms that the server has not drawn, in the browser. The room that is open stays where it is.
fn draw_the_others(live: Live) {
    if live.drawn.with_untracked(Option::is_none) {
        return;
    }
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    let top = move || Some(find(".sidebar-nav [aria-current='page']")?.get_bounding_client_rect().top());
    let before = top();
    live.drawn.set(None);
    request_animation_frame(move || {
        if let (Some(before), Some(after), Some(list)) = (before, top(), find(".sidebar-nav")) {
            list.scroll_by_with_x_and_y(0.0, after - before);
        }
    });
}

/// Links for all members but guests, who cannot browse or create rooms.
#[component]
fn MoreLinks() -> impl IntoView {
    view! {
        <li><A href="/rooms" exact=true attr:class="sidebar-link"><Icon shape=Shape::Compass/> "Browse rooms"</A></li>
        <li><a href="/rooms/new" rel="external" class="sidebar-link"><Icon shape=Shape::Plus/> "New room"</a></li>
    }
}

#[component]
fn Me(live: Live) -> impl IntoView {
    let link = move || {
        // Not on every change: a keyboard user would lose the focus when it is rendered again.
        live.authors_version.track();
        untrack(|| live.me()).map(|me| {
            view! {
                <a class="sidebar-user-link" href="/settings" rel="external" title="Settings">
                    <Avatar of=me.author() size="medium"/>
                    <span class="user-name"><strong>{me.display_name}</strong> <span>"@" {me.username}</span></span>
                </a>
            }
            .into_any()
        })
    };
    view! { <div class="sidebar-user">{link} <SignOutForm/></div> }
}
