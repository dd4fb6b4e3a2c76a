//! Server functions for the user's own profile and settings.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::{
    command,
    settings::{self, Settings},
};
use std::collections::HashMap;

const PROFILE: &str = "/settings/profile";
const PREFERENCES: &str = "/settings/preferences";

/// Updates the caller's profile.
#[server(prefix = "/do", endpoint = "update-profile")]
pub async fn update_profile(
    display_name: String,
    #[server(default)] bio: String,
    #[server(default)] pronouns: String,
    #[server(default)] time_zone: String,
    #[server(default)] language: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let typed = [
        ("display_name", display_name.clone()),
        ("bio", bio.clone()),
        ("pronouns", pronouns.clone()),
        ("time_zone", time_zone.clone()),
        ("language", language.clone()),
    ];
    let command = command::UpdateProfile {
        display_name: Some(display_name),
        bio: Some(bio),
        pronouns: Some(pronouns),
        time_zone: Some(Some(time_zone)),
        language: Some(Some(language)),
        status: None,
    };
    let done = chat.update_profile(&caller, command).await.map_err(Failure);
    redirect_back_on_error::<UpdateProfile, _>(
        done,
        PROFILE,
        &typed.each_ref().map(|(name, value)| (*name, value.as_str())),
    )?;
    redirect_done::<UpdateProfile>(PROFILE);
    Ok(())
}

/// Sets the caller's status, for a number of seconds or until a given time; removes it when both fields are empty.
#[server(prefix = "/do", endpoint = "set-status")]
pub async fn set_status(
    #[server(default)] emoji: String,
    #[server(default)] text: String,
    #[server(default)] lasts: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let typed = [("emoji", emoji.clone()), ("text", text.clone()), ("lasts", lasts.clone())];
    let (expires_at, expires_in) = (lasts.parse().ok(), lasts.parse().ok());
    let command = command::SetStatus { emoji: Some(emoji), text: Some(text), expires_at, expires_in };
    let done = chat.set_status(&caller, command).await.map_err(Failure);
    redirect_back_on_error::<SetStatus, _>(
        done,
        PROFILE,
        &typed.each_ref().map(|(name, value)| (*name, value.as_str())),
    )?;
    redirect_done::<SetStatus>(PROFILE);
    Ok(())
}

/// Saves the caller's settings. The fields are named as in the API, with dots between.
#[server(prefix = "/do", endpoint = "replace-settings")]
pub async fn replace_settings(#[server(default)] fields: HashMap<String, String>) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let fields: Vec<_> = fields.into_iter().collect();
    let current = chat.get_settings(&caller).await?;
    let done = chat.replace_settings(&caller, settings::from_form(&fields, &current)).await.map_err(Failure);
    let typed: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    redirect_back_on_error::<ReplaceSettings, Settings>(done, PREFERENCES, &typed)?;
    redirect_done::<ReplaceSettings>(PREFERENCES);
    Ok(())
}

/// Resets the caller's settings to the defaults.
#[server(prefix = "/do", endpoint = "reset-settings")]
pub async fn reset_settings() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<ResetSettings, _>(chat.reset_settings(&caller).await.map_err(Failure), PREFERENCES, &[])?;
    redirect_done::<ResetSettings>(PREFERENCES);
    Ok(())
}
