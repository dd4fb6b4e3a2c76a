//! Undo of removing a member and of leaving.

use crate::{
    error::CommandError,
    events::ledger::{Command, CommandContext},
    rooms::{
        activity::{self, ActivitySubject},
        membership::{
            find_visible, member_change, publish_membership, require_can_join, require_not_lobby, room_for_everyone,
        },
    },
    store::{self, Tx, members::MemberRow},
    users::room_invitations,
};
use async_trait::async_trait;
use protocol::{
    Error,
    event::Change,
    id::{RoomId, UserId},
    message::MessageKind,
    permissions::{Permission, RoomPermission},
    room::Member,
    room_invitation::InvitationStatus,
    time::Time,
};

/// Milliseconds in which a membership that ended can be restored.
const UNDO: i64 = 10_000;

/// Restores a membership as it was: role, read marker, favorite and what the member sees of the history.
pub struct RestoreMember {
    pub room: RoomId,
    pub user: UserId,
    pub lobby: RoomId,
}

impl RestoreMember {
    /// Whether the caller ended the membership a moment ago.
    fn is_undo(&self, row: &MemberRow, caller: UserId, now: Time) -> bool {
        let ended_by = row.removed_by.unwrap_or(self.user);
        row.left_at.is_some_and(|left_at| now < left_at.plus(UNDO)) && ended_by == caller
    }
}

#[async_trait]
impl Command for RestoreMember {
    type Output = Member;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Member, CommandError> {
        let caller = ctx.caller()?;
        let row = store::members::find(tx, self.room, self.user).await?;
        // A user who left a private room does not see it, but may undo that.
        let row = row.filter(|row| self.is_undo(row, caller.user_id, ctx.at));
        if row.is_none() || store::rooms::is_deleted(tx, self.room).await? {
            return Err(Error::not_found("removal to undo").into());
        }
        if self.user != caller.user_id {
            Permission::ManageMembers.check(&caller)?;
            let room = find_visible(tx, caller.user_id, self.room).await?;
            RoomPermission::ManageMembers.check(&room, &caller)?;
        }
        require_not_lobby(self.room, self.lobby)?;
        let room = room_for_everyone(tx, self.room).await?;
        require_can_join(tx, ctx, &room, self.user).await?;
        store::members::restore(tx, self.room, self.user).await?;
        let change = member_change(tx, self.room, self.user).await?;
        let member = change.member.clone();
        ctx.publish_to_room(self.room, self.user.0, Change::MemberJoined(change));
        room_invitations::close_into(tx, ctx, self.room, &[self.user], InvitationStatus::Accepted).await?;
        publish_membership(tx, ctx, self.room, self.user).await?;
        let (kind, subject) = if self.user == caller.user_id {
            (MessageKind::Joined, ActivitySubject::None)
        } else {
            (MessageKind::Added, ActivitySubject::User(self.user))
        };
        activity::record(tx, ctx, self.room, kind, caller.user_id, subject).await?;
        Ok(member)
    }
}
