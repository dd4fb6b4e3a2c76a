//! The public rooms that new users join besides the Lobby, except guests.

use crate::{
    Service,
    auth::reauthentication::require_current,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    rooms::membership::{join_users, room_for_everyone},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::SetDefaultRooms,
    error::FieldError,
    id::{RoomId, UserId},
    limits,
    permissions::Permission,
    port::DefaultRooms,
    room::{Room, RoomRole, Visibility},
    session::Caller,
};

#[async_trait]
impl DefaultRooms for Service {
    async fn list_default_rooms(&self, caller: &Caller) -> Result<Vec<Room>> {
        Permission::ManageServer.check(caller)?;
        let mut rooms = Vec::new();
        for id in store::default_rooms::list(&self.store.read).await.or_internal()? {
            rooms.push(self.find_room(caller, id).await?);
        }
        Ok(rooms)
    }

    async fn set_default_rooms(&self, caller: &Caller, command: SetDefaultRooms) -> Result<Vec<Room>> {
        Permission::ManageServer.check(caller)?;
        let rooms = limits::default_rooms(command.room_ids)?;
        self.ledger.write(caller, Replace { rooms, lobby: self.lobby }).await
    }
}

struct Replace {
    rooms: Vec<RoomId>,
    lobby: RoomId,
}

#[async_trait]
impl Command for Replace {
    type Output = Vec<Room>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Vec<Room>, CommandError> {
        require_current(tx, ctx, Permission::ManageServer).await?;
        let caller = ctx.caller()?;
        let mut rooms = Vec::with_capacity(self.rooms.len());
        for id in &self.rooms {
            let row = store::rooms::find_in(tx, caller.user_id, *id).await?;
            let room = row.map(store::rooms::RoomRow::room).filter(|room| room.visibility == Visibility::Public);
            let refused = |code, message: &str| Error::from(FieldError::new("room_ids", code, message));
            let room = room.ok_or_else(|| refused("not_found", "One of these rooms doesn't exist or isn't public."))?;
            if room.id == self.lobby {
                return Err(refused("invalid", "Everyone joins the Lobby anyway. Leave it out.").into());
            }
            if room.archived {
                return Err(refused("invalid", &format!("The room {} is archived.", room.name)).into());
            }
            rooms.push(room);
        }
        store::default_rooms::replace(tx, &self.rooms).await?;
        Ok(rooms)
    }
}

/// Adds a new user to the default rooms.
pub async fn join_default_rooms(tx: &mut Tx, ctx: &mut CommandContext, user: UserId) -> Result<(), CommandError> {
    for id in store::default_rooms::list_in(tx).await? {
        let room = room_for_everyone(tx, id).await?;
        join_users(tx, ctx, room, &[user], RoomRole::Member).await?;
    }
    Ok(())
}
