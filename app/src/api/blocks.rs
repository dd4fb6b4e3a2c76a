//! Server functions for blocking users.

use crate::api::{
    Failure,
    request::{local_path, redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::id::UserId;

/// Blocks a user.
#[server(prefix = "/do", endpoint = "block-user")]
pub async fn block_user(user_id: UserId, next: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<BlockUser, _>(
        chat.block_user(&caller, user_id).await.map_err(Failure),
        local_path(Some(&next)),
        &[],
    )?;
    leptos_axum::redirect(local_path(Some(&next)));
    Ok(())
}

/// Unblocks a user.
#[server(prefix = "/do", endpoint = "unblock-user")]
pub async fn unblock_user(user_id: UserId, next: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<UnblockUser, _>(
        chat.unblock_user(&caller, user_id).await.map_err(Failure),
        local_path(Some(&next)),
        &[],
    )?;
    leptos_axum::redirect(local_path(Some(&next)));
    Ok(())
}
