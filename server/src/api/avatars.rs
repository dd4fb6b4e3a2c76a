//! Avatars.

use crate::{
    caller::SignedIn,
    input::{PathParam, Query, Upload},
    problem::Reply,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Service;
use protocol::{
    id::UserId,
    limits::{self, schema::AvatarSize},
    permissions::Permission,
    port::prelude::*,
    profile::Picture,
    user::User,
};
use serde::Deserialize;
use std::sync::Arc;

/// An avatar that is addressed by its hash never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// An avatar that is addressed by its user may change at any time; the cache is for several views of one page.
const SHORT_LIVED: HeaderValue = HeaderValue::from_static("private, max-age=10");

/// A form with one file.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "read by input::Upload; this is what the document says of it")]
pub struct AvatarForm {
    /// A PNG, JPEG, WebP or GIF, of at most 5 MB and 25 million pixels (a progressive JPEG: 9 million).
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The requested size of an avatar.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AvatarQuery {
    /// The side of the square in pixels; the largest if omitted.
    #[param(inline, value_type = Option<AvatarSize>)]
    size: Option<u32>,
}

/// Upload an avatar
///
/// The middle of the image is re-encoded as squares; nothing else of the file is kept. Of an animation, the first frame
/// is used.
#[utoipa::path(post, path = "/users/avatar", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))),
    request_body(content = AvatarForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The caller, with the new avatar.", body = User)))]
pub async fn set_avatar(State(chat): State<Arc<Service>>, Upload { caller, file }: Upload) -> Reply<Json<User>> {
    Ok(Json(chat.set_avatar(&caller, file).await?))
}

/// Remove the avatar
#[utoipa::path(delete, path = "/users/avatar", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))),
    responses((status = 204, description = "The avatar is removed.")))]
pub async fn remove_avatar(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<StatusCode> {
    chat.remove_avatar(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get a user's avatar
///
/// Returns the user's initials, as an SVG, if there is no avatar.
#[utoipa::path(get, path = "/users/{id}/avatar", tag = "Users", extensions(("x-right" = json!(Permission::Read))),
    params(("id" = UserId, Path, description = "The account."), AvatarQuery),
    responses((status = 200, description = "The avatar.",
        content(("image/webp"), ("image/jpeg"), ("image/svg+xml")))))]
pub async fn get_user_avatar(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
    Query(AvatarQuery { size }): Query<AvatarQuery>,
) -> Reply<Response> {
    Ok(image_response(chat.get_user_avatar(&caller, id, limits::avatar_size(size)?).await?, SHORT_LIVED))
}

/// Get an avatar
///
/// Addressed by its hash, so browsers cache it for good. `avatar_url` points here.
#[utoipa::path(get, path = "/avatars/{hash}/{size}", tag = "Users", extensions(("x-right" = json!(Permission::Read))),
    params(
        ("hash" = String, Path, description = "The hash of the avatar."),
        ("size" = inline(AvatarSize), Path, description = "The side of the square in pixels.")
    ),
    responses((status = 200, description = "The avatar.", content(("image/webp"), ("image/jpeg")))))]
pub async fn get_avatar(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((hash, size)): PathParam<(String, u32)>,
) -> Reply<Response> {
    Ok(image_response(chat.get_avatar(&caller, &hash, size).await?, IMMUTABLE))
}

fn image_response(Picture { media_type: kind, bytes }: Picture, cache_control: HeaderValue) -> Response {
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache_control)], bytes).into_response()
}
