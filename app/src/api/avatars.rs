//! Server functions for the user's avatar; `server_pages::UPLOAD_AVATAR` uploads it.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{redirect_back_on_error, require_caller},
};
use leptos::server;

const PROFILE: &str = "/settings/profile";

/// Deletes the caller's avatar.
#[server(prefix = "/do", endpoint = "remove-avatar")]
pub async fn remove_avatar() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<RemoveAvatar, _>(chat.remove_avatar(&caller).await.map_err(Failure), PROFILE, &[])?;
    redirect_done::<RemoveAvatar>(PROFILE);
    Ok(())
}
