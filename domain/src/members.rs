//! The people in a room, and how far each has read.

use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write, sends::not_a_member},
    rights::{Right, standing},
    rooms::{
        self,
        candidates::{Candidate, Candidates},
        cut,
        invitations::invite,
        parse_cursor,
    },
    store::{self, Tx, members::MemberRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{AddMembers, MarkRead},
    error::Code,
    event::{Change, ReadMark},
    id::{RoomId, UserId},
    limits,
    limits::ROOM_INVITATION_DEFAULT,
    page::{Page, PageQuery},
    port::Members,
    room::{AddedMembers, Member, RefusedMember, Room, RoomRole, Visibility},
    session::Caller,
};

#[async_trait]
impl Members for Service {
    async fn members(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<Member>> {
        Right::Look.check(caller)?;
        let room = id;
        self.own_room(caller, room).await?;
        let after = parse_cursor(page.cursor.as_deref())?.map(UserId);
        let rows = store::members::list(&self.store.read, room, after, page.limit + 1).await.or_broken()?;
        let members = rows.into_iter().map(MemberRow::member).collect();
        Ok(cut(members, page.limit, |member: &Member| member.user.id.to_string()))
    }

    async fn add_members(&self, caller: &Caller, room: RoomId, command: AddMembers) -> Result<AddedMembers> {
        Right::ManageMembers.check(caller)?;
        let users = limits::add_members(command)?;
        self.ledger.write(Add { by: *caller, users, room, lobby: self.lobby }).await
    }

    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()> {
        Right::ManageMembers.check(caller)?;
        let room = id;
        if user == caller.user_id {
            return self.leave_room(caller, room).await;
        }
        self.ledger.write(ShowOut { by: *caller, user, room, lobby: self.lobby }).await
    }

    async fn mark_read(&self, caller: &Caller, id: RoomId, command: MarkRead) -> Result<ReadMark> {
        Right::ChangeOwn.check(caller)?;
        let room = id;
        self.own_room(caller, room).await?;
        let seq = store::messages::find_seq(&self.store.read, room, command.message_id).await.or_broken()?;
        let seq = seq.ok_or_else(|| Error::not_found("message in this room"))?;
        self.ledger.write(ReadUpTo { user: caller.user_id, room, seq }).await
    }
}

/// What the caller counts as in a room they are in.
pub(crate) fn standing_in(room: &Room, caller: &Caller) -> Result<RoomRole> {
    let membership = room.membership.as_ref().ok_or_else(not_a_member)?;
    Ok(standing(caller.role, room.visibility, membership.role))
}

pub(crate) const fn keeps_the_peace(role: RoomRole) -> bool {
    matches!(role, RoomRole::Owner | RoomRole::Moderator)
}

/// Refuses who may not bring people into a room: in a private one, its owner and moderators may.
pub(crate) fn check_may_add(room: &Room, caller: &Caller) -> Result<()> {
    let role = standing_in(room, caller)?;
    if room.visibility == Visibility::Private && !keeps_the_peace(role) {
        let detail = "Only the owner and the moderators of a private room bring people in.";
        return Err(Error::new(Code::Forbidden, detail));
    }
    Ok(())
}

/// Adds people to a room, all in one turn.
pub(crate) struct Add {
    pub by: Caller,
    pub users: Vec<UserId>,
    pub room: RoomId,
    pub lobby: RoomId,
}

#[async_trait]
impl Write for Add {
    type Done = AddedMembers;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    /// Each added member is an event that carries the whole room, so a batch takes few of these commands.
    fn bytes(&self) -> usize {
        const TOLD: usize = 1024;
        self.users.len() * TOLD
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<AddedMembers, Fault> {
        let by = self.by.user_id;
        let room = rooms::visible(tx, by, self.room).await?;
        check_may_add(&room, &self.by)?;
        let candidates = Candidates { by, room: self.room, lobby: self.lobby, now: log.at };
        let (mut outcome, mut addable) = (AddedMembers::default(), Vec::new());
        for (user_id, candidate) in candidates.find(tx, &self.users).await? {
            match candidate {
                Candidate::Member(member) => outcome.added.push(member),
                Candidate::Addable => addable.push(user_id),
                Candidate::Asked => {
                    invite(tx, log, by, &room, (user_id, ROOM_INVITATION_DEFAULT)).await?;
                    outcome.invited.push(user_id);
                }
                Candidate::Invited(_) => outcome.invited.push(user_id),
                Candidate::Refused(code) => outcome.refused.push(RefusedMember { user_id, code }),
            }
        }
        outcome.added.extend(rooms::enter_all(tx, log, self.room, &addable, RoomRole::Member).await?);
        Ok(outcome)
    }
}

struct ShowOut {
    by: Caller,
    user: UserId,
    room: RoomId,
    lobby: RoomId,
}

#[async_trait]
impl Write for ShowOut {
    type Done = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let room = rooms::visible(tx, self.by.user_id, self.room).await?;
        let role = standing_in(&room, &self.by)?;
        let row = store::members::find(tx, self.room, self.user).await?.filter(MemberRow::is_in);
        let target = row.ok_or_else(|| Error::not_found("member"))?;
        let may = match role {
            RoomRole::Owner => target.role != RoomRole::Owner,
            RoomRole::Moderator => target.role == RoomRole::Member,
            RoomRole::Member => false,
        };
        if !may {
            let detail = "Only the owner shows moderators out, and moderators show members out.";
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        rooms::stays(self.room, self.lobby)?;
        rooms::depart(tx, log, self.room, self.user, Some(self.by.user_id)).await
    }
}

struct ReadUpTo {
    user: UserId,
    room: RoomId,
    seq: i64,
}

#[async_trait]
impl Write for ReadUpTo {
    type Done = ReadMark;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<ReadMark, Fault> {
        let before = store::members::find_read(tx, self.room, self.user).await?;
        let mark = ReadMark { room_id: self.room, read_seq: before.max(self.seq) };
        if self.seq > before {
            store::members::mark_read(tx, &[(self.user, self.room, self.seq)]).await?;
            log.tell(self.user, self.room.0, Change::ReadUpdated(mark.clone()));
        }
        Ok(mark)
    }
}
