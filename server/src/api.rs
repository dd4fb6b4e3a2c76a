//! The REST API: one file per noun. The name of a handler is its operation id.

pub mod access_tokens;
pub mod account_invitations;
pub mod admin;
pub mod auth;
pub mod avatars;
pub mod config;
pub mod default_rooms;
pub mod direct_rooms;
pub mod email;
pub mod members;
pub mod messages;
pub mod notifications;
pub mod passwords;
pub mod profiles;
pub mod read_markers;
pub mod room_invitations;
pub mod room_preferences;
pub mod room_restrictions;
pub mod room_search;
pub mod rooms;
pub mod second_factor;
pub mod sessions;
pub mod sync;
pub mod system;
pub mod users;

use crate::{
    caller, input::upload::MAX_FORM_BYTES, problem, problem::ErrorResponse, rate_limit, request, socket,
    state::AppState,
};
use axum::{Json, Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::any};
use protocol::{
    id::ClientId,
    limits::{
        self,
        schema::{PageCursor, PageSize},
    },
    page::Created,
};
use serde::Deserialize;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The base path of the API.
pub const BASE: &str = "/api/v1";

/// Shorter answers fit in two packets anyway.
const MIN_COMPRESSED_BYTES: u16 = 2_048;

/// An export is compressed already.
const EXPORT: NotForContentType = NotForContentType::const_new("application/zip");

/// The response to a request that creates: 201 if it did, 200 if an earlier one had.
fn created<T>(created: Created<T>) -> (StatusCode, Json<T>) {
    (if created.new { StatusCode::CREATED } else { StatusCode::OK }, Json(created.value))
}

/// Compresses long answers, if the client accepts that: snapshots, lists and missed events. Short ones, among them all
/// that contain a secret, are sent as they are, so that their size tells nothing about it.
fn compression() -> CompressionLayer<impl Predicate> {
    let long = SizeAbove::new(MIN_COMPRESSED_BYTES).and(NotForContentType::IMAGES).and(EXPORT);
    CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(long)
}

/// All routes, with their descriptions for the OpenAPI document.
pub fn routes() -> OpenApiRouter<AppState> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(avatars::set_avatar, avatars::remove_avatar))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES));
    let timed = OpenApiRouter::new()
        .routes(routes!(auth::register_user))
        .routes(routes!(auth::login_user))
        .routes(routes!(auth::refresh_tokens))
        .routes(routes!(auth::logout_user))
        .routes(routes!(auth::confirm_password))
        .routes(routes!(passwords::change_password))
        .routes(routes!(passwords::forgot_password))
        .routes(routes!(passwords::reset_password))
        .routes(routes!(passwords::create_reset_link))
        .routes(routes!(email::verify_email))
        .routes(routes!(email::get_email, email::set_email))
        .routes(routes!(email::send_verification))
        .routes(routes!(account_invitations::list_account_invitations, account_invitations::create_account_invitation))
        .routes(routes!(account_invitations::revoke_account_invitation))
        .routes(routes!(config::get_config, config::set_config))
        .routes(routes!(second_factor::get_second_factor, second_factor::begin_second_factor))
        .routes(routes!(second_factor::remove_second_factor))
        .routes(routes!(second_factor::confirm_second_factor))
        .routes(routes!(second_factor::renew_recovery_codes))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::get_current_session, sessions::rename_current_session))
        .routes(routes!(sessions::rename_session, sessions::end_session))
        .routes(routes!(sessions::end_other_sessions))
        .routes(routes!(sessions::get_session_stats))
        .routes(routes!(access_tokens::list_tokens, access_tokens::create_token))
        .routes(routes!(access_tokens::delete_token))
        .routes(routes!(users::get_user))
        .routes(routes!(avatars::get_user_avatar))
        .routes(routes!(avatars::get_avatar))
        .routes(routes!(profiles::get_profile, profiles::update_profile))
        .routes(routes!(profiles::set_status))
        .routes(routes!(profiles::get_settings, profiles::replace_settings))
        .routes(routes!(profiles::reset_settings))
        .routes(routes!(users::find_user))
        .routes(routes!(users::search_users))
        .routes(routes!(users::deactivate_user))
        .routes(routes!(users::list_online))
        .routes(routes!(users::list_blocked))
        .routes(routes!(users::block_user, users::unblock_user))
        .routes(routes!(rooms::list_rooms, rooms::create_room))
        .routes(routes!(direct_rooms::open_direct_room))
        .routes(routes!(room_search::search_rooms))
        .routes(routes!(room_preferences::set_room_order))
        .routes(routes!(room_preferences::add_favorite, room_preferences::remove_favorite))
        .routes(routes!(room_preferences::set_room_notifications))
        .routes(routes!(default_rooms::list_default_rooms, default_rooms::set_default_rooms))
        .routes(routes!(rooms::get_room, rooms::update_room, rooms::delete_room))
        .routes(routes!(rooms::archive_room))
        .routes(routes!(rooms::restore_room))
        .routes(routes!(rooms::get_room_permissions, rooms::set_room_permissions))
        .routes(routes!(rooms::join_room))
        .routes(routes!(rooms::leave_room))
        .routes(routes!(read_markers::mark_read))
        .routes(routes!(read_markers::mark_unread))
        .routes(routes!(read_markers::list_unread))
        .routes(routes!(read_markers::clear_unread))
        .routes(routes!(read_markers::restore_unread))
        .routes(routes!(members::list_members, members::add_members))
        .routes(routes!(members::set_room_role, members::remove_member))
        .routes(routes!(members::restore_member))
        .routes(routes!(members::transfer_room))
        .routes(routes!(room_restrictions::list_bans))
        .routes(routes!(room_restrictions::ban_user, room_restrictions::unban_user))
        .routes(routes!(room_restrictions::list_mutes))
        .routes(routes!(room_restrictions::mute_member, room_restrictions::unmute_member))
        .routes(routes!(room_invitations::list_room_invitations, room_invitations::create_room_invitation))
        .routes(routes!(room_invitations::delete_room_invitation))
        .routes(routes!(room_invitations::list_invitations))
        .routes(routes!(room_invitations::accept_invitation))
        .routes(routes!(room_invitations::decline_invitation))
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(messages::get_message, messages::edit_message, messages::delete_message))
        .routes(routes!(notifications::list_notifications))
        .routes(routes!(notifications::read_notifications))
        .routes(routes!(admin::list_accounts))
        .routes(routes!(admin::set_role))
        .routes(routes!(admin::set_account_status))
        .routes(routes!(admin::end_account_sessions))
        .routes(routes!(admin::remove_account_second_factor))
        .routes(routes!(sync::get_snapshot))
        .merge(uploads)
        .layer(compression())
        .layer(middleware::from_fn(request::limit_time));
    let long_running = OpenApiRouter::new()
        .routes(routes!(users::export_user))
        .merge(OpenApiRouter::new().routes(routes!(sync::poll_events)).layer(compression()))
        .routes(routes!(socket::open_socket));
    OpenApiRouter::new().nest(BASE, timed.merge(long_running))
}

/// Health checks. They are called often and by anyone, so they are left out of the access log.
pub fn health_routes() -> OpenApiRouter<AppState> {
    let checks = OpenApiRouter::new()
        .routes(routes!(system::check_health))
        .routes(routes!(system::check_readiness))
        .layer(middleware::from_fn(request::limit_time))
        .layer(middleware::from_fn(request::skip_access_log));
    OpenApiRouter::new().nest(BASE, checks)
}

/// The API with its middleware.
pub fn router(state: &AppState) -> Router {
    let (api, _) = routes().split_for_parts();
    let (checks, _) = health_routes().split_for_parts();
    // Routes of the API too, so that unknown paths have its headers for other sites.
    let unknown = || any(async || problem::unknown_route());
    api.route_layer(middleware::from_fn_with_state(state.clone(), caller::refresh))
        .route("/api/", unknown())
        .route("/api/{*path}", unknown())
        .layer(middleware::from_fn(caller::require_page_user))
        .layer(middleware::from_fn_with_state(state.clone(), caller::require_same_origin))
        .layer(middleware::from_fn_with_state(state.clone(), rate_limit::limit_by_caller))
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify))
        .layer(middleware::from_fn_with_state(state.clone(), rate_limit::limit_by_address))
        .merge(checks)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .with_state(state.clone())
}

/// Which page of a list to return.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    /// Page size; 50 if omitted.
    #[param(inline, value_type = Option<PageSize>)]
    limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[param(inline, value_type = Option<PageCursor>)]
    cursor: Option<String>,
}

/// The header by which a repeat is recognised.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by input::Key; this is what the document says of it")]
pub struct IdempotencyKeyHeader {
    /// A key that the client chooses for what it creates: visible ASCII characters. A repeat with the same key returns
    /// 200 with the first result.
    #[param(inline, rename = "Idempotency-Key", value_type = ClientId, required = false)]
    idempotency_key: Option<String>,
}

/// Validates a page size.
fn page_size(limit: Option<u32>) -> Result<u32, ErrorResponse> {
    Ok(limits::page_size(limit)?)
}
