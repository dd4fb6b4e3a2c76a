//! Deactivation and reactivation: an account is never deleted, because its name stays on its messages.

use crate::{
    auth::end_sessions::end_sessions,
    error::CommandError,
    events::ledger::CommandContext,
    rooms::membership,
    store::{self, Tx, room_invitations::InvitationFilter, users::UserRow},
    users::{profiles::publish_user_updated, room_invitations, search::index},
};
use protocol::{
    Error,
    error::Code,
    id::{RoomId, UserId},
    notification::NotificationKind,
    room_invitation::InvitationStatus,
    user::Role,
};

/// Deactivates an account: its sessions end, it cannot be found or log in, the invitations that it created and received
/// are revoked, and its rooms get other owners. Idempotent. Events end the sessions on every node.
pub async fn deactivate(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    id: UserId,
) -> Result<UserRow, CommandError> {
    let user = find_user(tx, id).await?;
    if user.deactivated_at.is_some() {
        return Ok(user);
    }
    if user.role == Role::Admin && !store::users::has_other_admin(tx, id).await? {
        let detail = "You're the last administrator. Make someone else an administrator first.";
        return Err(Error::new(Code::LastAdmin, detail).into());
    }
    store::users::set_deactivated(tx, id, Some(ctx.at)).await?;
    index::unindex_user(tx, id).await?;
    store::account_invitations::delete_by_creator(tx, id).await?;
    room_invitations::close(tx, ctx, InvitationFilter::ToOrBy(id), InvitationStatus::Revoked).await?;
    end_sessions(tx, ctx, id, None).await?;
    membership::transfer_ownership(tx, ctx, lobby, id).await?;
    publish_user_updated(tx, ctx, lobby, id).await?;
    find_user(tx, id).await
}

/// Reactivates an account; its user logs in with the old password, and can own rooms again.
pub async fn reactivate(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    id: UserId,
) -> Result<UserRow, CommandError> {
    let user = find_user(tx, id).await?;
    if user.deactivated_at.is_none() {
        return Ok(user);
    }
    store::users::set_deactivated(tx, id, None).await?;
    membership::transfer_ownership(tx, ctx, lobby, id).await?;
    ctx.notify(tx, id, &NotificationKind::Reactivated {}).await?;
    index::index_user(tx, id, &user.username, &user.display_name).await?;
    publish_user_updated(tx, ctx, lobby, id).await?;
    find_user(tx, id).await
}

/// Loads an account, including a deactivated one.
pub async fn find_user(tx: &mut Tx, id: UserId) -> Result<UserRow, CommandError> {
    Ok(store::users::find_in(tx, id).await?.ok_or_else(|| Error::not_found("user"))?)
}
