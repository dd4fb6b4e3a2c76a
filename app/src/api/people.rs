//! Server functions for the forms of server-rendered pages: users.

use crate::{
    api::{
        Failure,
        request::{browser_session, local_path, redirect_back_on_error, require_caller},
    },
    server_pages,
};
use futures::stream;
use leptos::{
    prelude::use_context,
    server,
    server_fn::codec::{GetUrl, StreamingText, TextStream},
};
use protocol::{
    command::{ConfirmPassword, Deactivate},
    id::UserId,
    settings::Settings,
};

/// A user's profile card, as HTML that a room page shows.
#[server(name = PersonCard, prefix = "/do", endpoint = "card", input = GetUrl, output = StreamingText)]
pub async fn person_card(username: String) -> Result<TextStream<Failure>, Failure> {
    let (chat, caller) = require_caller()?;
    let about = chat.user_profile(&caller, &username).await?;
    let cycle = use_context::<Settings>().unwrap_or_default().hour_cycle;
    let html = server_pages::profile_card_html(&about, cycle, about.user.id == caller.user_id);
    Ok(stream::iter([html]).into())
}

/// Blocks a user.
#[server(prefix = "/do", endpoint = "block")]
pub async fn block(user_id: UserId, next: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<Block, _>(
        chat.block(&caller, user_id).await.map_err(Failure),
        local_path(Some(&next)),
        &[],
    )?;
    leptos_axum::redirect(local_path(Some(&next)));
    Ok(())
}

/// Unblocks a user.
#[server(prefix = "/do", endpoint = "unblock")]
pub async fn unblock(user_id: UserId, next: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<Unblock, _>(
        chat.unblock(&caller, user_id).await.map_err(Failure),
        local_path(Some(&next)),
        &[],
    )?;
    leptos_axum::redirect(local_path(Some(&next)));
    Ok(())
}

/// Confirms the password again, so that the caller's data can be downloaded.
#[server(prefix = "/do", endpoint = "unlock-data")]
pub async fn unlock_data(password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let proved = chat.confirm_password(&caller, ConfirmPassword { password }).await.map_err(Failure);
    redirect_back_on_error::<UnlockData, _>(proved, "/settings/data", &[])?;
    leptos_axum::redirect("/settings/data");
    Ok(())
}

/// Deactivates the caller's account and signs out.
#[server(name = LeaveService, prefix = "/do", endpoint = "deactivate")]
pub async fn deactivate(password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let left = chat.deactivate(&caller, Deactivate { password }).await.map_err(Failure);
    redirect_back_on_error::<LeaveService, _>(left, "/settings/data", &[("leave", "1")])?;
    browser_session()?.clear_tokens();
    leptos_axum::redirect("/sign-in?done=left");
    Ok(())
}
