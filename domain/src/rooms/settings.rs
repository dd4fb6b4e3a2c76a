//! Changing, archiving, restoring and deleting rooms, and their permissions.

use crate::{
    error::CommandError,
    events::{
        follower::batch_job::BatchJob,
        ledger::{Command, CommandContext},
    },
    rooms::{
        activity::{self, ActivitySubject},
        membership::{find_visible, publish_room_updated, set_archived},
        name_taken_by,
        roles::require_owner,
        search::search_text,
    },
    store::{self, Tx, room_invitations::InvitationFilter},
    users::room_invitations,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::UpdateRoom,
    error::Code,
    event::Change,
    id::RoomId,
    limits,
    message::MessageKind,
    permissions::{RoomPermission, RoomPermissionOverrides, RoomPermissions, role_in},
    room::{DeletedRoom, Room, RoomPermissionTable, RoomRole, Visibility},
    room_invitation::InvitationStatus,
    session::Caller,
    user::Role,
};

/// Changes what the command names.
pub struct Update {
    pub room: RoomId,
    pub command: UpdateRoom,
    pub lobby: RoomId,
}

impl Update {
    /// The room after the change.
    fn apply(&self, room: Room) -> Room {
        let UpdateRoom { name, topic, description, emoji, visibility, settings } = &self.command;
        Room {
            name: name.clone().unwrap_or(room.name),
            topic: topic.clone().unwrap_or(room.topic),
            description: description.clone().unwrap_or(room.description),
            emoji: emoji.clone().unwrap_or(room.emoji),
            visibility: visibility.unwrap_or(room.visibility),
            settings: settings.apply(room.settings),
            ..room
        }
    }
}

#[async_trait]
impl Command for Update {
    type Output = Room;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    fn bytes(&self) -> usize {
        self.command.description.as_ref().map_or(0, String::len)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Room, CommandError> {
        let caller = ctx.caller()?;
        let before = find_visible(tx, caller.user_id, self.room).await?;
        RoomPermission::EditRoom.check(&before, &caller)?;
        before.require_active()?;
        let room = self.apply(before.clone());
        if room == before {
            return Ok(room);
        }
        if room.visibility != before.visibility {
            require_owner(&before, &caller)?;
        }
        let everyone_is_in = room.visibility == Visibility::Public && room.settings.member_limit.is_none();
        if self.room == self.lobby && !everyone_is_in {
            return Err(lobby_fixed("The Lobby is public and has no member limit: everyone is in it."));
        }
        let (key, lookalike) = (limits::name_key(&room.name), limits::lookalike_key(&room.name));
        if room.visibility == Visibility::Public {
            let same = store::rooms::find_public(tx, &key).await?;
            if same.is_some_and(|same| same != self.room) {
                return Err(name_taken_by(true).into());
            }
        }
        match store::rooms::update(tx, &room, (&key, &lookalike), &search_text(&room.name, &room.topic)).await {
            Err(error) if store::is_unique_violation(&error) => return Err(name_taken_by(false).into()),
            updated => updated?,
        }
        publish_room_updated(tx, ctx, self.room).await?;
        let changes = [
            (MessageKind::Renamed, room.name != before.name, room.name),
            (MessageKind::Topic, room.topic != before.topic, room.topic),
        ];
        for (kind, _, text) in changes.into_iter().filter(|(_, is_changed, _)| *is_changed) {
            activity::record(tx, ctx, self.room, kind, caller.user_id, ActivitySubject::Text(text)).await?;
        }
        find_visible(tx, caller.user_id, self.room).await
    }
}

/// Fails unless the caller is an owner of the room, or an administrator; and for the Lobby.
async fn require_can_close(tx: &mut Tx, room: &Room, caller: &Caller) -> Result<(), CommandError> {
    if role_in(room, caller.role) != Some(RoomRole::Owner) {
        // The role may have changed since the request was accepted.
        let user = store::users::find_in(tx, caller.user_id).await?;
        if user.is_none_or(|user| user.role != Role::Admin) {
            return Err(Error::new(Code::Forbidden, "Only the room's owners and administrators can do this.").into());
        }
    }
    if room.kind.is_direct() {
        let detail = "A conversation can't be archived or deleted. Leave it to hide it until its next message.";
        return Err(Error::new(Code::Forbidden, detail).into());
    }
    if room.fixed_members {
        return Err(lobby_fixed("The Lobby can't be archived or deleted: everyone is in it."));
    }
    Ok(())
}

fn lobby_fixed(detail: &str) -> CommandError {
    Error::new(Code::LobbyMembershipFixed, detail).into()
}

/// Archives or restores a room.
pub struct Archive {
    pub room: RoomId,
    pub archived: bool,
}

#[async_trait]
impl Command for Archive {
    type Output = Room;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Room, CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        require_can_close(tx, &room, &caller).await?;
        if room.archived != self.archived {
            set_archived(tx, ctx, self.room, self.archived).await?;
            let kind = if self.archived { MessageKind::Archived } else { MessageKind::Restored };
            activity::record(tx, ctx, self.room, kind, caller.user_id, ActivitySubject::None).await?;
        }
        find_visible(tx, caller.user_id, self.room).await
    }
}

/// Deletes a room for good.
pub struct Delete {
    pub room: RoomId,
}

#[async_trait]
impl Command for Delete {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let caller = ctx.caller()?;
        let room = find_visible(tx, caller.user_id, self.room).await?;
        require_can_close(tx, &room, &caller).await?;
        room_invitations::close(tx, ctx, InvitationFilter::InRoom(self.room), InvitationStatus::Revoked).await?;
        store::rooms::delete(tx, self.room, ctx.at).await?;
        ctx.publish_to_room(self.room, self.room.0, Change::RoomDeleted(DeletedRoom { room_id: self.room }));
        Ok(())
    }
}

/// Deletes the messages of deleted rooms, a batch at a time. Returns whether there may be more.
#[derive(Clone)]
pub struct PurgeDeletedRooms;

#[async_trait]
impl BatchJob for PurgeDeletedRooms {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        /// Milliseconds: by then every node has read the events of the room.
        const DELAY: i64 = 60 * 60 * 1000;
        let may_be_more = store::rooms::purge_deleted(tx, ctx.at.plus(-DELAY), limit).await?;
        Ok(if may_be_more { limit } else { 0 })
    }
}

/// Replaces the permissions that differ from the defaults.
pub struct SetPermissions {
    pub room: RoomId,
    pub overrides: RoomPermissionOverrides,
}

#[async_trait]
impl Command for SetPermissions {
    type Output = RoomPermissionTable;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<RoomPermissionTable, CommandError> {
        let caller = ctx.caller()?;
        let mut room = find_visible(tx, caller.user_id, self.room).await?;
        require_owner(&room, &caller)?;
        room.require_active()?;
        let defaults = RoomPermissions::defaults(room.kind, room.visibility);
        let permissions = defaults.with(&self.overrides);
        if permissions != room.permissions {
            let overrides = permissions.differences(&defaults);
            let chosen = overrides != RoomPermissionOverrides::default();
            let json = chosen.then(|| serde_json::to_string(&overrides)).transpose();
            let json = json.map_err(|cause| crate::error::internal_error(&cause))?;
            store::rooms::update_permissions(tx, self.room, json).await?;
            publish_room_updated(tx, ctx, self.room).await?;
            room.permissions = permissions;
        }
        Ok(room.permission_table())
    }
}
