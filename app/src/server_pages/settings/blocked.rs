//! Blocked users.

use crate::{
    api::Unblock,
    forms::{Form, query_param},
    server_pages::{
        frame::page,
        people::{profile_path, user_action},
    },
    ui::{Avatar, Empty},
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
            let text = "Whoever you block cannot write to you, and what they say in rooms is folded up. \
                You find the way to do it on a person's page.";
            return Ok(view! {
                <Empty title="Nobody is blocked" text><a class="button" href="/people">"Find people"</a></Empty>
            }
            .into_any());
        }
        let more = blocked.next_cursor.map(|cursor| {
            view! { <a class="button" href=format!("/settings/blocked?cursor={cursor}")>"More people"</a> }.into_any()
        });
        let rows = blocked.items.iter().map(row).collect_view();
        Ok(view! {
            <p class="lead">"What they say is folded up, and they cannot write to you. They cannot tell."</p>
            <ul class="persons">{rows}</ul>
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
                <span class="who"><strong>{user.display_name.clone()}</strong> <span>"@" {user.username.clone()}</span></span>
            </a>
            {user_action(Form::of::<Unblock>(), user, "/settings/blocked".to_owned(), "Unblock", name)}
        </li>
    }
    .into_any()
}
