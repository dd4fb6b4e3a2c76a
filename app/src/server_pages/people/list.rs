//! The user directory.

use crate::{
    page_query::query_param,
    pages,
    server_pages::{
        frame::page,
        people::{presence, profile_path, role, status},
        search_form::search_form,
    },
    ui::{Avatar, EmptyState, Shape},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use protocol::{command::SearchUsers, limits::USER_QUERY_CHARS, user::User};

/// Users per page.
const PAGE_SIZE: u32 = 40;

/// All users, or those whose names start with the search text.
#[component]
pub fn PeoplePage() -> impl IntoView {
    page("People", async |context| {
        let query = query_param("q");
        let cursor = Some(query_param("cursor")).filter(|cursor| !cursor.is_empty());
        let first = cursor.is_none();
        let command = SearchUsers { query: query.clone(), limit: Some(PAGE_SIZE), cursor };
        let found = match context.chat.search_users(&context.caller, command).await {
            Ok(found) => {
                let more = found.next_cursor.map(|cursor| {
                    let href = format!("/people?q={}&cursor={}", Url::escape(&query), Url::escape(&cursor));
                    view! { <a class="button secondary" href=href>"More people"</a> }.into_any()
                });
                let is_empty = found.items.is_empty() && more.is_none();
                let rows = found.items.into_iter().map(|user| row(&user)).collect_view();
                if is_empty && first {
                    no_results(&query)
                } else {
                    view! { <ul class="user-list">{rows}</ul> {more} }.into_any()
                }
            }
            Err(error) => {
                pages::set_status(error.code.status());
                view! { <p class="notice" role="alert">{error.to_string()}</p> }.into_any()
            }
        };
        Ok(view! {
            {search_form("/people", "Name or username", query, USER_QUERY_CHARS)}
            {found}
        }
        .into_any())
    })
}

fn row(user: &User) -> AnyView {
    view! {
        <li>
            <a href=profile_path(user)>
                <Avatar of=user.author() size="medium"/>
                <span class="user-name">
                    <strong>{user.display_name.clone()}</strong> <span>"@" {user.username.clone()}</span>
                </span>
            </a>
            <span class="user-detail">{status(user)}</span>
            <span class="user-role">{role(user)}</span>
            <span>{presence(user)}</span>
        </li>
    }
    .into_any()
}

fn no_results(query: &str) -> AnyView {
    let text = if query.is_empty() {
        "People appear here once you share a room with them.".to_owned()
    } else {
        "Try the start of a first name, last name or username.".to_owned()
    };
    let title = if query.is_empty() { "No people yet".to_owned() } else { format!("No people match “{query}”") };
    // Without a search everyone is shown already.
    let everyone = (!query.is_empty())
        .then(|| view! { <a class="button secondary" href="/people">"Show everyone"</a> }.into_any());
    view! { <EmptyState title text shape=Shape::People>{everyone}</EmptyState> }.into_any()
}
