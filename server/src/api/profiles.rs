//! Profiles, statuses and settings.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{
    command::{SetStatus, UpdateProfile},
    permissions::Permission,
    port::prelude::*,
    profile::Profile,
    settings::Settings,
    user::User,
};
use serde_json::Value;
use std::sync::Arc;

/// Get your profile
#[utoipa::path(get, path = "/users/profile", tag = "Users", extensions(("x-right" = json!(Permission::Read))),
    responses((status = 200, description = "The caller's profile.", body = Profile)))]
pub async fn get_profile(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Profile>> {
    Ok(Json(chat.get_profile(&caller).await?))
}

/// Update your profile
///
/// Replaces the given fields; omitted fields are unchanged.
#[utoipa::path(put, path = "/users/profile", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))), request_body = UpdateProfile,
    responses((status = 200, description = "The updated profile.", body = Profile)))]
pub async fn update_profile(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<UpdateProfile>,
) -> Reply<Json<Profile>> {
    Ok(Json(chat.update_profile(&caller, command).await?))
}

/// Set your status
///
/// Without an emoji and a text, the status is cleared.
#[utoipa::path(put, path = "/users/status", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))), request_body = SetStatus,
    responses((status = 200, description = "The caller, with their status.", body = User)))]
pub async fn set_status(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<SetStatus>,
) -> Reply<Json<User>> {
    Ok(Json(chat.set_status(&caller, command).await?))
}

/// Get your settings
#[utoipa::path(get, path = "/users/settings", tag = "Users", extensions(("x-right" = json!(Permission::Read))),
    responses((status = 200, description = "The caller's settings.", body = Settings)))]
pub async fn get_settings(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Settings>> {
    Ok(Json(chat.get_settings(&caller).await?))
}

/// Replace your settings
///
/// Takes the complete settings; each missing, unknown or invalid field is reported.
#[utoipa::path(put, path = "/users/settings", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))), request_body = Settings,
    responses((status = 200, description = "The updated settings.", body = Settings)))]
pub async fn replace_settings(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(settings): Body<Value>,
) -> Reply<Json<Settings>> {
    Ok(Json(chat.replace_settings(&caller, settings).await?))
}

/// Reset your settings
#[utoipa::path(post, path = "/users/settings/reset", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))),
    responses((status = 200, description = "The default settings.", body = Settings)))]
pub async fn reset_settings(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Settings>> {
    Ok(Json(chat.reset_settings(&caller).await?))
}
