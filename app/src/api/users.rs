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

/// A user's profile card, as HTML that a room page shows.
#[server(prefix = "/do/read", endpoint = "profile-card", input = GetUrl, output = StreamingText)]
pub async fn profile_card(username: String) -> Result<TextStream<Failure>, Failure> {
    let (chat, caller) = require_caller()?;
    let profile_page = chat.user_profile(&caller, &username).await?;
    let html = server_pages::profile_card_html(&profile_page, profile_page.user.id == caller.user_id);
    Ok(stream::iter([html]).into())
}
