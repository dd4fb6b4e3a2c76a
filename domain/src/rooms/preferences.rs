//! What a user sets for their own view of their rooms: favorites, notifications, order.

use crate::{
    Service,
    error::CommandError,
    events::ledger::{Command, CommandContext},
    rooms::membership::find_visible,
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{SetRoomNotifications, SetRoomOrder},
    error::FieldError,
    event::Change,
    id::{RoomId, UserId},
    limits,
    permissions::Permission,
    port::RoomPreferences,
    room::{Membership, NotificationLevel, RoomOrder, RoomPosition},
    session::Caller,
    time::Time,
};

#[async_trait]
impl RoomPreferences for Service {
    async fn set_favorite(&self, caller: &Caller, room: RoomId, favorite: bool) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let preference = Preference::Favorite(favorite);
        self.ledger.write(caller, SetPreference { user: caller.user_id, room, preference }).await
    }

    async fn set_room_notifications(&self, caller: &Caller, room: RoomId, command: SetRoomNotifications) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let muted_until = limits::muted_until(command.muted_until, self.clock.now())?;
        let preference = Preference::Notifications(command.level, muted_until);
        self.ledger.write(caller, SetPreference { user: caller.user_id, room, preference }).await
    }

    async fn set_room_order(&self, caller: &Caller, command: SetRoomOrder) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let rooms = limits::room_order(command.room_ids)?;
        self.ledger.write(caller, SetOrder { user: caller.user_id, rooms }).await
    }
}

#[derive(Clone, Copy, Debug)]
enum Preference {
    Favorite(bool),
    Notifications(NotificationLevel, Option<Time>),
}

impl Preference {
    fn is_set_in(self, membership: &Membership) -> bool {
        match self {
            Self::Favorite(favorite) => membership.favorite == favorite,
            Self::Notifications(level, until) => (membership.notifications, membership.muted_until) == (level, until),
        }
    }
}

struct SetPreference {
    user: UserId,
    room: RoomId,
    preference: Preference,
}

#[async_trait]
impl Command for SetPreference {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let before = find_visible(tx, self.user, self.room).await?;
        let membership = before.membership.as_ref().ok_or_else(Error::not_a_member)?;
        if self.preference.is_set_in(membership) {
            return Ok(());
        }
        match self.preference {
            Preference::Favorite(favorite) => {
                store::room_preferences::set_favorite(tx, self.room, self.user, favorite).await?;
            }
            Preference::Notifications(level, until) => {
                store::room_preferences::set_notifications(tx, self.room, self.user, level, until).await?;
            }
        }
        let room = find_visible(tx, self.user, self.room).await?;
        ctx.publish_to_user(self.user, self.room.0, Change::RoomUpdated(room));
        Ok(())
    }
}

struct SetOrder {
    user: UserId,
    rooms: Vec<RoomId>,
}

#[async_trait]
impl Command for SetOrder {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let found = store::room_preferences::set_order(tx, self.user, &self.rooms).await?;
        if usize::try_from(found) != Ok(self.rooms.len()) {
            let message = "You're not a member of one of these rooms.";
            return Err(Error::from(FieldError::new("room_ids", "not_found", message)).into());
        }
        let places = self.rooms.iter().zip(0..);
        let rooms = places.map(|(room, position)| RoomPosition { room_id: *room, position }).collect();
        ctx.publish_to_user(self.user, self.user.0, Change::RoomsOrdered(RoomOrder { rooms }));
        Ok(())
    }
}
