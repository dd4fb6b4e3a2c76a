//! Read markers: what a member has read.

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ClearUnread, MarkRead, RestoreUnread},
    event::{Change, ReadMarker},
    id::{MessageId, RoomId, UserId},
    limits,
    permissions::Permission,
    port::ReadMarkers,
    session::Caller,
    unread::{ClearedUnread, Unread, UnreadRoom},
};

#[async_trait]
impl ReadMarkers for Service {
    async fn mark_read(&self, caller: &Caller, id: RoomId, command: MarkRead) -> Result<ReadMarker> {
        Permission::EditOwn.check(caller)?;
        let room = id;
        self.require_member(caller, room).await?;
        let seq = store::messages::find_seq(&self.store.read, caller.user_id, room, command.message_id)
            .await
            .or_internal()?;
        let seq = seq.ok_or_else(|| Error::not_found("message"))?;
        self.ledger.write(caller, MoveMarker { user: caller.user_id, room, target: Target::ReadUpTo(seq) }).await
    }

    async fn mark_unread(&self, caller: &Caller, id: MessageId) -> Result<ReadMarker> {
        Permission::EditOwn.check(caller)?;
        let message = store::messages::find(&self.store.read, id, caller.user_id).await.or_internal()?;
        let message = message.ok_or_else(|| Error::not_found("message"))?;
        let target = Target::UnreadFrom(message.seq);
        self.ledger.write(caller, MoveMarker { user: caller.user_id, room: message.room_id, target }).await
    }

    async fn clear_unread(&self, caller: &Caller, command: ClearUnread) -> Result<ClearedUnread> {
        Permission::EditOwn.check(caller)?;
        if let Some(room) = command.room_id {
            self.require_member(caller, room).await?;
        }
        self.ledger.write(caller, Clear { user: caller.user_id, room: command.room_id }).await
    }

    async fn restore_unread(&self, caller: &Caller, command: RestoreUnread) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let messages = limits::restore_unread(command)?;
        self.ledger.write(caller, Restore { user: caller.user_id, messages }).await
    }

    async fn list_unread(&self, caller: &Caller) -> Result<Unread> {
        Permission::Read.check(caller)?;
        let markers = store::read_markers::list_behind(&self.store.read, caller.user_id).await.or_internal()?;
        let unread = |marker: ReadMarker| (marker.unread > 0).then_some((marker.room_id, marker.unread));
        let rooms = markers.into_iter().filter_map(unread);
        let rooms = rooms.map(|(room_id, unread)| UnreadRoom { room_id, unread, mentions: 0 }).collect();
        Ok(Unread { rooms, threads: Vec::new() })
    }
}

enum Target {
    /// Forward, to a message that was read.
    ReadUpTo(i64),
    /// Backwards, to before a message.
    UnreadFrom(i64),
}

/// Moves a read marker of the caller; what it has passed already changes nothing.
///
/// The room is locked, because the event tells what is excluded after the marker: a message that another node deletes
/// meanwhile is either among it or told afterwards.
struct MoveMarker {
    user: UserId,
    room: RoomId,
    target: Target,
}

#[async_trait]
impl Command for MoveMarker {
    type Output = ReadMarker;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<ReadMarker, CommandError> {
        let (user, room) = (self.user, self.room);
        let before = store::read_markers::find(tx, room, user).await?.ok_or_else(Error::not_a_member)?;
        match self.target {
            Target::ReadUpTo(seq) if seq > before.read_seq => {
                store::members::mark_read(tx, &[(user, room, seq)]).await?;
            }
            Target::UnreadFrom(seq) if seq <= before.read_seq => {
                store::read_markers::move_back(tx, user, &[(room, seq - 1)]).await?;
            }
            _ => return Ok(before),
        }
        let marker = store::read_markers::find(tx, room, user).await?.ok_or_else(Error::not_a_member)?;
        ctx.publish_to_user(user, room.0, Change::ReadUpdated(marker.clone()));
        Ok(marker)
    }
}

/// Marks one room of the caller, or all of them, as read to the end.
struct Clear {
    user: UserId,
    room: Option<RoomId>,
}

#[async_trait]
impl Command for Clear {
    type Output = ClearedUnread;

    fn room(&self) -> Option<RoomId> {
        self.room
    }

    fn lock_rooms_of(&self) -> Option<UserId> {
        self.room.is_none().then_some(self.user)
    }

    fn bytes(&self) -> usize {
        if self.room.is_some() { 0 } else { limits::ROOMS_PER_USER * EVENT_BYTES }
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<ClearedUnread, CommandError> {
        let mut positions = store::read_markers::list_positions(tx, self.user, self.room).await?;
        if self.room.is_some() && positions.is_empty() {
            return Err(Error::not_a_member().into());
        }
        positions.retain(|position| position.head > position.read_seq);
        let heads: Vec<_> = positions.iter().map(|one| (self.user, one.room_id, one.head)).collect();
        store::members::mark_read(tx, &heads).await?;
        for position in &positions {
            let marker = ReadMarker::new(position.room_id, position.head, position.head, []);
            ctx.publish_to_user(self.user, position.room_id.0, Change::ReadUpdated(marker));
        }
        Ok(ClearedUnread { message_ids: positions.iter().filter_map(|position| position.first_unread).collect() })
    }
}

/// Bytes of an event about a read marker.
const EVENT_BYTES: usize = 256;

/// Marks messages, and all after each in its room, as unread.
struct Restore {
    user: UserId,
    messages: Vec<MessageId>,
}

#[async_trait]
impl Command for Restore {
    type Output = ();

    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn bytes(&self) -> usize {
        self.messages.len() * EVENT_BYTES
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let back = store::read_markers::list_read_after(tx, self.user, &self.messages).await?;
        let back: Vec<_> = back.into_iter().map(|(room, seq)| (room, seq - 1)).collect();
        store::read_markers::move_back(tx, self.user, &back).await?;
        let rooms: Vec<_> = back.into_iter().map(|(room, _)| room).collect();
        ctx.publish_read_markers(tx, self.user, &rooms).await?;
        Ok(())
    }
}
