//! Blocked users.

use crate::{
    api::UnblockUser,
    forms::Form,
    page_query::query_param,
    server_pages::{
        frame::page,
        people::{BLOCKED, profile_path, user_action},
    },
    ui::{Avatar, EmptyState, Shape},
};
use leptos::prelude::*;
use protocol::{page::PageQuery, user::User};

/// Users per page.
const PAGE_SIZE: u32 = 50;

/// The users that the caller has blocked, with buttons to unblock them.
#[component]
pub fn BlockedPage() -> impl IntoView {
    page("Blocked people", async |context| {
        let cursor = Some(query_param("cursor")).filter(|cursor| !cursor.is_empty());
        let blocked = context.chat.list_blocked(&context.caller, PageQuery { limit: PAGE_SIZE, cursor }).await?;
        if blocked.items.is_empty() {
            let text = "When you block someone, their messages are hidden and they can't add you to rooms. You can \
                block a person on their profile.";
            return Ok(view! {
                <EmptyState title="No blocked people" text shape=Shape::People>
                    <a class="button secondary" href="/people">"Find people"</a>
                </EmptyState>
            }
            .into_any());
        }
        let more = blocked.next_cursor.map(|cursor| {
            view! { <a class="button secondary" href=format!("/settings/blocked?cursor={cursor}")>"More people"</a> }.into_any()
        });
        let rows = blocked.items.iter().map(row).collect_view();
        Ok(view! {
            <p class="lead">{BLOCKED}</p>
            <ul class="user-list">{rows}</ul>
            {more}
        }
        .into_any())
    })
}

fn row(user: &User) -> AnyView {
    let name = format!("Unblock {}", user.display_name);
    view! {
        <li>
            <a href=profile_path(user)>
                <Avatar of=user.author() size="medium"/>
                <span class="user-name">
                    <strong>{user.display_name.clone()}</strong> <span>"@" {user.username.clone()}</span>
                </span>
            </a>
            {user_action(Form::of::<UnblockUser>(), user, "/settings/blocked".to_owned(), "Unblock", name)}
        </li>
    }
    .into_any()
}
