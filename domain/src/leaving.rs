//! Leaving the service, and coming back: an account is never removed, because its name stays on what was said.

use crate::{
    accounts::end_sessions,
    fault::Fault,
    ledger::Log,
    people::names,
    profiles::tell_everyone,
    rooms::{self, invitations},
    store::{self, Tx, room_invitations::Which, users::UserRow},
};
use protocol::{
    Error,
    error::Code,
    id::{RoomId, UserId},
    notification::Notice,
    room_invitation::InvitationStatus,
    user::Role,
};

/// Deactivates an account: all its sessions end, nobody finds it, it cannot sign in, the invitations that it made and has are
/// void and its rooms are handed over. One that is deactivated already stays so. The sessions end on every node by their events.
pub async fn deactivate(tx: &mut Tx, log: &mut Log, lobby: RoomId, id: UserId) -> Result<UserRow, Fault> {
    let user = find(tx, id).await?;
    if user.deactivated_at.is_some() {
        return Ok(user);
    }
    if user.role == Role::Admin && !store::users::has_other_admin(tx, id).await? {
        let detail = "You are the last administrator. Make someone else one first.";
        return Err(Error::new(Code::LastAdmin, detail).into());
    }
    store::users::set_deactivated(tx, id, Some(log.at)).await?;
    names::forget(tx, id).await?;
    store::account_invitations::delete_by(tx, id).await?;
    invitations::close(tx, log, Which::ToOrBy(id), InvitationStatus::Revoked).await?;
    end_sessions(tx, log, id, None).await?;
    rooms::hand_over(tx, log, lobby, id).await?;
    tell_everyone(tx, log, lobby, id).await?;
    find(tx, id).await
}

/// Brings a deactivated account back; its person signs in again with the old password.
pub async fn reactivate(tx: &mut Tx, log: &mut Log, lobby: RoomId, id: UserId) -> Result<UserRow, Fault> {
    let user = find(tx, id).await?;
    if user.deactivated_at.is_none() {
        return Ok(user);
    }
    store::users::set_deactivated(tx, id, None).await?;
    log.notify(tx, id, &Notice::Reactivated {}).await?;
    names::remember(tx, id, &user.username, &user.display_name).await?;
    tell_everyone(tx, log, lobby, id).await?;
    find(tx, id).await
}

/// The account, also of who has left.
pub async fn find(tx: &mut Tx, id: UserId) -> Result<UserRow, Fault> {
    Ok(store::users::find_in(tx, id).await?.ok_or_else(|| Error::not_found("person"))?)
}
