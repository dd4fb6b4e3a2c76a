//! Bans from rooms, and mutes in them.

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    paging::{page_from_rows, parse_cursor},
    rooms::membership::{find_visible, leave_room, publish_membership, require_not_lobby},
    store::{
        self, Tx,
        members::MemberRow,
        room_restrictions::{NewRestriction, RestrictionKind},
    },
    users::room_invitations,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::RestrictMember,
    error::Code,
    id::{RoomId, UserId},
    limits,
    page::{Page, PageQuery},
    permissions::{Permission, RoomPermission, can_restrict},
    port::RoomRestrictions,
    room::{MemberRestriction, Room, RoomRole},
    room_invitation::InvitationStatus,
    session::Caller,
    time::Time,
};

#[async_trait]
impl RoomRestrictions for Service {
    async fn list_bans(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<MemberRestriction>> {
        self.list_restrictions(caller, id, RestrictionKind::Ban, page).await
    }

    async fn ban_user(
        &self,
        caller: &Caller,
        id: RoomId,
        user: UserId,
        command: RestrictMember,
    ) -> Result<MemberRestriction> {
        self.restrict(caller, id, user, RestrictionKind::Ban, command).await
    }

    async fn unban_user(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()> {
        self.lift(caller, id, user, RestrictionKind::Ban).await
    }

    async fn list_mutes(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<MemberRestriction>> {
        self.list_restrictions(caller, id, RestrictionKind::Mute, page).await
    }

    async fn mute_member(
        &self,
        caller: &Caller,
        id: RoomId,
        user: UserId,
        command: RestrictMember,
    ) -> Result<MemberRestriction> {
        self.restrict(caller, id, user, RestrictionKind::Mute, command).await
    }

    async fn unmute_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()> {
        self.lift(caller, id, user, RestrictionKind::Mute).await
    }
}

impl Service {
    async fn list_restrictions(
        &self,
        caller: &Caller,
        room: RoomId,
        kind: RestrictionKind,
        page: PageQuery,
    ) -> Result<Page<MemberRestriction>> {
        Permission::ManageMembers.check(caller)?;
        RoomPermission::ManageMembers.check(&self.find_room(caller, room).await?, caller)?;
        let after = UserId(parse_cursor(page.cursor.as_deref())?.unwrap_or_default());
        let range = (self.clock.now(), after, page.limit + 1);
        let found = store::room_restrictions::list(&self.store.read, kind, room, range).await.or_internal()?;
        Ok(page_from_rows(found, page.limit, |one: &MemberRestriction| one.user.id.to_string()))
    }

    async fn restrict(
        &self,
        caller: &Caller,
        room: RoomId,
        user: UserId,
        kind: RestrictionKind,
        command: RestrictMember,
    ) -> Result<MemberRestriction> {
        Permission::ManageMembers.check(caller)?;
        let RestrictMember { reason, until } = limits::restrict_member(command, self.clock.now())?;
        let reason = reason.unwrap_or_default();
        self.ledger.write(caller, Restrict { room, user, kind, reason, until, lobby: self.lobby }).await
    }

    async fn lift(&self, caller: &Caller, room: RoomId, user: UserId, kind: RestrictionKind) -> Result<()> {
        Permission::ManageMembers.check(caller)?;
        self.ledger.write(caller, Lift { room, user, kind }).await
    }
}

/// Fails if the user is banned from the room.
pub async fn require_not_banned(
    tx: &mut Tx,
    ctx: &CommandContext,
    room: RoomId,
    user: UserId,
) -> Result<(), CommandError> {
    let ban = store::room_restrictions::find(tx, RestrictionKind::Ban, room, user, ctx.at).await?;
    let Some(ban) = ban else { return Ok(()) };
    Err(restricted(Code::Banned, "You're banned from this room.", ban.until, ctx.at).into())
}

/// Fails if the caller, who sees this room, cannot write in it now: it is archived, or they are muted.
pub fn require_can_write(room: &Room, now: Time) -> Result<()> {
    room.require_active()?;
    let mute = room.membership.as_ref().and_then(|membership| membership.mute.as_ref());
    mute.filter(|mute| mute.is_active(now)).map_or(Ok(()), |mute| Err(muted(mute.until, now)))
}

/// The error for a member who is muted until a time, or until a moderator unmutes them.
pub fn muted(until: Option<Time>, now: Time) -> Error {
    restricted(Code::Muted, "A moderator muted you in this room, so you can only read it.", until, now)
}

fn restricted(code: Code, what: &str, until: Option<Time>, now: Time) -> Error {
    match until {
        Some(until) => Error::wait(code, what, seconds_until(until, now)),
        None => Error::new(code, what),
    }
}

/// Seconds from one time to a later one, rounded up.
pub fn seconds_until(until: Time, now: Time) -> u32 {
    u32::try_from((until.0.saturating_sub(now.0)).div_euclid(1000).saturating_add(1)).unwrap_or(u32::MAX)
}

struct Restrict {
    room: RoomId,
    user: UserId,
    kind: RestrictionKind,
    reason: String,
    until: Option<Time>,
    lobby: RoomId,
}

#[async_trait]
impl Command for Restrict {
    type Output = MemberRestriction;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<MemberRestriction, CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        RoomPermission::ManageMembers.check(&room, &caller)?;
        let user = store::users::find_in(tx, self.user).await?.ok_or_else(|| Error::not_found("user"))?;
        let row = store::members::find(tx, self.room, self.user).await?.filter(MemberRow::is_member);
        let role = row.as_ref().map_or(RoomRole::Guest, |row| row.role);
        if !can_restrict(&room, caller.role, (user.role, role)) {
            return Err(RoomPermission::ManageMembers.refused().into());
        }
        match self.kind {
            RestrictionKind::Ban => require_not_lobby(self.room, self.lobby)?,
            RestrictionKind::Mute if row.is_none() => return Err(Error::not_found("member").into()),
            RestrictionKind::Mute => {}
        }
        let new = NewRestriction {
            kind: self.kind,
            room: self.room,
            user: self.user,
            reason: &self.reason,
            until: self.until,
            created_by: caller.user_id,
            at: ctx.at,
        };
        store::room_restrictions::put(tx, &new).await?;
        if self.kind == RestrictionKind::Mute {
            publish_membership(tx, ctx, self.room, self.user).await?;
        } else {
            if row.is_some() {
                leave_room(tx, ctx, self.room, self.user, Some(caller.user_id)).await?;
            }
            room_invitations::close_into(tx, ctx, self.room, &[self.user], InvitationStatus::Revoked).await?;
        }
        let created = store::room_restrictions::find(tx, self.kind, self.room, self.user, ctx.at).await?;
        // Its end passed while it was queued.
        Ok(created.ok_or_else(|| Error::not_found(self.kind.as_str()))?)
    }
}

struct Lift {
    room: RoomId,
    user: UserId,
    kind: RestrictionKind,
}

#[async_trait]
impl Command for Lift {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        RoomPermission::ManageMembers.check(&room, &caller)?;
        if !store::room_restrictions::delete(tx, self.kind, self.room, self.user).await? {
            return Err(Error::not_found(self.kind.as_str()).into());
        }
        let row = store::members::find(tx, self.room, self.user).await?.filter(MemberRow::is_member);
        if self.kind == RestrictionKind::Mute && row.is_some() {
            publish_membership(tx, ctx, self.room, self.user).await?;
        }
        Ok(())
    }
}
