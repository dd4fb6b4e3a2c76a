//! Who is banned from a room or muted in it.

use super::{heading, room_id, room_of};
use crate::{
    api::{BanUser, UnbanUser, UnmuteMember},
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        done::Done,
        frame::page,
        timestamp::{ago, timestamp},
    },
    ui::{Avatar, Notice},
};
use leptos::prelude::*;
use protocol::{
    limits::PAGE_DEFAULT,
    page::{Page, PageQuery},
    room::{MemberRestriction, Room},
};

/// The page of a room's bans and mutes, for those who may lift them.
#[component]
pub fn ModerationPage() -> impl IntoView {
    let id = room_id();
    page("Bans and mutes", async move |context| {
        let room = room_of(&context, &id).await?;
        let cursor = |name: &str| Some(query_param(name)).filter(|cursor| !cursor.is_empty());
        let query = |name: &str| PageQuery { limit: PAGE_DEFAULT, cursor: cursor(name) };
        let bans = context.chat.list_bans(&context.caller, room.id, query("bans")).await?;
        let mutes = context.chat.list_mutes(&context.caller, room.id, query("mutes")).await?;
        Ok(view! {
            {heading(&context, &room)}
            {section(&room, "bans", "Banned", "No one is banned from this room.", Form::of::<UnbanUser>(), bans)}
            {section(&room, "mutes", "Muted", "No one is muted in this room.", Form::of::<UnmuteMember>(), mutes)}
        }
        .into_any())
    })
}

fn section(
    room: &Room,
    name: &'static str,
    title: &'static str,
    empty: &'static str,
    form: Form,
    page: Page<MemberRestriction>,
) -> AnyView {
    let is_empty = page.items.is_empty();
    let ban = Form::of::<BanUser>();
    let lifted = if name == "bans" { "Ban lifted." } else { "Mute lifted." };
    let rows = page.items.iter().map(|restriction| row(room, form, restriction)).collect_view();
    let more = page.next_cursor.map(|cursor| {
        let href = format!("/rooms/{}/moderation?{name}={cursor}", room.id);
        view! { <a class="button secondary" href=href>"More"</a> }.into_any()
    });
    view! {
        <section aria-labelledby=name>
            <h2 id=name>{title}</h2>
            <Notice text=form.error()/>
            <Done form text=lifted/>
            {(name == "bans").then(|| view! { <Done form=ban text="Banned."/> }.into_any())}
            {is_empty.then(|| view! { <p class="muted">{empty}</p> }.into_any())}
            <ul class="item-list">{rows}</ul>
            {more}
        </section>
    }
    .into_any()
}

fn row(room: &Room, form: Form, restriction: &MemberRestriction) -> AnyView {
    let user = &restriction.user;
    let ends = match restriction.until {
        Some(until) => view! { "until " {timestamp(until)} }.into_any(),
        None => view! { "until lifted" }.into_any(),
    };
    let reason = (!restriction.reason.is_empty())
        .then(|| view! { <span class="muted">"Reason: " {restriction.reason.clone()}</span> }.into_any());
    let name = format!("Lift for {}", user.display_name);
    let fields = view! {
                <input type="hidden" name="room_id" value=room.id.to_string()/>
                <input type="hidden" name="user_id" value=user.id.to_string()/>
                <button type="submit" class="button secondary" aria-label=name>"Lift"</button>
    };
    view! {
        <li>
            <div class="restriction">
                <Avatar of=user.clone() size="medium"/>
                <div>
                    <strong>{user.display_name.clone()}</strong> <span class="muted">{ends}</span>
                    {reason}
                    <span class="muted">
                        "By " {restriction.created_by.display_name.clone()} ", " {ago(restriction.created_at)}
                    </span>
                </div>
            </div>
            <PostForm form>{fields}</PostForm>
        </li>
    }
    .into_any()
}
