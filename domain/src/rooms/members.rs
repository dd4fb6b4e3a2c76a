//! Room members.

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    paging::{page_from_rows, parse_cursor},
    rooms::{
        activity::{self, ActivitySubject},
        candidates::{Candidate, Candidates, free_places},
        direct::require_changing_members,
        invitations::invite,
        membership::{find_visible, join_users, leave_room, require_not_lobby},
        restore::RestoreMember,
        roles::{SetRole, Transfer},
    },
    store::{self, Tx, members::MemberRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{AddMembers, SetRoomRole, TransferRoom},
    error::Code,
    id::{RoomId, UserId},
    limits,
    limits::ROOM_INVITATION_DEFAULT,
    message::MessageKind,
    page::{Page, PageQuery},
    permissions::{Permission, RoomPermission, can_remove},
    port::Members,
    room::{AddedMembers, Member, RefusedMember, RoomRole},
    session::Caller,
};

#[async_trait]
impl Members for Service {
    async fn list_members(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<Member>> {
        Permission::Read.check(caller)?;
        let room = id;
        self.require_member(caller, room).await?;
        let after = parse_cursor(page.cursor.as_deref())?.map(UserId);
        let rows = store::members::list(&self.store.read, room, after, page.limit + 1).await.or_internal()?;
        let members = rows.into_iter().map(MemberRow::member).collect();
        Ok(page_from_rows(members, page.limit, |member: &Member| member.user.id.to_string()))
    }

    async fn get_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<Member> {
        Permission::Read.check(caller)?;
        self.require_member(caller, id).await?;
        let row = store::members::get(&self.store.read, id, user).await.or_internal()?;
        row.map(MemberRow::member).ok_or_else(|| Error::not_found("member"))
    }

    async fn add_members(&self, caller: &Caller, room: RoomId, command: AddMembers) -> Result<AddedMembers> {
        Permission::ManageMembers.check(caller)?;
        let users = limits::add_members(command)?;
        self.ledger.write(caller, Add { users, room, lobby: self.lobby }).await
    }

    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()> {
        Permission::ManageMembers.check(caller)?;
        let room = id;
        if user == caller.user_id {
            return self.leave_room_unchecked(caller, room).await;
        }
        self.ledger.write(caller, RemoveMember { user, room, lobby: self.lobby }).await
    }

    async fn restore_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<Member> {
        Permission::EditOwn.check(caller)?;
        self.ledger.write(caller, RestoreMember { room: id, user, lobby: self.lobby }).await
    }

    async fn set_room_role(&self, caller: &Caller, id: RoomId, user: UserId, command: SetRoomRole) -> Result<Member> {
        Permission::ManageMembers.check(caller)?;
        self.ledger.write(caller, SetRole { room: id, user, role: command.role }).await
    }

    async fn transfer_room(&self, caller: &Caller, id: RoomId, command: TransferRoom) -> Result<Member> {
        Permission::ManageMembers.check(caller)?;
        self.ledger.write(caller, Transfer { room: id, user: command.user_id }).await
    }
}

/// Adds users to a room in one command.
pub(crate) struct Add {
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
        let caller = ctx.caller()?;
        let caller_id = caller.user_id;
        let room = find_visible(tx, caller_id, self.room).await?;
        require_changing_members(&room)?;
        RoomPermission::Add.check(&room, &caller)?;
        room.require_active()?;
        let candidates = Candidates { added_by: caller_id, room: self.room, lobby: self.lobby, now: ctx.at };
        let (mut outcome, mut addable) = (AddedMembers::default(), Vec::new());
        for (user_id, candidate) in candidates.find(tx, &self.users).await? {
            match candidate {
                Candidate::Member(member) => outcome.added.push(member),
                Candidate::Addable if addable.len() < free_places(&room) => addable.push(user_id),
                Candidate::Addable => outcome.refused.push(RefusedMember { user_id, code: Code::RoomFull }),
                Candidate::NeedsInvitation => {
                    invite(tx, ctx, caller_id, &room, (user_id, ROOM_INVITATION_DEFAULT)).await?;
                    outcome.invited.push(user_id);
                }
                Candidate::Invited(_) => outcome.invited.push(user_id),
                Candidate::Refused(code) => outcome.refused.push(RefusedMember { user_id, code }),
            }
        }
        outcome.added.extend(join_users(tx, ctx, room, &addable, RoomRole::Member).await?.1);
        let subjects = addable.into_iter().map(ActivitySubject::User).collect();
        activity::record_each(tx, ctx, self.room, MessageKind::Added, caller_id, subjects).await?;
        Ok(outcome)
    }
}

struct RemoveMember {
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
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        if room.membership.is_none() {
            return Err(Error::not_a_member().into());
        }
        require_changing_members(&room)?;
        let row = store::members::find(tx, self.room, self.user).await?.filter(MemberRow::is_member);
        let target = row.ok_or_else(|| Error::not_found("member"))?;
        if !can_remove(&room, caller.role, target.role) {
            return Err(RoomPermission::ManageMembers.refused().into());
        }
        require_not_lobby(self.room, self.lobby)?;
        leave_room(tx, ctx, self.room, self.user, Some(caller.user_id)).await?;
        let subject = ActivitySubject::User(self.user);
        activity::record(tx, ctx, self.room, MessageKind::Removed, caller.user_id, subject).await
    }
}
