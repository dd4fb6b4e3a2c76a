//! Server functions for users.

use crate::{
    api::{Failure, request::require_caller},
    server_pages,
};
use futures::stream;
use leptos::{
    server,
    server_fn::codec::{GetUrl, StreamingText, TextStream},
};
use maud::html;
use protocol::command::SearchUsers;

/// A user's profile card, as HTML that a room page shows.
#[server(prefix = "/do/read", endpoint = "profile-card", input = GetUrl, output = StreamingText)]
pub async fn profile_card(username: String) -> Result<TextStream<Failure>, Failure> {
    let (chat, caller) = require_caller()?;
    let profile_page = chat.user_profile(&caller, &username).await?;
    let html = server_pages::profile_card_html(&profile_page, profile_page.user.id == caller.user_id);
    Ok(stream::iter([html]).into())
}

/// People whom the caller may add to a room, found by what is typed, as options of a list.
#[server(prefix = "/do/read", endpoint = "suggest-members", input = GetUrl, output = StreamingText)]
pub async fn suggest_members(#[server(default)] query: String) -> Result<TextStream<Failure>, Failure> {
    let (chat, caller) = require_caller()?;
    let command = SearchUsers { query, limit: Some(8), cursor: None };
    let found = chat.search_users(&caller, command).await?.items;
    let options = found.iter().filter(|user| user.id != caller.user_id);
    let html = html! { @for user in options { option value=(user.username) { (user.display_name) } } };
    Ok(stream::iter([html.into_string()]).into())
}
