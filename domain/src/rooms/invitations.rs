//! Invitations into rooms. Those to make an account are in `credentials::invitations`.

use super::{
    candidates::{Candidate, Candidates},
    check_place, cut, enter, parse_cursor, visible,
};
use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    members,
    rights::Right,
    store::{
        self, Tx,
        room_invitations::{InvitationRow, NewInvitation, Pending, Which},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::InviteToRoom,
    error::Code,
    event::Change,
    id::{RoomId, RoomInvitationId, UserId},
    limits,
    notification::Notice,
    page::{Created, Page, PageQuery},
    port::RoomInvitations,
    room::{RefusedMember, Room, RoomRole},
    room_invitation::{InvitationStatus, RoomInvitation},
    session::Caller,
    time::Time,
    user::Role,
};

/// Milliseconds for which an invitation is kept that is past its time: until then it is known who declined.
const KEEP: i64 = 30 * 24 * 60 * 60 * 1000;

#[async_trait]
impl RoomInvitations for Service {
    async fn list_room_invitations(
        &self,
        caller: &Caller,
        room: RoomId,
        page: PageQuery,
    ) -> Result<Page<RoomInvitation>> {
        Right::ManageMembers.check(caller)?;
        members::check_may_add(&self.find_room(caller, room).await?, caller)?;
        let pending = self.pending(&page)?;
        let rows = store::room_invitations::list_of_room(&self.store.read, room, pending).await.or_broken()?;
        Ok(page_of(rows, &page, pending.now))
    }

    async fn create_room_invitation(
        &self,
        caller: &Caller,
        room: RoomId,
        command: InviteToRoom,
    ) -> Result<Created<RoomInvitation>> {
        Right::ManageMembers.check(caller)?;
        let seconds = limits::room_invitation(&command)?;
        self.ledger.write(Invite { by: *caller, user: command.user_id, room, lobby: self.lobby, seconds }).await
    }

    async fn delete_room_invitation(&self, caller: &Caller, room: RoomId, id: RoomInvitationId) -> Result<()> {
        Right::ManageMembers.check(caller)?;
        self.ledger.write(Revoke { by: *caller, room, id }).await
    }

    async fn list_invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<RoomInvitation>> {
        Right::Look.check(caller)?;
        let pending = self.pending(&page)?;
        let rows =
            store::room_invitations::list_of_user(&self.store.read, caller.user_id, pending).await.or_broken()?;
        Ok(page_of(rows, &page, pending.now))
    }

    async fn accept_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<Room> {
        Right::ChangeOwn.check(caller)?;
        let room = self.invited_into(caller, id).await?;
        self.ledger.write(Accept { by: *caller, room, id, lobby: self.lobby }).await
    }

    async fn decline_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        let room = self.invited_into(caller, id).await?;
        self.ledger.write(Decline { by: *caller, room, id }).await
    }
}

impl Service {
    fn pending(&self, page: &PageQuery) -> Result<Pending> {
        let before = parse_cursor(page.cursor.as_deref())?.unwrap_or(uuid::Uuid::max());
        Ok(Pending { now: self.clock.now(), before: RoomInvitationId(before), limit: page.limit + 1 })
    }

    /// The room of an invitation of the caller's: a command says beforehand in which room's order it takes part.
    async fn invited_into(&self, caller: &Caller, id: RoomInvitationId) -> Result<RoomId> {
        let row = store::room_invitations::find(&self.store.read, id).await.or_broken()?;
        Ok(row.filter(|row| row.user.user_id == caller.user_id).ok_or_else(not_found)?.room_id)
    }
}

fn page_of(rows: Vec<InvitationRow>, page: &PageQuery, now: Time) -> Page<RoomInvitation> {
    let all = rows.into_iter().map(|row| row.invitation(now)).collect();
    cut(all, page.limit, |invitation: &RoomInvitation| invitation.id.to_string())
}

/// Also of one that was answered, withdrawn or is past its time.
fn not_found() -> Error {
    Error::not_found("pending invitation")
}

/// Invites someone and tells them. One of theirs that is past its time makes place.
pub(crate) async fn invite(
    tx: &mut Tx,
    log: &mut Log,
    by: UserId,
    room: &Room,
    (user, seconds): (UserId, i64),
) -> Result<RoomInvitation, Fault> {
    close_into(tx, log, room.id, &[user], InvitationStatus::Expired).await?;
    let id = RoomInvitationId(log.clock.id());
    let new = NewInvitation {
        id,
        room: room.id,
        room_name: &room.name,
        user,
        invited_by: by,
        created_at: log.at,
        expires_at: log.at.plus(seconds * 1000),
    };
    store::room_invitations::create(tx, &new).await?;
    let invitation = find(tx, log, id).await?;
    log.tell(user, id.0, Change::InvitationCreated(invitation.clone()));
    let notice = Notice::RoomInvitation {
        invitation_id: id,
        room_id: room.id,
        room_name: room.name.clone(),
        invited_by: invitation.invited_by.display_name.clone(),
    };
    log.notify(tx, user, &notice).await?;
    Ok(invitation)
}

async fn find(tx: &mut Tx, log: &Log, id: RoomInvitationId) -> Result<RoomInvitation, Fault> {
    let row = store::room_invitations::find_in(tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.invitation(log.at))
}

/// Ends pending invitations and tells whose they were.
pub(crate) async fn close(tx: &mut Tx, log: &mut Log, which: Which, status: InvitationStatus) -> Result<(), Fault> {
    let closed = store::room_invitations::close(tx, which, status, log.at).await?;
    tell(tx, log, &closed).await
}

/// Ends the pending invitations into a room of these people and tells them.
pub(crate) async fn close_into(
    tx: &mut Tx,
    log: &mut Log,
    room: RoomId,
    users: &[UserId],
    status: InvitationStatus,
) -> Result<(), Fault> {
    let closed = store::room_invitations::close_into(tx, room, users, status, log.at).await?;
    tell(tx, log, &closed).await
}

/// Tells whose invitations these are what became of them.
async fn tell(tx: &mut Tx, log: &mut Log, ids: &[RoomInvitationId]) -> Result<(), Fault> {
    for row in store::room_invitations::list_these(tx, ids).await? {
        log.tell(row.user.user_id, row.id.0, Change::InvitationUpdated(row.invitation(log.at)));
    }
    Ok(())
}

struct Invite {
    by: Caller,
    user: UserId,
    room: RoomId,
    lobby: RoomId,
    seconds: i64,
}

#[async_trait]
impl Write for Invite {
    type Done = Created<RoomInvitation>;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Self::Done, Fault> {
        let room = visible(tx, self.by.user_id, self.room).await?;
        members::check_may_add(&room, &self.by)?;
        let candidates = Candidates { by: self.by.user_id, room: self.room, lobby: self.lobby, now: log.at };
        match candidates.find(tx, &[self.user]).await?.pop() {
            Some((_, Candidate::Addable | Candidate::Asked)) => {
                let thing = invite(tx, log, self.by.user_id, &room, (self.user, self.seconds)).await?;
                Ok(Created { thing, new: true })
            }
            Some((_, Candidate::Invited(pending))) => {
                Ok(Created { thing: find(tx, log, pending.id).await?, new: false })
            }
            Some((_, Candidate::Member(_))) => {
                Err(Error::new(Code::AlreadyMember, "They are in this room already.").into())
            }
            Some((_, Candidate::Refused(code))) => Err(RefusedMember { user_id: self.user, code }.error().into()),
            None => Err(Error::internal().into()),
        }
    }
}

struct Revoke {
    by: Caller,
    room: RoomId,
    id: RoomInvitationId,
}

#[async_trait]
impl Write for Revoke {
    type Done = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let room = visible(tx, self.by.user_id, self.room).await?;
        let role = members::standing_in(&room, &self.by)?;
        let row = store::room_invitations::find_in(tx, self.id).await?.filter(|row| row.room_id == self.room);
        let is_pending = |row: &InvitationRow| row.status(log.at) == InvitationStatus::Pending;
        let row = row.filter(is_pending).ok_or_else(not_found)?;
        if row.invited_by != self.by.user_id && !members::keeps_the_peace(role) {
            let detail = "Only who made an invitation, the owner and the moderators of the room withdraw it.";
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        close(tx, log, Which::One(self.id), InvitationStatus::Revoked).await
    }
}

struct Accept {
    by: Caller,
    room: RoomId,
    id: RoomInvitationId,
    lobby: RoomId,
}

#[async_trait]
impl Write for Accept {
    type Done = Room;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Room, Fault> {
        let user = self.by.user_id;
        let row = store::room_invitations::find_in(tx, self.id).await?;
        let row = row.filter(|row| row.user.user_id == user).ok_or_else(not_found)?;
        match row.status(log.at) {
            InvitationStatus::Pending => {}
            // A repeat, unless they left since.
            InvitationStatus::Accepted => {
                let room = visible(tx, user, self.room).await?;
                return room.membership.is_some().then_some(room).ok_or_else(|| not_found().into());
            }
            _ => return Err(not_found().into()),
        }
        if self.room == self.lobby && self.by.role == Role::Guest {
            return Err(RefusedMember { user_id: user, code: Code::LobbyIsForEveryone }.error().into());
        }
        check_place(tx, user).await?;
        // Whoever enters has accepted.
        enter(tx, log, self.room, user, RoomRole::Member).await?;
        visible(tx, user, self.room).await
    }
}

struct Decline {
    by: Caller,
    room: RoomId,
    id: RoomInvitationId,
}

#[async_trait]
impl Write for Decline {
    type Done = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let row = store::room_invitations::find_in(tx, self.id).await?;
        let row = row.filter(|row| row.user.user_id == self.by.user_id).ok_or_else(not_found)?;
        match row.status(log.at) {
            InvitationStatus::Pending => close(tx, log, Which::One(self.id), InvitationStatus::Declined).await,
            InvitationStatus::Declined => Ok(()),
            _ => Err(not_found().into()),
        }
    }
}

/// Forgets invitations that are long past their time.
pub struct PurgeRoomInvitations {
    pub now: Time,
}

#[async_trait]
impl Write for PurgeRoomInvitations {
    type Done = bool;

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<bool, Fault> {
        /// Few enough that nobody waits for the clean-up.
        const AT_ONCE: i64 = 1_000;
        Ok(store::room_invitations::purge(tx, self.now.plus(-KEEP), AT_ONCE).await?)
    }
}
