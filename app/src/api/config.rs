//! Server functions for the settings of the service.

use crate::api::{
    Failure,
    request::{redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::credentials::{Config, Registration};

/// Sets who can create an account.
#[server(prefix = "/do", endpoint = "set-config")]
pub async fn set_config(registration: Registration) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.set_config(&caller, Config { registration }).await.map_err(Failure);
    redirect_back_on_error::<SetConfig, _>(done, "/admin/settings", &[])?;
    leptos_axum::redirect("/admin/settings?done=1");
    Ok(())
}
