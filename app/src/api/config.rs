//! Server functions for the settings of the service.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::credentials::{Config, Registration};

const PAGE: &str = "/admin/settings";

/// Sets who can create an account.
#[server(prefix = "/do", endpoint = "set-config")]
pub async fn set_config(registration: Registration) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.set_config(&caller, Config { registration }).await.map_err(Failure);
    let Some(done) = redirect_to_confirm(done, PAGE, &[("registration", registration.as_str())]) else { return Ok(()) };
    redirect_back_on_error::<SetConfig, _>(done, PAGE, &[])?;
    redirect_done::<SetConfig>(PAGE);
    Ok(())
}
