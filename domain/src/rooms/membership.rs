//! Joining and leaving rooms, and who becomes owner of a room without one: shared by all commands that change members.

use crate::{
    Service,
    error::CommandError,
    events::ledger::{Actor, Command, CommandContext},
    rooms::{
        activity::{self, ActivitySubject},
        candidates,
        restrictions::require_not_banned,
    },
    store::{
        self, Tx,
        members::{MemberRow, NewMembers, owners},
        room_invitations::InvitationFilter,
        room_restrictions::RestrictionKind,
        rooms::RoomRow,
    },
    users::room_invitations,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    event::{Change, MemberChange},
    id::{RoomId, UserId},
    message::MessageKind,
    room::{Member, Room, RoomRole},
    room_invitation::InvitationStatus,
};

/// Rooms transferred per command: few enough not to delay other commands.
const TRANSFER_BATCH_SIZE: usize = 100;
/// Transfer commands per user: an upper bound that no real owner reaches.
const MAX_TRANSFER_BATCHES: usize = 1_000;

impl Service {
    /// Transfers the remaining rooms of a user who can no longer own rooms, or can own them again. The change of the
    /// user is already committed; an error here does not undo it.
    pub(crate) async fn transfer_remaining_rooms(&self, user: UserId) {
        for _ in 0..MAX_TRANSFER_BATCHES {
            match self.ledger.write(Actor::System, TransferOwnership { user, lobby: self.lobby }).await {
                Ok(handed) if handed >= TRANSFER_BATCH_SIZE => {}
                Ok(_) => return,
                Err(error) => return tracing::warn!(%error, %user, "some rooms were not transferred"),
            }
        }
    }
}

/// Adds a user to the Lobby, which gets no owner by that, and notifies its members.
pub async fn join_lobby(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    user: UserId,
    role: RoomRole,
) -> Result<(), CommandError> {
    let room = room_for_everyone(tx, lobby).await?;
    create_members(tx, ctx, room, &[user], role).await?;
    activity::record(tx, ctx, lobby, MessageKind::Joined, user, ActivitySubject::None).await
}

/// Adds a user to a room other than the Lobby, as [`join_users`] does. Returns the room as they see it.
pub async fn join_room(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: Room,
    user: UserId,
    role: RoomRole,
) -> Result<Room, CommandError> {
    let (room, _) = join_users(tx, ctx, room, &[user], role).await?;
    find_visible(tx, user, room.id).await
}

/// Adds users to a room other than the Lobby, as it was just read, and notifies its members. If the room had no active
/// owner, the next member in line becomes owner. Returns the room without a membership, and the new members.
pub async fn join_users(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: Room,
    users: &[UserId],
    role: RoomRole,
) -> Result<(Room, Vec<Member>), CommandError> {
    if users.is_empty() {
        return Ok((room, Vec::new()));
    }
    let (room, mut members) = create_members(tx, ctx, room, users, role).await?;
    if !owners::has_other_owner(tx, room.id, None).await?
        && let Some(next_owner) = owners::find_next_owner(tx, room.id).await?
    {
        let owner = promote(tx, ctx, &next_owner).await?;
        members.iter_mut().filter(|member| member.user.id == owner.user.id).for_each(|member| *member = owner.clone());
    }
    Ok((room, members))
}

/// Adds users to a room and notifies its members. Closes their pending invitations to it.
pub async fn create_members(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: Room,
    users: &[UserId],
    role: RoomRole,
) -> Result<(Room, Vec<Member>), CommandError> {
    let hides_history = !room.settings.history_visible;
    let new = NewMembers { room: room.id, head: room.head, users, role, hides_history, at: ctx.at };
    let member_count = store::members::create(tx, &new).await?;
    let room = Room { member_count, membership: None, ..room };
    let pairs: Vec<_> = users.iter().map(|user| (room.id, *user)).collect();
    let members: Vec<_> = store::members::find_many(tx, &pairs).await?.into_iter().map(MemberRow::member).collect();
    for member in &members {
        let change = MemberChange { member: member.clone(), room: room.clone() };
        ctx.publish_to_room(room.id, member.user.id.0, Change::MemberJoined(change));
    }
    room_invitations::close_into(tx, ctx, room.id, users, InvitationStatus::Accepted).await?;
    // They were muted before they left.
    for user in store::room_restrictions::list_users(tx, RestrictionKind::Mute, room.id, users, ctx.at).await? {
        publish_membership(tx, ctx, room.id, user).await?;
    }
    Ok((room, members))
}

/// Ends a membership, after a removal or a voluntary leave, and notifies the room's members and the user. If the room
/// has no owner left, it gets one or is archived. Invitations that the user sent for the room are revoked.
pub async fn leave_room(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    user: UserId,
    removed_by: Option<UserId>,
) -> Result<(), CommandError> {
    store::members::leave(tx, room, user, removed_by, ctx.at).await?;
    let change = member_change(tx, room, user).await?;
    ctx.publish_to_room_and_user(room, user, user.0, Change::MemberLeft(change));
    room_invitations::close(tx, ctx, InvitationFilter::CreatedIn(room, user), InvitationStatus::Revoked).await?;
    ensure_owner(tx, ctx, room).await
}

/// Makes the next member in line owner of a room that has no active owner. If no member can be, archives it.
async fn ensure_owner(tx: &mut Tx, ctx: &mut CommandContext, room: RoomId) -> Result<(), CommandError> {
    if owners::has_other_owner(tx, room, None).await? {
        return Ok(());
    }
    if let Some(next_owner) = owners::find_next_owner(tx, room).await? {
        promote(tx, ctx, &next_owner).await?;
    } else if owners::has_active_member(tx, room).await? {
        set_archived(tx, ctx, room, true).await?;
    }
    Ok(())
}

/// Archives or restores a room, and notifies its members.
pub async fn set_archived(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    archived: bool,
) -> Result<(), CommandError> {
    store::rooms::set_archived(tx, room, archived).await?;
    publish_room_updated(tx, ctx, room).await
}

/// Publishes the new state of a room to its members.
pub async fn publish_room_updated(tx: &mut Tx, ctx: &mut CommandContext, room: RoomId) -> Result<(), CommandError> {
    let changed = room_for_everyone(tx, room).await?;
    ctx.publish_to_room(room, room.0, Change::RoomUpdated(changed));
    Ok(())
}

/// Publishes the new state of a membership to its user alone, in the room as they see it.
pub async fn publish_membership(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    user: UserId,
) -> Result<(), CommandError> {
    let changed = find_visible(tx, user, room).await?;
    ctx.publish_to_user(user, room.0, Change::RoomUpdated(changed));
    Ok(())
}

/// Makes a member the owner of their room, and notifies its members.
async fn promote(tx: &mut Tx, ctx: &mut CommandContext, member: &MemberRow) -> Result<Member, CommandError> {
    update_role(tx, ctx, (member.room_id, member.author.user_id), RoomRole::Owner).await
}

/// Gives a member a role in their room, and notifies its members.
pub async fn update_role(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    (room, user): (RoomId, UserId),
    role: RoomRole,
) -> Result<Member, CommandError> {
    store::members::update_role(tx, room, user, role).await?;
    let change = member_change(tx, room, user).await?;
    let member = change.member.clone();
    ctx.publish_to_room(room, user.0, Change::MemberUpdated(change));
    Ok(member)
}

/// Transfers those of a user's rooms, except the Lobby, that have no active owner but a member who can be one, and
/// archives those where no member can: the user was deactivated or became a guest, or the opposite. Returns how many: at
/// most [`TRANSFER_BATCH_SIZE`], in which case there may be more.
pub async fn transfer_ownership(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    user: UserId,
) -> Result<usize, CommandError> {
    let rooms = owners::list_ownerless_rooms(tx, user, lobby, TRANSFER_BATCH_SIZE).await?;
    for room in &rooms {
        ensure_owner(tx, ctx, *room).await?;
    }
    Ok(rooms.len())
}

/// Transfers one batch of the remaining rooms.
struct TransferOwnership {
    user: UserId,
    lobby: RoomId,
}

#[async_trait]
impl Command for TransferOwnership {
    type Output = usize;

    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<usize, CommandError> {
        transfer_ownership(tx, ctx, self.lobby, self.user).await
    }
}

pub async fn member_change(tx: &mut Tx, room: RoomId, user: UserId) -> Result<MemberChange, CommandError> {
    let row = store::members::find(tx, room, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(MemberChange { member: row.member(), room: room_for_everyone(tx, room).await? })
}

pub async fn room_for_everyone(tx: &mut Tx, room: RoomId) -> Result<Room, CommandError> {
    let row = store::rooms::find_many(tx, &[room]).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.room())
}

/// Rejects the Lobby: its membership is fixed.
pub fn require_not_lobby(room: RoomId, lobby: RoomId) -> Result<()> {
    if room == lobby {
        return Err(Error::new(Code::LobbyMembershipFixed, "You can't leave the Lobby or remove anyone from it."));
    }
    Ok(())
}

/// Fails if the user cannot become a member of the room: it is archived or full, they are banned from it, or in too many
/// rooms.
pub async fn require_can_join(
    tx: &mut Tx,
    ctx: &CommandContext,
    room: &Room,
    user: UserId,
) -> Result<(), CommandError> {
    require_not_banned(tx, ctx, room.id, user).await?;
    room.require_active()?;
    if candidates::free_places(room) == 0 {
        let detail = "This room has its maximum number of members. Try again when someone has left.";
        return Err(Error::new(Code::RoomFull, detail).into());
    }
    require_below_room_limit(tx, user).await
}

/// Fails if the user has reached the limit of rooms per user.
pub async fn require_below_room_limit(tx: &mut Tx, user: UserId) -> Result<(), CommandError> {
    let rooms = store::members::count_rooms(tx, &[user]).await?.pop().map_or(0, |(_, rooms)| rooms);
    if candidates::is_below_room_limit(rooms) {
        return Ok(());
    }
    let detail = format!("You're in {rooms} rooms, which is the maximum. Leave one first.");
    Err(Error::new(Code::TooManyRooms, detail).into())
}

/// Loads the room as the caller sees it, within a command.
pub async fn find_visible(tx: &mut Tx, user: UserId, room: RoomId) -> Result<Room, CommandError> {
    let row = store::rooms::find_in(tx, user, room).await?;
    Ok(row.map(RoomRow::room).ok_or_else(|| Error::not_found("room"))?)
}
