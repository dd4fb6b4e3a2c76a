//! Notifications.

use super::{PageParams, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::ReadNotifications,
    notification::Notification,
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
};
use std::sync::Arc;

/// List notifications
///
/// The last 500 of the last 90 days.
#[utoipa::path(get, path = "/notifications", tag = "Notifications", extensions(("x-right" = json!(Permission::Read))), params(PageParams), responses(
    (status = 200, description = "A page of notifications.", body = Page<Notification>),
))]
pub async fn list_notifications(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<Notification>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_notifications(&caller, page).await?))
}

/// Mark notifications as read
///
/// Marks the given notifications, or all of them. Ids of other users' notifications are ignored. Your other clients
/// receive `user.updated` with `unread_notifications`.
#[utoipa::path(put, path = "/notifications/read", tag = "Notifications", extensions(("x-right" = json!(Permission::EditOwn))), request_body = ReadNotifications, responses(
    (status = 204, description = "The notifications are marked as read."),
    (status = 403, description = "forbidden"),
))]
pub async fn read_notifications(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ReadNotifications>,
) -> Reply<StatusCode> {
    chat.read_notifications(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
