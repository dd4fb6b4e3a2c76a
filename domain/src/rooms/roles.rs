//! Roles in a room, and handing it over.

use crate::{
    error::CommandError,
    events::ledger::{Command, CommandContext},
    rooms::{
        activity::{self, ActivitySubject},
        direct::require_changing_members,
        membership::{find_visible, update_role},
    },
    store::{
        self, Tx,
        members::{MemberRow, owners},
        users::UserRow,
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::{Code, FieldError},
    id::{RoomId, UserId},
    message::MessageKind,
    permissions::{RoomPermission, can_set_role, role_in},
    room::{Member, Room, RoomRole},
    session::Caller,
    user::Role,
};

/// Fails unless the caller is an owner of the room, or counts as one.
pub fn require_owner(room: &Room, caller: &Caller) -> Result<()> {
    match role_in(room, caller.role) {
        Some(RoomRole::Owner) => Ok(()),
        Some(_) => Err(Error::new(Code::Forbidden, "Only the room's owners can do this.")),
        None => Err(Error::not_a_member()),
    }
}

/// Loads a member of the room and their account.
async fn find_member(tx: &mut Tx, room: RoomId, user: UserId) -> Result<(MemberRow, UserRow), CommandError> {
    let row = store::members::find(tx, room, user).await?.filter(MemberRow::is_member);
    let row = row.ok_or_else(|| Error::not_found("member"))?;
    Ok((row, store::users::find_in(tx, user).await?.ok_or_else(Error::internal)?))
}

/// Gives a member a role.
pub struct SetRole {
    pub room: RoomId,
    pub user: UserId,
    pub role: RoomRole,
}

#[async_trait]
impl Command for SetRole {
    type Output = Member;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Member, CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        if room.membership.is_none() {
            return Err(Error::not_a_member().into());
        }
        require_changing_members(&room)?;
        let (row, user) = find_member(tx, self.room, self.user).await?;
        // Everyone may give up a role of their own.
        let gives_up = self.user == caller.user_id && self.role <= row.role;
        if !gives_up && !can_set_role(&room, caller.role, row.role, self.role) {
            return Err(RoomPermission::ManageMembers.refused().into());
        }
        if row.role == self.role {
            return Ok(row.member());
        }
        if user.role == Role::Guest && self.role > RoomRole::Member {
            let message = "Guests of the server can't be moderators or owners.";
            return Err(Error::from(FieldError::new("role", "invalid", message)).into());
        }
        if row.role == RoomRole::Owner && !owners::has_other_owner(tx, self.room, Some(self.user)).await? {
            let detail = "This is the only owner of the room. Make someone else an owner first.";
            return Err(Error::new(Code::LastOwner, detail).into());
        }
        update_role(tx, ctx, (self.room, self.user), self.role).await
    }
}

/// Makes another member owner, and the caller a moderator.
pub struct Transfer {
    pub room: RoomId,
    pub user: UserId,
}

#[async_trait]
impl Command for Transfer {
    type Output = Member;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Member, CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        require_owner(&room, &caller)?;
        let invalid = |message| Err(Error::from(FieldError::new("user_id", "invalid", message)).into());
        if self.user == caller.user_id {
            return invalid("Choose another member.");
        }
        let (_, user) = find_member(tx, self.room, self.user).await?;
        if user.role == Role::Guest || user.deactivated_at.is_some() {
            return invalid("Guests and deactivated people can't own a room.");
        }
        let owner = update_role(tx, ctx, (self.room, self.user), RoomRole::Owner).await?;
        if room.membership.is_some_and(|membership| membership.role == RoomRole::Owner) {
            update_role(tx, ctx, (self.room, caller.user_id), RoomRole::Moderator).await?;
        }
        let subject = ActivitySubject::User(self.user);
        activity::record(tx, ctx, self.room, MessageKind::Transferred, caller.user_id, subject).await?;
        Ok(owner)
    }
}
