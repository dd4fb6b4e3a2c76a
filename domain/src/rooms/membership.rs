//! Joining and leaving rooms, and who becomes owner of a room without one: shared by all commands that change members.

use crate::{
    Service,
    error::CommandError,
    events::ledger::{Actor, Command, CommandContext},
    rooms::candidates,
    store::{
        self, Tx,
        members::{MemberRow, NewMembers},
        room_invitations::InvitationFilter,
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
    room::{Member, Membership, Room, RoomRole},
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
    let lobby = room_for_everyone(tx, lobby).await?;
    create_members(tx, ctx, lobby, &[user], role).await.map(|_| ())
}

/// Adds a user to a room other than the Lobby, as [`join_users`] does. Returns the room as they see it.
pub async fn join_room(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: Room,
    user: UserId,
    role: RoomRole,
) -> Result<Room, CommandError> {
    let (room, members) = join_users(tx, ctx, room, &[user], role).await?;
    let member = members.first().ok_or(sqlx::Error::RowNotFound)?;
    let membership = Membership::joined(member.role, member.joined_at, room.head);
    Ok(Room { membership: Some(membership), ..room })
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
    if let Some(next_owner) = store::members::find_missing_owner(tx, room.id).await? {
        let owner = promote(tx, ctx, &next_owner).await?;
        members.iter_mut().filter(|member| member.user.id == owner.user.id).for_each(|member| *member = owner.clone());
    }
    Ok((room, members))
}

/// Adds users to a room and notifies its members. Closes their pending invitations to it.
async fn create_members(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: Room,
    users: &[UserId],
    role: RoomRole,
) -> Result<(Room, Vec<Member>), CommandError> {
    let new = NewMembers { room: room.id, head: room.head, users, role, at: ctx.at };
    let member_count = store::members::create(tx, &new).await?;
    let room = Room { member_count, membership: None, ..room };
    let pairs: Vec<_> = users.iter().map(|user| (room.id, *user)).collect();
    let members: Vec<_> = store::members::find_many(tx, &pairs).await?.into_iter().map(MemberRow::member).collect();
    for member in &members {
        let change = MemberChange { member: member.clone(), room: room.clone() };
        ctx.publish_to_room(room.id, member.user.id.0, Change::MemberJoined(change));
    }
    room_invitations::close_into(tx, ctx, room.id, users, InvitationStatus::Accepted).await?;
    Ok((room, members))
}

/// Ends a membership, after a removal or a voluntary leave, and notifies the room's members and the user. If the room
/// has no owner left, the next member in line becomes owner. Invitations that the user sent for the room are revoked.
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
    promote_next_owner(tx, ctx, room).await
}

/// Promotes the next member in line to owner of a room, unless they already are.
async fn promote_next_owner(tx: &mut Tx, ctx: &mut CommandContext, room: RoomId) -> Result<(), CommandError> {
    let next_owner = store::members::find_next_owner(tx, room).await?;
    if let Some(next_owner) = next_owner.filter(|member| member.role != RoomRole::Owner) {
        promote(tx, ctx, &next_owner).await?;
    }
    Ok(())
}

/// Makes a member the owner of their room, and notifies its members.
async fn promote(tx: &mut Tx, ctx: &mut CommandContext, member: &MemberRow) -> Result<Member, CommandError> {
    let (room, user) = (member.room_id, member.author.user_id);
    store::members::update_role(tx, room, user, RoomRole::Owner).await?;
    let change = member_change(tx, room, user).await?;
    let owner = change.member.clone();
    ctx.publish_to_room(room, user.0, Change::MemberUpdated(change));
    Ok(owner)
}

/// Transfers those of a user's rooms, except the Lobby, that have no active owner but a member who can be one: the user
/// was deactivated or became a guest, or the opposite. Returns how many: at most [`TRANSFER_BATCH_SIZE`], in which case
/// there may be more.
pub async fn transfer_ownership(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    user: UserId,
) -> Result<usize, CommandError> {
    let rooms = store::members::list_ownerless_rooms(tx, user, lobby, TRANSFER_BATCH_SIZE).await?;
    for room in &rooms {
        promote_next_owner(tx, ctx, *room).await?;
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

async fn member_change(tx: &mut Tx, room: RoomId, user: UserId) -> Result<MemberChange, CommandError> {
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
