//! Room invitations. Account invitations are in `accounts::invitations`.

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::{
        follower::batch_job::BatchJob,
        ledger::{Command, CommandContext},
    },
    paging::{page_from_rows, parse_cursor},
    rooms::{
        activity::{self, ActivitySubject},
        candidates::{Candidate, Candidates},
        direct::require_changing_members,
        membership::{find_visible, join_room, require_can_join, room_for_everyone},
    },
    store::{
        self, Tx,
        room_invitations::{InvitationFilter, InvitationRow, NewInvitation, PendingPage},
    },
    users::room_invitations,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::InviteToRoom,
    error::Code,
    event::Change,
    id::{RoomId, RoomInvitationId, UserId},
    limits,
    message::MessageKind,
    notification::NotificationKind,
    page::{Created, Page, PageQuery},
    permissions::{Permission, RoomPermission},
    port::RoomInvitations,
    room::{RefusedMember, Room, RoomRole},
    room_invitation::{InvitationStatus, RoomInvitation},
    session::Caller,
    time::Time,
    user::Role,
};

/// Milliseconds for which an expired invitation is kept: until then it records who declined.
const RETENTION: i64 = 30 * 24 * 60 * 60 * 1000;

#[async_trait]
impl RoomInvitations for Service {
    async fn list_room_invitations(
        &self,
        caller: &Caller,
        room: RoomId,
        page: PageQuery,
    ) -> Result<Page<RoomInvitation>> {
        Permission::ManageMembers.check(caller)?;
        RoomPermission::Invite.check(&self.find_room(caller, room).await?, caller)?;
        let pending = self.pending(&page)?;
        let rows = store::room_invitations::list_of_room(&self.store.read, room, pending).await.or_internal()?;
        Ok(page_of(rows, &page, pending.now))
    }

    async fn create_room_invitation(
        &self,
        caller: &Caller,
        room: RoomId,
        command: InviteToRoom,
    ) -> Result<Created<RoomInvitation>> {
        Permission::ManageMembers.check(caller)?;
        let seconds = limits::room_invitation(&command)?;
        self.ledger.write(caller, Invite { user: command.user_id, room, lobby: self.lobby, seconds }).await
    }

    async fn delete_room_invitation(&self, caller: &Caller, room: RoomId, id: RoomInvitationId) -> Result<()> {
        Permission::ManageMembers.check(caller)?;
        self.ledger.write(caller, Revoke { room, id }).await
    }

    async fn list_invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<RoomInvitation>> {
        Permission::Read.check(caller)?;
        let pending = self.pending(&page)?;
        let rows =
            store::room_invitations::list_of_user(&self.store.read, caller.user_id, pending).await.or_internal()?;
        Ok(page_of(rows, &page, pending.now))
    }

    async fn accept_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<Room> {
        Permission::EditOwn.check(caller)?;
        let room = self.find_invitation_room(caller, id).await?;
        self.ledger.write(caller, Accept { room, id, lobby: self.lobby }).await
    }

    async fn decline_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let room = self.find_invitation_room(caller, id).await?;
        self.ledger.write(caller, Decline { room, id }).await
    }
}

impl Service {
    fn pending(&self, page: &PageQuery) -> Result<PendingPage> {
        let before = parse_cursor(page.cursor.as_deref())?.unwrap_or(uuid::Uuid::max());
        Ok(PendingPage { now: self.clock.now(), before: RoomInvitationId(before), limit: page.limit + 1 })
    }

    /// Room of one of the caller's invitations: a command must name the room to lock before it runs.
    async fn find_invitation_room(&self, caller: &Caller, id: RoomInvitationId) -> Result<RoomId> {
        let row = store::room_invitations::find(&self.store.read, id).await.or_internal()?;
        Ok(row.filter(|row| row.user.user_id == caller.user_id).ok_or_else(not_found)?.room_id)
    }
}

fn page_of(rows: Vec<InvitationRow>, page: &PageQuery, now: Time) -> Page<RoomInvitation> {
    let all = rows.into_iter().map(|row| row.invitation(now)).collect();
    page_from_rows(all, page.limit, |invitation: &RoomInvitation| invitation.id.to_string())
}

/// Also returned for an invitation that was accepted, was declined, was revoked or has expired.
fn not_found() -> Error {
    Error::not_found("invitation")
}

/// Invites a user and notifies them. Closes an expired invitation of the same user first.
pub(crate) async fn invite(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    invited_by: UserId,
    room: &Room,
    (user, seconds): (UserId, i64),
) -> Result<RoomInvitation, CommandError> {
    room_invitations::close_into(tx, ctx, room.id, &[user], InvitationStatus::Expired).await?;
    let id = RoomInvitationId(ctx.clock.id());
    let new = NewInvitation {
        id,
        room: room.id,
        room_name: &room.name,
        user,
        invited_by,
        created_at: ctx.at,
        expires_at: ctx.at.plus(seconds * 1000),
    };
    store::room_invitations::create(tx, &new).await?;
    let invitation = find(tx, ctx, id).await?;
    ctx.publish_to_user(user, id.0, Change::InvitationCreated(invitation.clone()));
    let notice = NotificationKind::RoomInvitation {
        invitation_id: id,
        room_id: room.id,
        room_name: room.name.clone(),
        invited_by: invitation.invited_by.display_name.clone(),
    };
    ctx.notify(tx, user, &notice).await?;
    Ok(invitation)
}

async fn find(tx: &mut Tx, ctx: &CommandContext, id: RoomInvitationId) -> Result<RoomInvitation, CommandError> {
    let row = store::room_invitations::find_in(tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.invitation(ctx.at))
}

struct Invite {
    user: UserId,
    room: RoomId,
    lobby: RoomId,
    seconds: i64,
}

#[async_trait]
impl Command for Invite {
    type Output = Created<RoomInvitation>;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        require_changing_members(&room)?;
        RoomPermission::Invite.check(&room, &caller)?;
        room.require_active()?;
        let candidates = Candidates { added_by: caller.user_id, room: self.room, lobby: self.lobby, now: ctx.at };
        match candidates.find(tx, &[self.user]).await?.pop() {
            Some((_, Candidate::Addable | Candidate::NeedsInvitation)) => {
                let invitation = invite(tx, ctx, caller.user_id, &room, (self.user, self.seconds)).await?;
                Ok(Created { value: invitation, new: true })
            }
            Some((_, Candidate::Invited(pending))) => {
                Ok(Created { value: find(tx, ctx, pending.id).await?, new: false })
            }
            Some((_, Candidate::Member(_))) => {
                Err(Error::new(Code::AlreadyMember, "This user is already a member of the room.").into())
            }
            Some((_, Candidate::Refused(code))) => Err(RefusedMember { user_id: self.user, code }.error().into()),
            None => Err(Error::internal().into()),
        }
    }
}

struct Revoke {
    room: RoomId,
    id: RoomInvitationId,
}

#[async_trait]
impl Command for Revoke {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        if room.membership.is_none() {
            return Err(Error::not_a_member().into());
        }
        let row = store::room_invitations::find_in(tx, self.id).await?.filter(|row| row.room_id == self.room);
        let is_pending = |row: &InvitationRow| row.status(ctx.at) == InvitationStatus::Pending;
        let row = row.filter(is_pending).ok_or_else(not_found)?;
        if row.invited_by != caller.user_id {
            RoomPermission::ManageMembers.check(&room, &caller)?;
        }
        room_invitations::close(tx, ctx, InvitationFilter::One(self.id), InvitationStatus::Revoked).await
    }
}

struct Accept {
    room: RoomId,
    id: RoomInvitationId,
    lobby: RoomId,
}

#[async_trait]
impl Command for Accept {
    type Output = Room;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Room, CommandError> {
        let caller = ctx.caller()?;
        let user = caller.user_id;
        let row = store::room_invitations::find_in(tx, self.id).await?;
        let row = row.filter(|row| row.user.user_id == user).ok_or_else(not_found)?;
        match row.status(ctx.at) {
            InvitationStatus::Pending => {}
            // A repeated request, unless the user has left since.
            InvitationStatus::Accepted => {
                let room = find_visible(tx, user, self.room).await?;
                return room.membership.is_some().then_some(room).ok_or_else(|| not_found().into());
            }
            _ => return Err(not_found().into()),
        }
        if self.room == self.lobby && caller.role == Role::Guest {
            return Err(RefusedMember { user_id: user, code: Code::LobbyMembershipFixed }.error().into());
        }
        // Joining closes the invitation as accepted.
        let room = room_for_everyone(tx, self.room).await?;
        require_can_join(tx, ctx, &room, user).await?;
        join_room(tx, ctx, room, user, RoomRole::Member).await?;
        activity::record(tx, ctx, self.room, MessageKind::Joined, user, ActivitySubject::None).await?;
        find_visible(tx, user, self.room).await
    }
}

struct Decline {
    room: RoomId,
    id: RoomInvitationId,
}

#[async_trait]
impl Command for Decline {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let caller = ctx.caller()?;
        let row = store::room_invitations::find_in(tx, self.id).await?;
        let row = row.filter(|row| row.user.user_id == caller.user_id).ok_or_else(not_found)?;
        match row.status(ctx.at) {
            InvitationStatus::Pending => {
                room_invitations::close(tx, ctx, InvitationFilter::One(self.id), InvitationStatus::Declined).await
            }
            InvitationStatus::Declined => Ok(()),
            _ => Err(not_found().into()),
        }
    }
}

/// Purges invitations that expired long ago.
#[derive(Clone)]
pub struct PurgeRoomInvitations;

#[async_trait]
impl BatchJob for PurgeRoomInvitations {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        Ok(store::room_invitations::purge(tx, ctx.at.plus(-RETENTION), limit).await?)
    }
}
