//! People: the forms of still pages.

use super::{
    Failure,
    visit::{keep, local_path, signed_in, visitor},
};
use leptos::server;
use protocol::{
    command::{ConfirmPassword, Deactivate},
    id::UserId,
};

/// Keeps someone away.
#[server(prefix = "/do", endpoint = "block")]
pub async fn block(user_id: UserId, next: String) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    keep::<Block, _>(chat.block(&caller, user_id).await.map_err(Failure), local_path(Some(&next)), &[])?;
    leptos_axum::redirect(local_path(Some(&next)));
    Ok(())
}

/// Lets someone near again.
#[server(prefix = "/do", endpoint = "unblock")]
pub async fn unblock(user_id: UserId, next: String) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    keep::<Unblock, _>(chat.unblock(&caller, user_id).await.map_err(Failure), local_path(Some(&next)), &[])?;
    leptos_axum::redirect(local_path(Some(&next)));
    Ok(())
}

/// Takes the password again, so that one's data can be downloaded.
#[server(prefix = "/do", endpoint = "unlock-data")]
pub async fn unlock_data(password: String) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    let proved = chat.confirm_password(&caller, ConfirmPassword { password }).await.map_err(Failure);
    keep::<UnlockData, _>(proved, "/settings/data", &[])?;
    leptos_axum::redirect("/settings/data");
    Ok(())
}

/// Deactivates the account and signs out.
#[server(name = LeaveService, prefix = "/do", endpoint = "deactivate")]
pub async fn deactivate(password: String) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    let left = chat.deactivate(&caller, Deactivate { password }).await.map_err(Failure);
    keep::<LeaveService, _>(left, "/settings/data", &[("leave", "1")])?;
    visitor()?.sign_out();
    leptos_axum::redirect("/sign-in");
    Ok(())
}
