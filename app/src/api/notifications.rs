//! Server functions for notifications.

use crate::api::{
    Failure,
    request::{redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::command::ReadNotifications;

/// Marks all notifications as read.
#[server(prefix = "/do", endpoint = "read-all-notifications")]
pub async fn read_all_notifications() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let read = chat.read_notifications(&caller, ReadNotifications { ids: None }).await.map_err(Failure);
    redirect_back_on_error::<ReadAllNotifications, _>(read, "/notifications", &[])?;
    leptos_axum::redirect("/notifications");
    Ok(())
}
