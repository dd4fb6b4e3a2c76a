//! Sending, editing, deleting and reading messages.

pub mod markdown;

use crate::{
    Service,
    auth::tokens,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext, messages::NewMessage},
    permissions::Permission,
    rooms,
    rooms::members,
    store::{self, Tx, messages::MessageRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{EditMessage, HistoryRange, SendMessage},
    error::Code,
    event::Change,
    id::{MessageId, RoomId},
    limits,
    message::Message,
    page::Created,
    port::Messages,
    room_state::History,
    session::Caller,
};

#[async_trait]
impl Messages for Service {
    async fn history(&self, caller: &Caller, id: RoomId, span: HistoryRange, limit: u32) -> Result<History> {
        Permission::Read.check(caller)?;
        let room = id;
        self.require_member(caller, room).await?;
        match span {
            HistoryRange::Latest => self.history_before(room, i64::MAX, limit).await,
            HistoryRange::BeforeSeq(seq) => self.history_before(room, seq, limit).await,
            HistoryRange::Before(id) => self.history_before(room, self.seq(room, id).await?, limit).await,
            HistoryRange::AfterSeq(seq) => self.history_after(room, seq, limit).await,
            HistoryRange::After(id) => self.history_after(room, self.seq(room, id).await?, limit).await,
            HistoryRange::Around(id) => {
                let seq = self.seq(room, id).await?;
                // The message itself belongs to the older half.
                let older = self.history_before(room, seq.saturating_add(1), limit / 2 + 1).await?;
                let newer = self.history_after(room, seq, limit.saturating_sub(1) / 2).await?;
                Ok(join_halves(older, newer))
            }
        }
    }

    async fn message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        Permission::Read.check(caller)?;
        self.find_message(caller, id).await
    }

    async fn send(&self, caller: &Caller, room: RoomId, command: SendMessage) -> Result<Created<Message>> {
        Permission::SendMessages.check(caller)?;
        let room_id = room;
        limits::client_id("client_id", &command.client_id)?;
        limits::message_body(&command.body)?;
        let html = markdown::render(&command.body);
        let SendMessage { body, client_id } = command;
        let body_hash = tokens::request_hash(body.as_bytes());
        self.ledger.send(NewMessage { author: caller.user_id, room_id, client_id, body, body_hash, html }).await
    }

    async fn edit(&self, caller: &Caller, id: MessageId, command: EditMessage) -> Result<Message> {
        Permission::SendMessages.check(caller)?;
        limits::message_body(&command.body)?;
        let html = markdown::render(&command.body);
        let room = self.find_message(caller, id).await?.room_id;
        self.ledger.write(Edit { caller: *caller, id, room, body: command.body, html }).await
    }

    async fn delete(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        Permission::SendMessages.check(caller)?;
        let room = self.find_message(caller, id).await?.room_id;
        self.ledger.write(DeleteMessage { caller: *caller, id, room }).await
    }
}

impl Service {
    pub(crate) async fn find_message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        let row = store::messages::find(&self.store.read, id, caller.user_id).await.or_internal()?;
        row.map(MessageRow::message).ok_or_else(not_found)
    }

    async fn seq(&self, room: RoomId, id: MessageId) -> Result<i64> {
        let seq = store::messages::find_seq(&self.store.read, room, id).await.or_internal()?;
        seq.ok_or_else(|| Error::not_found("message in this room"))
    }

    async fn history_before(&self, room: RoomId, seq: i64, limit: u32) -> Result<History> {
        let rows = store::messages::list_before(&self.store.read, room, seq, i64::from(limit) + 1).await;
        let (mut items, older) = history_items(rows.or_internal()?, limit);
        items.reverse();
        let next_cursor = items.first().filter(|_| older).map(|first| HistoryRange::BeforeSeq(first.seq).to_string());
        // All messages from `seq` on are newer than this page.
        let newer = seq != i64::MAX && !self.history_is_at_end(room, seq).await?;
        Ok(History { items, next_cursor, older, newer })
    }

    async fn history_after(&self, room: RoomId, seq: i64, limit: u32) -> Result<History> {
        let rows = store::messages::list_after(&self.store.read, room, seq, i64::from(limit) + 1).await;
        let (items, newer) = history_items(rows.or_internal()?, limit);
        let end = items.last().map_or(seq, |last| last.seq);
        let next_cursor = newer.then(|| HistoryRange::AfterSeq(end).to_string());
        Ok(History { items, next_cursor, older: seq > 0, newer })
    }

    async fn history_is_at_end(&self, room: RoomId, seq: i64) -> Result<bool> {
        Ok(store::messages::list_after(&self.store.read, room, seq - 1, 1).await.or_internal()?.is_empty())
    }
}

fn history_items(rows: Vec<MessageRow>, limit: u32) -> (Vec<Message>, bool) {
    let limit = limit as usize;
    let more = rows.len() > limit;
    (rows.into_iter().take(limit).map(MessageRow::message).collect(), more)
}

fn join_halves(older: History, newer: History) -> History {
    let mut items = older.items;
    items.extend(newer.items);
    History { items, next_cursor: newer.next_cursor, older: older.older, newer: newer.newer }
}

fn not_found() -> Error {
    Error::not_found("message")
}

/// Loads a message that may still be changed.
async fn find_editable(tx: &mut Tx, id: MessageId, caller: &Caller) -> Result<MessageRow, CommandError> {
    let row = store::messages::find_in(tx, id, caller.user_id).await?.ok_or_else(not_found)?;
    if row.deleted_at.is_some() {
        return Err(Error::new(Code::MessageDeleted, "This message was deleted; it cannot be changed.").into());
    }
    Ok(row)
}

struct Edit {
    caller: Caller,
    id: MessageId,
    room: RoomId,
    body: String,
    html: String,
}

#[async_trait]
impl Command for Edit {
    type Output = Message;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.html.len()
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Message, CommandError> {
        let row = find_editable(tx, self.id, &self.caller).await?;
        if row.author.user_id != self.caller.user_id {
            return Err(Error::new(Code::Forbidden, "Only the author can edit a message.").into());
        }
        if row.body == self.body {
            return Ok(row.message());
        }
        store::messages::update(tx, self.id, &self.body, &self.html, ctx.at).await?;
        let row = store::messages::find_in(tx, self.id, self.caller.user_id).await?.ok_or_else(not_found)?;
        let message = row.message();
        ctx.publish_to_room(message.room_id, self.id.0, Change::MessageUpdated(message.clone()));
        Ok(message)
    }
}

struct DeleteMessage {
    caller: Caller,
    id: MessageId,
    room: RoomId,
}

#[async_trait]
impl Command for DeleteMessage {
    type Output = Message;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Message, CommandError> {
        let row = store::messages::find_in(tx, self.id, self.caller.user_id).await?.ok_or_else(not_found)?;
        if row.author.user_id != self.caller.user_id && !self.can_moderate(tx, row.room_id).await? {
            let detail = "Only the author and the room's owner and moderators can delete a message.";
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        if row.deleted_at.is_some() {
            return Ok(row.message());
        }
        store::messages::delete(tx, self.id, ctx.at).await?;
        let row = store::messages::find_in(tx, self.id, self.caller.user_id).await?.ok_or_else(not_found)?;
        let message = row.message();
        ctx.publish_to_room(message.room_id, self.id.0, Change::MessageDeleted(message.clone()));
        Ok(message)
    }
}

impl DeleteMessage {
    async fn can_moderate(&self, tx: &mut Tx, room: RoomId) -> Result<bool, CommandError> {
        let room = rooms::find_visible(tx, self.caller.user_id, room).await?;
        Ok(members::effective_role_in(&room, &self.caller).is_ok_and(members::can_moderate))
    }
}
