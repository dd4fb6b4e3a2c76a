//! Browsing and searching rooms: the list of the page.

use crate::{
    api::{Failure, JoinRoom, RestoreMember},
    forms::{Form, PostForm},
    rooms::{GUEST_HINT, Mark, RoomMark, member_count_text},
    server_pages::fragments::FragmentContext,
    ui::{EmptyState, Notice, Shape},
    undo_notice::UndoNotice,
};
use leptos::prelude::*;
use leptos_router::location::Url;
use protocol::{
    command::{RoomFilter, SearchRooms},
    id::UserId,
    limits::{PAGE_DEFAULT, USER_QUERY_CHARS},
    page::{Page, PageQuery},
    permissions::Permission,
    room::{Room, RoomSort},
};

/// The orders of the list, with their names.
const SORTS: &[(&str, &str)] = &[("", "Name"), ("activity", "Recent activity"), ("members", "Members")];

/// What is searched.
struct Search {
    text: String,
    sort: String,
    cursor: String,
    archived: bool,
}

/// The search form, and the rooms that it finds.
pub async fn browse(context: &FragmentContext) -> Result<AnyView, Failure> {
    let [text, sort, cursor] = ["q", "sort", "cursor"].map(|name| context.query(name).unwrap_or_default());
    let search = Search { text, sort, cursor, archived: context.query("show").as_deref() == Some("archived") };
    let page = find(context, &search).await?;
    let left = context.query("left").map(|room| left_notice(context, room));
    let (href, text) = if search.archived {
        ("/rooms", "Rooms that are not archived")
    } else {
        ("/rooms?show=archived", "Archived rooms")
    };
    Ok(view! {
        {left}
        {search_form(&search)}
        {found(context, page, search)}
        <p class="browse-other"><a href=href>{text}</a></p>
    }
    .into_any())
}

async fn find(context: &FragmentContext, search: &Search) -> Result<Page<Room>, Failure> {
    let cursor = Some(search.cursor.clone()).filter(|cursor| !cursor.is_empty());
    if search.archived {
        let page = PageQuery { limit: PAGE_DEFAULT, cursor };
        return Ok(context.chat.list_rooms(&context.caller, RoomFilter::Archived, page).await?);
    }
    let sort = match search.sort.as_str() {
        "activity" => RoomSort::Activity,
        "members" => RoomSort::Members,
        _ => RoomSort::Name,
    };
    let command = SearchRooms { query: search.text.clone(), sort, limit: Some(PAGE_DEFAULT), cursor };
    Ok(context.chat.search_rooms(&context.caller, command).await?)
}

/// Offers to undo that the user left a room.
fn left_notice(context: &FragmentContext, room: String) -> AnyView {
    let form = Form::of::<RestoreMember>();
    let fields = view! {
        <input type="hidden" name="room_id" value=room/>
        <input type="hidden" name="user_id" value=context.caller.user_id.to_string()/>
    };
    view! { <UndoNotice form text="You left the room.">{fields}</UndoNotice> }.into_any()
}

fn search_form(search: &Search) -> AnyView {
    let options = SORTS.iter().map(|(value, name)| {
        view! { <option value=*value selected=*value == search.sort>{*name}</option> }
    });
    view! {
        <form class="search-form" method="get" action="/rooms" role="search">
            <div class="field">
                <label class="visually-hidden" for="q">"Name or topic of a room"</label>
                <input id="q" name="q" type="search" value=search.text.clone() maxlength=USER_QUERY_CHARS.to_string()
                    placeholder="Name or topic of a room" autocomplete="off"/>
            </div>
            <div class="field">
                <label class="visually-hidden" for="sort">"Sort by"</label>
                <select id="sort" name="sort">{options.collect_view()}</select>
            </div>
            <button type="submit" class="button secondary">"Search"</button>
        </form>
    }
    .into_any()
}

fn found(context: &FragmentContext, page: Page<Room>, search: Search) -> AnyView {
    let Search { text: query, sort, cursor, archived } = search;
    if page.items.is_empty() && cursor.is_empty() {
        let finds_rooms = Permission::FindRooms.is_granted_to(context.caller.role);
        let (title, text) = if archived {
            ("No archived rooms".to_owned(), "Rooms that their owners archive are listed here.")
        } else if !query.is_empty() {
            (format!("No rooms match “{query}”"), "Try another part of the name or topic.")
        } else if finds_rooms {
            ("No rooms yet".to_owned(), "Create a room for others to join.")
        } else {
            ("No rooms to join".to_owned(), GUEST_HINT)
        };
        return view! {
            <EmptyState title text shape=Shape::Compass>
                {finds_rooms.then(|| view! { <a class="button primary" href="/rooms/new" rel="external">"New room"</a> }.into_any())}
            </EmptyState>
        }
        .into_any();
    }
    let (form, me) = (Form::of::<JoinRoom>(), context.caller.user_id);
    let rooms = page.items.into_iter().map(|room| view! { <JoinRow room form me/> }).collect_view();
    view! {
        <Notice text=form.error()/>
        <ul class="room-list">{rooms}</ul>
        {page.next_cursor.map(|cursor| {
            let href = format!(
                "/rooms?q={}&sort={sort}&cursor={}{}",
                Url::escape(&query),
                Url::escape(&cursor),
                if archived { "&show=archived" } else { "" }
            );
            view! { <a class="button secondary" href=href>"More rooms"</a> }.into_any()
        })}
    }
    .into_any()
}

#[component]
fn JoinRow(room: Room, form: Form, me: UserId) -> impl IntoView {
    let id = room.id.to_string();
    let details = if room.topic.is_empty() {
        member_count_text(room.member_count)
    } else {
        format!("{} · {}", member_count_text(room.member_count), room.topic)
    };
    view! {
        <li class="room-card">
            <RoomMark mark=Mark::of(&room, me)/>
            <div class="room-card-text">
                <a href=format!("/rooms/{id}")>{room.name.clone()}</a>
                <p>{details}</p>
            </div>
            {if room.membership.is_some() {
                view! { <span class="muted">"Joined"</span> }.into_any()
            } else if room.archived {
                view! { <span class="muted">"Archived"</span> }.into_any()
            } else {
                view! {
                    <PostForm form>
                        <input type="hidden" name="room_id" value=id/>
                        <button class="button secondary" type="submit" aria-label=format!("Join {}", room.name)>"Join"</button>
                    </PostForm>
                }
                .into_any()
            }}
        </li>
    }
}
