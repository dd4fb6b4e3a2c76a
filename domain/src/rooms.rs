//! Creating, joining and leaving rooms.

pub mod activity;
pub mod candidates;
pub mod direct;
pub mod invitations;
pub mod members;
pub mod membership;
mod preferences;
mod read_markers;
mod restore;
pub mod restrictions;
mod roles;
pub mod search;
pub mod settings;

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    idempotency::IdempotencyKey,
    paging::{page_from_rows, parse_cursor},
    rooms::{
        activity::ActivitySubject,
        membership::{
            find_visible, join_room, leave_room, require_below_room_limit, require_can_join, require_not_lobby,
            room_for_everyone,
        },
        search::search_text,
        settings::{Archive, Delete, SetPermissions, Update},
    },
    store::{
        self, Tx,
        members::owners,
        rooms::{NewRoom, RoomRow},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{CreateRoom, RoomFilter, UpdateRoom},
    error::{Code, FieldError},
    event::Change,
    id::{ClientId, RoomId, UserId},
    limits,
    message::MessageKind,
    page::{Created, Page, PageQuery},
    permissions::{Permission, RoomPermissionOverrides},
    port::Rooms,
    room::{Room, RoomPermissionTable, RoomRole, RoomSettings, Visibility},
    session::Caller,
    user::Role,
};

#[async_trait]
impl Rooms for Service {
    async fn list_rooms(&self, caller: &Caller, filter: RoomFilter, page: PageQuery) -> Result<Page<Room>> {
        Permission::Read.check(caller)?;
        let after = parse_cursor(page.cursor.as_deref())?.map(RoomId);
        let rows = store::rooms::list(&self.store.read, caller.user_id, filter, after, page.limit + 1).await;
        let rooms = rows.or_internal()?.into_iter().map(RoomRow::room).collect();
        Ok(page_from_rows(rooms, page.limit, |room: &Room| room.id.to_string()))
    }

    async fn get_room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        Permission::Read.check(caller)?;
        self.find_room(caller, id).await
    }

    async fn create_room(&self, caller: &Caller, command: CreateRoom, key: Option<ClientId>) -> Result<Created<Room>> {
        Permission::CreateRooms.check(caller)?;
        let command = limits::create_room(&command)?;
        let key = IdempotencyKey::new(key, &command)?;
        self.ledger.write(caller, Create { owner: caller.user_id, command, key }).await
    }

    async fn update_room(&self, caller: &Caller, id: RoomId, command: UpdateRoom) -> Result<Room> {
        Permission::ManageRooms.check(caller)?;
        let command = limits::update_room(command)?;
        self.ledger.write(caller, Update { room: id, command, lobby: self.lobby }).await
    }

    async fn delete_room(&self, caller: &Caller, id: RoomId) -> Result<()> {
        Permission::ManageRooms.check(caller)?;
        self.ledger.write(caller, Delete { room: id }).await?;
        tracing::info!(by = %caller.user_id, room = %id, "room deleted");
        Ok(())
    }

    async fn archive_room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        Permission::ManageRooms.check(caller)?;
        self.ledger.write(caller, Archive { room: id, archived: true }).await
    }

    async fn restore_room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        Permission::ManageRooms.check(caller)?;
        self.ledger.write(caller, Archive { room: id, archived: false }).await
    }

    async fn get_room_permissions(&self, caller: &Caller, id: RoomId) -> Result<RoomPermissionTable> {
        Permission::Read.check(caller)?;
        Ok(self.require_member(caller, id).await?.permission_table())
    }

    async fn set_room_permissions(
        &self,
        caller: &Caller,
        id: RoomId,
        overrides: RoomPermissionOverrides,
    ) -> Result<RoomPermissionTable> {
        Permission::ManageRooms.check(caller)?;
        self.ledger.write(caller, SetPermissions { room: id, overrides }).await
    }

    async fn join_room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        Permission::JoinRooms.check(caller)?;
        let room = id;
        self.ledger.write(caller, Join { user: caller.user_id, room }).await
    }

    async fn leave_room(&self, caller: &Caller, id: RoomId) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        self.leave_room_unchecked(caller, id).await
    }
}

impl Service {
    pub(crate) async fn find_room(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        let row = store::rooms::find(&self.store.read, caller.user_id, id).await.or_internal()?;
        row.map(RoomRow::room).ok_or_else(|| Error::not_found("room"))
    }

    /// Loads a room; fails unless the caller is a member.
    pub(crate) async fn require_member(&self, caller: &Caller, id: RoomId) -> Result<Room> {
        let room = self.find_room(caller, id).await?;
        if room.membership.is_some() { Ok(room) } else { Err(Error::not_a_member()) }
    }

    /// Leaves a room. The caller has checked the permission.
    pub(crate) async fn leave_room_unchecked(&self, caller: &Caller, room: RoomId) -> Result<()> {
        self.ledger.write(caller, Leave { user: caller.user_id, room, lobby: self.lobby }).await
    }
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
            lookalike_key: &limits::lookalike_key(&self.command.name),
            kind: self.command.kind,
            search_text: &search_text(&self.command.name, &self.command.topic),
            visibility: self.command.visibility,
            topic: &self.command.topic,
            description: &self.command.description,
            emoji: &self.command.emoji,
            settings: self.command.settings.apply(RoomSettings::default()),
            created_by: Some(self.owner),
            key: self.key.as_ref(),
            created_at: ctx.at,
        };
        if !store::rooms::create(tx, &room).await? {
            let same = store::rooms::find_public(tx, room.name_key).await?;
            return Err(name_taken_by(same.is_some()).into());
        }
        let created = room_for_everyone(tx, id).await?;
        ctx.publish_to_user(self.owner, id.0, Change::RoomCreated(created.clone()));
        Ok(Created { value: join_room(tx, ctx, created, self.owner, RoomRole::Owner).await?, new: true })
    }
}

/// The error for a name that another public room has, or that looks like it.
fn name_taken_by(same: bool) -> Error {
    let detail = if same {
        "There is already a public room with that name. Choose another name, or join that room."
    } else {
        "That name looks too much like the name of another public room. Choose another name."
    };
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
        require_can_join(tx, ctx, &room, self.user).await?;
        join_room(tx, ctx, room, self.user, RoomRole::Member).await?;
        activity::record(tx, ctx, self.room, MessageKind::Joined, self.user, ActivitySubject::None).await?;
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
        let Some(membership) = &room.membership else { return Ok(()) };
        if room.kind.is_direct() {
            return direct::hide(tx, ctx, self.user, &room).await;
        }
        require_not_lobby(self.room, self.lobby)?;
        let is_owner = membership.role == RoomRole::Owner && ctx.caller()?.role != Role::Guest;
        if is_owner
            && !owners::has_other_owner(tx, self.room, Some(self.user)).await?
            && owners::has_other_candidate(tx, self.room, self.user).await?
        {
            return Err(Error::last_owner().into());
        }
        leave_room(tx, ctx, self.room, self.user, None).await?;
        activity::record(tx, ctx, self.room, MessageKind::Left, self.user, ActivitySubject::None).await
    }
}
