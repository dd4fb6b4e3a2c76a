//! Room members and their read positions.

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext, messages::not_a_member},
    paging::{page_from_rows, parse_cursor},
    permissions::{Permission, effective_role},
    rooms::{
        self,
        candidates::{Candidate, Candidates},
        invitations::invite,
    },
    store::{self, Tx, members::MemberRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{AddMembers, MarkRead},
    error::Code,
    event::{Change, ReadMarker},
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
        Permission::Read.check(caller)?;
        let room = id;
        self.require_member(caller, room).await?;
        let after = parse_cursor(page.cursor.as_deref())?.map(UserId);
        let rows = store::members::list(&self.store.read, room, after, page.limit + 1).await.or_internal()?;
        let members = rows.into_iter().map(MemberRow::member).collect();
        Ok(page_from_rows(members, page.limit, |member: &Member| member.user.id.to_string()))
    }

    async fn add_members(&self, caller: &Caller, room: RoomId, command: AddMembers) -> Result<AddedMembers> {
        Permission::ManageMembers.check(caller)?;
        let users = limits::add_members(command)?;
        self.ledger.write(Add { caller: *caller, users, room, lobby: self.lobby }).await
    }

    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()> {
        Permission::ManageMembers.check(caller)?;
        let room = id;
        if user == caller.user_id {
            return self.leave_room(caller, room).await;
        }
        self.ledger.write(RemoveMember { caller: *caller, user, room, lobby: self.lobby }).await
    }

    async fn mark_read(&self, caller: &Caller, id: RoomId, command: MarkRead) -> Result<ReadMarker> {
        Permission::EditOwn.check(caller)?;
        let room = id;
        self.require_member(caller, room).await?;
        let seq = store::messages::find_seq(&self.store.read, room, command.message_id).await.or_internal()?;
        let seq = seq.ok_or_else(|| Error::not_found("message in this room"))?;
        self.ledger.write(MarkReadUpTo { user: caller.user_id, room, seq }).await
    }
}

/// Effective role of the caller in a room; fails unless they are a member.
pub(crate) fn effective_role_in(room: &Room, caller: &Caller) -> Result<RoomRole> {
    let membership = room.membership.as_ref().ok_or_else(not_a_member)?;
    Ok(effective_role(caller.role, room.visibility, membership.role))
}

pub(crate) const fn can_moderate(role: RoomRole) -> bool {
    matches!(role, RoomRole::Owner | RoomRole::Moderator)
}

/// Fails unless the caller may add members: in a private room, only the owner and moderators may.
pub(crate) fn require_can_add(room: &Room, caller: &Caller) -> Result<()> {
    let role = effective_role_in(room, caller)?;
    if room.visibility == Visibility::Private && !can_moderate(role) {
        let detail = "Only the owner and the moderators of a private room can add members.";
        return Err(Error::new(Code::Forbidden, detail));
    }
    Ok(())
}

/// Adds users to a room in one command.
pub(crate) struct Add {
    pub caller: Caller,
    pub users: Vec<UserId>,
    pub room: RoomId,
    pub lobby: RoomId,
}

#[async_trait]
impl Command for Add {
    type Output = AddedMembers;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    /// Each added member is an event that carries the whole room, so a batch takes few of these commands.
    fn bytes(&self) -> usize {
        const EVENT_BYTES: usize = 1024;
        self.users.len() * EVENT_BYTES
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<AddedMembers, CommandError> {
        let caller_id = self.caller.user_id;
        let room = rooms::find_visible(tx, caller_id, self.room).await?;
        require_can_add(&room, &self.caller)?;
        let candidates = Candidates { added_by: caller_id, room: self.room, lobby: self.lobby, now: ctx.at };
        let (mut outcome, mut addable) = (AddedMembers::default(), Vec::new());
        for (user_id, candidate) in candidates.find(tx, &self.users).await? {
            match candidate {
                Candidate::Member(member) => outcome.added.push(member),
                Candidate::Addable => addable.push(user_id),
                Candidate::NeedsInvitation => {
                    invite(tx, ctx, caller_id, &room, (user_id, ROOM_INVITATION_DEFAULT)).await?;
                    outcome.invited.push(user_id);
                }
                Candidate::Invited(_) => outcome.invited.push(user_id),
                Candidate::Refused(code) => outcome.refused.push(RefusedMember { user_id, code }),
            }
        }
        outcome.added.extend(rooms::join_users(tx, ctx, self.room, &addable, RoomRole::Member).await?);
        Ok(outcome)
    }
}

struct RemoveMember {
    caller: Caller,
    user: UserId,
    room: RoomId,
    lobby: RoomId,
}

#[async_trait]
impl Command for RemoveMember {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let room = rooms::find_visible(tx, self.caller.user_id, self.room).await?;
        let role = effective_role_in(&room, &self.caller)?;
        let row = store::members::find(tx, self.room, self.user).await?.filter(MemberRow::is_member);
        let target = row.ok_or_else(|| Error::not_found("member"))?;
        let may = match role {
            RoomRole::Owner => target.role != RoomRole::Owner,
            RoomRole::Moderator => target.role == RoomRole::Member,
            RoomRole::Member => false,
        };
        if !may {
            let detail = "Only the owner can remove moderators; moderators can remove members.";
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        rooms::require_not_lobby(self.room, self.lobby)?;
        rooms::leave_room(tx, ctx, self.room, self.user, Some(self.caller.user_id)).await
    }
}

struct MarkReadUpTo {
    user: UserId,
    room: RoomId,
    seq: i64,
}

#[async_trait]
impl Command for MarkReadUpTo {
    type Output = ReadMarker;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<ReadMarker, CommandError> {
        let before = store::members::find_read_seq(tx, self.room, self.user).await?;
        let mark = ReadMarker { room_id: self.room, read_seq: before.max(self.seq) };
        if self.seq > before {
            store::members::mark_read(tx, &[(self.user, self.room, self.seq)]).await?;
            ctx.publish_to_user(self.user, self.room.0, Change::ReadUpdated(mark.clone()));
        }
        Ok(mark)
    }
}
