//! Direct and group rooms: conversations between users who never change. Whoever leaves one hides it until its next
//! message.

use crate::{
    Service, digest,
    error::CommandError,
    events::ledger::{Command, CommandContext},
    rooms::membership::{create_members, find_visible, require_below_room_limit, room_for_everyone},
    store::{self, Tx, direct_rooms::SendRefusal, users::UserRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::OpenDirectRoom,
    error::{Code, FieldError},
    event::Change,
    id::{RoomId, UserId},
    limits,
    page::Created,
    permissions::Permission,
    port::DirectRooms,
    room::{Room, RoomKind, RoomRole},
    session::Caller,
    settings::DmPolicy,
    user::Role,
};

#[async_trait]
impl DirectRooms for Service {
    async fn open_direct_room(&self, caller: &Caller, command: OpenDirectRoom) -> Result<Created<Room>> {
        Permission::SendMessages.check(caller)?;
        let users = limits::direct_members(command.user_ids, caller.user_id)?;
        self.ledger.write(caller, Open { users, lobby: self.lobby }).await
    }
}

struct Open {
    /// All members, by id.
    users: Vec<UserId>,
    lobby: RoomId,
}

#[async_trait]
impl Command for Open {
    type Output = Created<Room>;

    /// The event of each member carries the room with all members.
    fn bytes(&self) -> usize {
        const MEMBER_BYTES: usize = 200;
        self.users.len() * self.users.len() * MEMBER_BYTES
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Created<Room>, CommandError> {
        let caller = ctx.caller()?;
        let key = member_key(&self.users);
        if let Some(id) = store::direct_rooms::find(tx, &key).await? {
            return show(tx, ctx, caller.user_id, id).await;
        }
        let users = self.check_members(tx, &caller).await?;
        let id = RoomId(ctx.clock.id());
        let kind = if self.users.len() > 2 { RoomKind::Group } else { RoomKind::Direct };
        if !store::direct_rooms::create(tx, id, kind, (caller.user_id, ctx.at), &key).await? {
            // Another node created it at the same time.
            let id = store::direct_rooms::find(tx, &key).await?.ok_or(sqlx::Error::RowNotFound)?;
            return show(tx, ctx, caller.user_id, id).await;
        }
        let members = users.into_iter().map(UserRow::into_author).collect();
        let room = Room { members, ..room_for_everyone(tx, id).await? };
        create_members(tx, ctx, room, &self.users, RoomRole::Member).await?;
        store::direct_rooms::hide_from_others(tx, id, caller.user_id).await?;
        let room = find_visible(tx, caller.user_id, id).await?;
        ctx.publish_to_user(caller.user_id, id.0, Change::RoomUpdated(room.clone()));
        Ok(Created { value: room, new: true })
    }
}

impl Open {
    /// Loads the members of a new room, by id; fails unless the caller may start a conversation with each of them.
    async fn check_members(&self, tx: &mut Tx, caller: &Caller) -> Result<Vec<UserRow>, CommandError> {
        require_below_room_limit(tx, caller.user_id).await?;
        let others: Vec<_> = self.users.iter().copied().filter(|user| *user != caller.user_id).collect();
        let mut users = store::users::find_many_in(tx, &self.users).await?;
        users.sort_by_key(|user| user.id);
        let is_active = |id: &UserId| users.iter().any(|user| user.id == *id && user.deactivated_at.is_none());
        let sharing = store::shared_rooms::list_sharing_outside(tx, self.lobby, caller.user_id, &others).await?;
        let is_visible = |id: &UserId| caller.role != Role::Guest || sharing.contains(id);
        if !others.iter().all(|id| is_active(id) && is_visible(id)) {
            let message = "One of these people doesn't exist, or their account is deactivated.";
            return Err(Error::from(FieldError::new("user_ids", "not_found", message)).into());
        }
        if store::blocks::list_in(tx, caller.user_id).await?.iter().any(|blocked| others.contains(blocked)) {
            let detail = "You've blocked one of these people. Unblock them first.";
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        let blocking = store::blocks::list_blocking(tx, &others, caller.user_id).await?;
        let accepts = |user: &UserRow| match user.settings().privacy.direct_messages {
            DmPolicy::Everyone => true,
            DmPolicy::SharedRooms => sharing.contains(&user.id),
            DmPolicy::Nobody => false,
        };
        for user in users.iter().filter(|user| user.id != caller.user_id) {
            if blocking.contains(&user.id) || !accepts(user) {
                // The same for both reasons, so that nobody learns who blocks them.
                let detail = format!("You can't start a conversation with {}.", user.display_name);
                return Err(Error::new(Code::Forbidden, detail).into());
            }
        }
        self.check_room_counts(tx, &others).await?;
        Ok(users)
    }

    /// As for rooms that users are added to: from a number of rooms on, only their direct rooms are still opened by
    /// others.
    async fn check_room_counts(&self, tx: &mut Tx, others: &[UserId]) -> Result<(), CommandError> {
        let max = if self.users.len() > 2 { limits::ROOMS_BEFORE_CONSENT } else { limits::ROOMS_PER_USER };
        let counts = store::members::count_rooms(tx, others).await?;
        if counts.into_iter().all(|(_, rooms)| usize::try_from(rooms).is_ok_and(|rooms| rooms < max)) {
            return Ok(());
        }
        let detail = "One of these people is already in the maximum number of rooms.";
        Err(Error::new(Code::TooManyRooms, detail).into())
    }
}

/// The key of a room with these members, sorted by id.
fn member_key(users: &[UserId]) -> String {
    digest::of_ids(users.iter().map(|user| user.0))
}

/// Shows an existing room to a member again if it is hidden from them.
async fn show(tx: &mut Tx, ctx: &mut CommandContext, user: UserId, id: RoomId) -> Result<Created<Room>, CommandError> {
    let mut room = find_visible(tx, user, id).await?;
    if room.membership.as_ref().is_some_and(|membership| membership.hidden) {
        store::direct_rooms::set_hidden(tx, id, user, None).await?;
        room = find_visible(tx, user, id).await?;
        ctx.publish_to_user(user, id.0, Change::RoomUpdated(room.clone()));
    }
    Ok(Created { value: room, new: false })
}

/// Hides a room from a member until its next message.
pub async fn hide(tx: &mut Tx, ctx: &mut CommandContext, user: UserId, room: &Room) -> Result<(), CommandError> {
    if room.membership.as_ref().is_none_or(|membership| membership.hidden) {
        return Ok(());
    }
    store::direct_rooms::set_hidden(tx, room.id, user, Some(room.head)).await?;
    let hidden = find_visible(tx, user, room.id).await?;
    ctx.publish_to_user(user, room.id.0, Change::RoomUpdated(hidden));
    Ok(())
}

/// Rejects direct and group rooms, whose members never change.
pub fn require_changing_members(room: &Room) -> Result<()> {
    if room.kind.is_direct() {
        let detail = "The members of a conversation can't be changed. Start a new one with the people you want.";
        return Err(Error::new(Code::DirectMembersFixed, detail));
    }
    Ok(())
}

/// Why a member cannot send messages in a direct room, as an error. It does not reveal that the other blocks them.
pub fn send_refusal(refusal: SendRefusal) -> Error {
    let detail = match refusal {
        SendRefusal::Deactivated => "This person's account is deactivated. You can still read the conversation.",
        SendRefusal::Blocking => "You've blocked this person. Unblock them to send messages.",
        SendRefusal::Blocked => "You can't send messages to this person now.",
    };
    Error::new(Code::Forbidden, detail)
}
