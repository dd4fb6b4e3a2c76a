//! Account invitations.

use super::{PageParams, created, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, IdempotencyKey, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::Invite,
    credentials::AccountInvitation,
    id::AccountInvitationId,
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
};
use std::sync::Arc;

/// List account invitations
#[utoipa::path(get, path = "/admin/invitations", tag = "Admin", extensions(("x-right" = json!(Permission::InviteUsers))), params(PageParams), responses(
    (status = 200, description = "A page of invitations.", body = Page<AccountInvitation>),
    (status = 403, description = "forbidden"),
))]
pub async fn list_account_invitations(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(page): Query<PageParams>,
) -> Reply<Json<Page<AccountInvitation>>> {
    let page = PageQuery { limit: page_size(page.limit)?, cursor: page.cursor };
    Ok(Json(service.list_account_invitations(&caller, page).await?))
}

/// Create an account invitation
///
/// Only this response contains the link. A repeat returns the same invitation with a new link in place of the old one,
/// which is not stored.
#[utoipa::path(post, path = "/admin/invitations", tag = "Admin", extensions(("x-right" = json!(Permission::InviteUsers))), params(super::IdempotencyKeyHeader),
    request_body = Invite, responses(
    (status = 201, description = "The invitation, with its link.", body = AccountInvitation),
    (status = 200, description = "A repeat: the invitation created before, with a new link.", body = AccountInvitation),
    (status = 403, description = "forbidden"),
    (status = 409, description = "idempotency_key_reused"),
))]
pub async fn create_account_invitation(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    key: Option<IdempotencyKey>,
    Body(command): Body<Invite>,
) -> Reply<(StatusCode, Json<AccountInvitation>)> {
    Ok(created(service.create_account_invitation(&caller, command, key.map(|key| key.0)).await?))
}

/// Revoke an account invitation
///
/// Accounts created with it remain.
#[utoipa::path(delete, path = "/admin/invitations/{id}", tag = "Admin", extensions(("x-right" = json!(Permission::InviteUsers))),
    params(("id" = AccountInvitationId, Path, description = "The invitation.")), responses(
    (status = 204, description = "The invitation is revoked."),
    (status = 403, description = "forbidden"),
))]
pub async fn revoke_account_invitation(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<AccountInvitationId>,
) -> Reply<StatusCode> {
    service.revoke_account_invitation(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
