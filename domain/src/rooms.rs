//! Creating, joining and leaving rooms.

pub mod candidates;
pub mod invitations;
pub mod members;

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    idempotency::IdempotencyKey,
    paging::{page_from_rows, parse_cursor},
    permissions::Permission,
    store::{
        self, Tx,
        members::MemberRow,
        room_invitations::InvitationFilter,
        rooms::{NewRoom, RoomRow},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{CreateRoom, RoomFilter},
    error::{Code, FieldError},
    event::{Change, MemberChange},
    id::{ClientId, RoomId, UserId},
    limits,
    page::{Created, Page, PageQuery},
    port::Rooms,
    room::{Member, Room, RoomRole, Visibility},
    room_invitation::InvitationStatus,
    session::Caller,
    user::Role,
};

/// Rooms transferred per command: few enough not to delay other commands.
const TRANSFER_BATCH_SIZE: usize = 100;
/// Transfer commands per user: an upper bound that no real owner reaches.
const MAX_TRANSFER_BATCHES: usize = 1_000;

#[async_trait]
impl Rooms for Service {
    async fn rooms(&self, caller: &Caller, filter: RoomFilter, page: PageQuery) -> Result<Page<Room>> {
        Permission::Read.check(caller)?;
        let after = parse_cursor(page.cursor.as_deref())?.map(RoomId);
        let rows = store::rooms::list(&self.store.read, caller.user_id, filter, after, page.limit + 1).await;
        let rooms = rows.or_internal()?.into_iter().map(RoomRow::room).collect();
        Ok(page_from_rows(rooms, page.limit, |room: &Room| room.id.to_string()))
    }

    async fn room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        Permission::Read.check(caller)?;
        self.find_room(caller, id).await
    }

    async fn create_room(&self, caller: &Caller, command: CreateRoom, key: Option<ClientId>) -> Result<Created<Room>> {
        Permission::CreateRooms.check(caller)?;
        let command = limits::create_room(&command)?;
        let key = IdempotencyKey::new(key, &command)?;
        self.ledger.write(Create { owner: caller.user_id, command, key }).await
    }

    async fn join(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        Permission::JoinRooms.check(caller)?;
        let room = id;
        self.ledger.write(Join { user: caller.user_id, room }).await
    }

    async fn leave(&self, caller: &Caller, id: RoomId) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        self.leave_room(caller, id).await
    }
}

impl Service {
    /// Transfers the remaining rooms of a user who can no longer own rooms. The change of the user is already
    /// committed; an error here does not undo it.
    pub(crate) async fn transfer_remaining_rooms(&self, owner: UserId) {
        for _ in 0..MAX_TRANSFER_BATCHES {
            match self.ledger.write(TransferOwnership { owner, lobby: self.lobby }).await {
                Ok(handed) if handed >= TRANSFER_BATCH_SIZE => {}
                Ok(_) => return,
                Err(error) => return tracing::warn!(%error, user = %owner, "some rooms were not transferred"),
            }
        }
    }

    pub(crate) async fn find_room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        let row = store::rooms::find(&self.store.read, caller.user_id, id).await.or_internal()?;
        row.map(RoomRow::room).ok_or_else(|| Error::not_found("room"))
    }

    /// Loads a room; fails unless the caller is a member.
    pub(crate) async fn require_member(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        let room = self.find_room(caller, id).await?;
        if room.membership.is_some() { Ok(room) } else { Err(crate::events::ledger::messages::not_a_member()) }
    }

    pub(crate) async fn leave_room(&self, caller: &Caller, room: RoomId) -> Result<()> {
        self.ledger.write(Leave { user: caller.user_id, room, lobby: self.lobby }).await
    }
}

/// Adds a user to a room and notifies its members.
pub(crate) async fn join_room(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    user: UserId,
    role: RoomRole,
) -> Result<(), CommandError> {
    join_users(tx, ctx, room, &[user], role).await.map(|_| ())
}

/// Adds users to a room and notifies its members. Closes their pending invitations to it.
pub(crate) async fn join_users(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    users: &[UserId],
    role: RoomRole,
) -> Result<Vec<Member>, CommandError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    store::members::create(tx, room, users, role, ctx.at).await?;
    let pairs: Vec<_> = users.iter().map(|user| (room, *user)).collect();
    let members: Vec<_> = store::members::find_many(tx, &pairs).await?.into_iter().map(MemberRow::member).collect();
    let room = room_for_everyone(tx, room).await?;
    for member in &members {
        let change = MemberChange { member: member.clone(), room: room.clone() };
        ctx.publish_to_room(room.id, member.user.id.0, Change::MemberJoined(change));
    }
    invitations::close_into(tx, ctx, room.id, users, InvitationStatus::Accepted).await?;
    Ok(members)
}

/// Ends a membership, after a removal or a voluntary leave, and notifies the room's members and the user. If the room
/// has no owner left, the next member in line becomes owner. Invitations that the user sent for the room are revoked.
pub(crate) async fn leave_room(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    user: UserId,
    removed_by: Option<UserId>,
) -> Result<(), CommandError> {
    store::members::leave(tx, room, user, removed_by, ctx.at).await?;
    let change = member_change(tx, room, user).await?;
    ctx.publish_to_room_and_user(room, user, user.0, Change::MemberLeft(change));
    invitations::close(tx, ctx, InvitationFilter::CreatedIn(room, user), InvitationStatus::Revoked).await?;
    promote_next_owner(tx, ctx, room).await
}

/// Fails if the user has reached the limit of rooms per user.
async fn require_below_room_limit(tx: &mut Tx, user: UserId) -> Result<(), CommandError> {
    let rooms = store::members::count_rooms(tx, &[user]).await?.pop().map_or(0, |(_, rooms)| rooms);
    if candidates::is_below_room_limit(rooms) {
        return Ok(());
    }
    let detail = format!("You are in {rooms} rooms, which is the maximum. Leave one first.");
    Err(Error::new(Code::TooManyRooms, detail).into())
}

/// Promotes the next member in line to owner of a room, unless they already are.
async fn promote_next_owner(tx: &mut Tx, ctx: &mut CommandContext, room: RoomId) -> Result<(), CommandError> {
    let next_owner = store::members::find_next_owner(tx, room).await?;
    if let Some(next_owner) = next_owner.filter(|member| member.role != RoomRole::Owner) {
        let user = next_owner.author.user_id;
        store::members::update_role(tx, room, user, RoomRole::Owner).await?;
        let change = member_change(tx, room, user).await?;
        ctx.publish_to_room(room, user.0, Change::MemberUpdated(change));
    }
    Ok(())
}

/// Transfers the rooms, except the Lobby, whose only owner is now deactivated or a guest. Returns how many: at most
/// [`TRANSFER_BATCH_SIZE`], in which case there may be more.
pub(crate) async fn transfer_ownership(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    owner: UserId,
) -> Result<usize, CommandError> {
    let rooms = store::members::list_ownerless_rooms(tx, owner, lobby, TRANSFER_BATCH_SIZE).await?;
    for room in &rooms {
        promote_next_owner(tx, ctx, *room).await?;
    }
    Ok(rooms.len())
}

/// Transfers one batch of the remaining rooms.
struct TransferOwnership {
    owner: UserId,
    lobby: RoomId,
}

#[async_trait]
impl Command for TransferOwnership {
    type Output = usize;

    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.owner)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<usize, CommandError> {
        let owner = store::users::find_in(tx, self.owner).await?;
        if owner.is_none_or(|owner| owner.deactivated_at.is_none() && owner.role != Role::Guest) {
            return Ok(0);
        }
        transfer_ownership(tx, ctx, self.lobby, self.owner).await
    }
}

async fn member_change(tx: &mut Tx, room: RoomId, user: UserId) -> Result<MemberChange, CommandError> {
    let row = store::members::find(tx, room, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(MemberChange { member: row.member(), room: room_for_everyone(tx, room).await? })
}

async fn room_for_everyone(tx: &mut Tx, room: RoomId) -> Result<Room, CommandError> {
    let row = store::rooms::find_many(tx, &[room]).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.room())
}

/// Loads the room as the caller sees it, within a command.
pub(crate) async fn find_visible(tx: &mut Tx, user: UserId, room: RoomId) -> Result<Room, CommandError> {
    let row = store::rooms::find_in(tx, user, room).await?;
    Ok(row.map(RoomRow::room).ok_or_else(|| Error::not_found("room"))?)
}

struct Create {
    owner: UserId,
    command: CreateRoom,
    key: Option<IdempotencyKey>,
}

#[async_trait]
impl Command for Create {
    type Output = Created<Room>;

    fn bytes(&self) -> usize {
        self.command.description.len()
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Created<Room>, CommandError> {
        if let Some(key) = &self.key
            && let Some((room, first)) = store::rooms::find_duplicate(tx, self.owner, &key.key).await?
        {
            key.check_repeat(first)?;
            // The creator of a private room who has left it can no longer see it.
            return Ok(Created { value: find_visible(tx, self.owner, room).await?, new: false });
        }
        require_below_room_limit(tx, self.owner).await?;
        let id = RoomId(ctx.clock.id());
        let room = NewRoom {
            id,
            name: &self.command.name,
            name_key: &limits::name_key(&self.command.name),
            visibility: self.command.visibility,
            topic: &self.command.topic,
            description: &self.command.description,
            created_by: Some(self.owner),
            key: self.key.as_ref(),
            created_at: ctx.at,
        };
        if !store::rooms::create(tx, &room).await? {
            return Err(name_taken().into());
        }
        let created = room_for_everyone(tx, id).await?;
        ctx.publish_to_user(self.owner, id.0, Change::RoomCreated(created));
        join_room(tx, ctx, id, self.owner, RoomRole::Owner).await?;
        Ok(Created { value: find_visible(tx, self.owner, id).await?, new: true })
    }
}

fn name_taken() -> Error {
    let detail = "A public room has that name. Choose another, or join that one.";
    Error { errors: vec![FieldError::new("name", "taken", detail)], ..Error::new(Code::RoomNameTaken, detail) }
}

struct Join {
    user: UserId,
    room: RoomId,
}

#[async_trait]
impl Command for Join {
    type Output = Room;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Room, CommandError> {
        let room = find_visible(tx, self.user, self.room).await?;
        if room.membership.is_some() {
            return Ok(room);
        }
        debug_assert_eq!(room.visibility, Visibility::Public);
        require_below_room_limit(tx, self.user).await?;
        join_room(tx, ctx, self.room, self.user, RoomRole::Member).await?;
        find_visible(tx, self.user, self.room).await
    }
}

struct Leave {
    user: UserId,
    room: RoomId,
    lobby: RoomId,
}

#[async_trait]
impl Command for Leave {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let room = find_visible(tx, self.user, self.room).await?;
        if room.membership.is_none() {
            return Ok(());
        }
        require_not_lobby(self.room, self.lobby)?;
        leave_room(tx, ctx, self.room, self.user, None).await
    }
}

/// Rejects the Lobby: its membership is fixed.
pub(crate) fn require_not_lobby(room: RoomId, lobby: RoomId) -> Result<()> {
    if room == lobby {
        return Err(Error::new(
            Code::LobbyMembershipFixed,
            "The Lobby cannot be left, and nobody can be removed from it.",
        ));
    }
    Ok(())
}
