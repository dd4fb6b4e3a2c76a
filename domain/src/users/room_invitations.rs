//! The room invitations of users: closed when they are accepted, declined, revoked or void.

use crate::{
    error::CommandError,
    events::ledger::CommandContext,
    store::{self, Tx, room_invitations::InvitationFilter},
};
use protocol::{
    event::Change,
    id::{RoomId, RoomInvitationId, UserId},
    room_invitation::InvitationStatus,
};

/// Closes pending invitations and notifies the invited users.
pub async fn close(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    which: InvitationFilter,
    status: InvitationStatus,
) -> Result<(), CommandError> {
    let closed = store::room_invitations::close(tx, which, status, ctx.at).await?;
    publish_updates(tx, ctx, &closed).await
}

/// Closes the pending invitations of these users to a room and notifies them.
pub async fn close_into(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    users: &[UserId],
    status: InvitationStatus,
) -> Result<(), CommandError> {
    let closed = store::room_invitations::close_into(tx, room, users, status, ctx.at).await?;
    publish_updates(tx, ctx, &closed).await
}

/// Publishes the new state of the invitations to the invited users.
async fn publish_updates(tx: &mut Tx, ctx: &mut CommandContext, ids: &[RoomInvitationId]) -> Result<(), CommandError> {
    for row in store::room_invitations::find_many(tx, ids).await? {
        ctx.publish_to_user(row.user.user_id, row.id.0, Change::InvitationUpdated(row.invitation(ctx.at)));
    }
    Ok(())
}
