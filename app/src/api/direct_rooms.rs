//! Server functions for direct and group rooms.

use crate::api::{
    Failure,
    request::{local_path, redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::{
    command,
    error::{Error, FieldError},
    id::UserId,
};

/// Opens the direct or group room of the caller and these users, whose ids are separated by commas.
#[server(prefix = "/do", endpoint = "open-direct-room")]
pub async fn open_direct_room(user_ids: String, #[server(default)] back: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let opened = match user_ids_from(&user_ids) {
        Ok(user_ids) => chat.open_direct_room(&caller, command::OpenDirectRoom { user_ids }).await,
        Err(error) => Err(error),
    };
    let back = local_path(Some(&back));
    let room = redirect_back_on_error::<OpenDirectRoom, _>(opened.map_err(Failure), back, &[("with", &user_ids)])?;
    leptos_axum::redirect(&format!("/rooms/{}", room.value.id));
    Ok(())
}

/// The ids of users in a list separated by commas.
pub fn user_ids_from(list: &str) -> Result<Vec<UserId>, Error> {
    let invalid = |_| Error::from(FieldError::new("user_ids", "malformed", "Choose people from the list."));
    list.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().map_err(invalid)).collect()
}
