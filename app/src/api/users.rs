//! Server functions for users.

use crate::{
    api::{Failure, request::require_caller},
    server_pages,
};
use futures::stream;
use leptos::{
    prelude::use_context,
    server,
    server_fn::codec::{GetUrl, StreamingText, TextStream},
};
use protocol::settings::Settings;

/// A user's profile card, as HTML that a room page shows.
#[server(prefix = "/do/read", endpoint = "profile-card", input = GetUrl, output = StreamingText)]
pub async fn profile_card(username: String) -> Result<TextStream<Failure>, Failure> {
    let (chat, caller) = require_caller()?;
    let profile_page = chat.user_profile(&caller, &username).await?;
    let cycle = use_context::<Settings>().unwrap_or_default().hour_cycle;
    let html = server_pages::profile_card_html(&profile_page, cycle, profile_page.user.id == caller.user_id);
    Ok(stream::iter([html]).into())
}
