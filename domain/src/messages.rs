//! Sending, editing, deleting and reading messages.

pub mod markdown;
pub mod retention;
pub mod send;

use crate::{
    Service, digest,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext, messages::NewMessage},
    rooms::{membership, restrictions::require_can_write},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{EditMessage, HistoryRange, SendMessage},
    error::Code,
    event::Change,
    id::{MessageId, RoomId, UserId},
    limits,
    message::History,
    message::Message,
    page::Created,
    permissions::{Permission, RoomPermission},
    port::Messages,
    session::Caller,
};

#[async_trait]
impl Messages for Service {
    async fn list_messages(&self, caller: &Caller, id: RoomId, range: HistoryRange, limit: u32) -> Result<History> {
        Permission::Read.check(caller)?;
        let (room, reader) = (id, caller.user_id);
        let seq = match range {
            HistoryRange::Latest => i64::MAX,
            HistoryRange::BeforeSeq(seq) | HistoryRange::AfterSeq(seq) | HistoryRange::AroundSeq(seq) => seq,
            HistoryRange::Before(id) | HistoryRange::After(id) | HistoryRange::Around(id) => {
                // Only members learn whether the room has this message.
                self.require_member(caller, room).await?;
                self.seq(reader, room, id).await?
            }
        };
        let history = match range {
            HistoryRange::Latest | HistoryRange::BeforeSeq(_) | HistoryRange::Before(_) => {
                self.history_before(reader, room, seq, limit).await
            }
            HistoryRange::AfterSeq(_) | HistoryRange::After(_) => self.history_after(reader, room, seq, limit).await,
            HistoryRange::Around(_) | HistoryRange::AroundSeq(_) => self.history_around(reader, room, seq, limit).await,
        };
        match history? {
            Some(history) => Ok(history),
            None => Err(self.require_member(caller, room).await.err().unwrap_or_else(Error::not_a_member)),
        }
    }

    async fn get_message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        Permission::Read.check(caller)?;
        self.find_message(caller, id).await
    }

    async fn send_message(&self, caller: &Caller, room: RoomId, command: SendMessage) -> Result<Created<Message>> {
        Permission::SendMessages.check(caller)?;
        let room_id = room;
        limits::client_id("client_id", &command.client_id)?;
        let SendMessage { body, client_id } = command;
        let body = limits::line_feeds(body);
        let html = checked_html(&body)?;
        let body_hash = digest::request_hash(body.as_bytes());
        self.ledger.send(NewMessage { author: caller.user_id, room_id, client_id, body, body_hash, html }).await
    }

    async fn edit_message(&self, caller: &Caller, id: MessageId, command: EditMessage) -> Result<Message> {
        Permission::SendMessages.check(caller)?;
        let body = limits::line_feeds(command.body);
        let html = checked_html(&body)?;
        let room = self.find_message(caller, id).await?.room_id;
        self.ledger.write(caller, Edit { id, room, body, html }).await
    }

    async fn delete_message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        Permission::SendMessages.check(caller)?;
        let room = self.find_message(caller, id).await?.room_id;
        self.ledger.write(caller, DeleteMessage { id, room }).await
    }
}

impl Service {
    pub(crate) async fn find_message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        let message = store::messages::find(&self.store.read, id, caller.user_id).await.or_internal()?;
        message.ok_or_else(not_found)
    }

    async fn seq(&self, reader: UserId, room: RoomId, id: MessageId) -> Result<i64> {
        let seq = store::messages::find_seq(&self.store.read, reader, room, id).await.or_internal()?;
        seq.ok_or_else(|| Error::not_found("message"))
    }

    /// Messages before a seq; `None` if the reader is not a member of the room, as in the functions below.
    async fn history_before(&self, reader: UserId, room: RoomId, seq: i64, limit: u32) -> Result<Option<History>> {
        let rows = store::messages::list_before(&self.store.read, reader, room, seq, i64::from(limit) + 1).await;
        let Some(rows) = rows.or_internal()? else { return Ok(None) };
        let (mut items, older) = history_items(rows, limit);
        items.reverse();
        let next_cursor = items.first().filter(|_| older).map(|first| HistoryRange::BeforeSeq(first.seq).to_string());
        // All messages from `seq` on are newer than this page.
        let newer = seq != i64::MAX && !self.history_is_at_end(reader, room, seq).await?;
        Ok(Some(History { items, next_cursor, older, newer }))
    }

    async fn history_around(&self, reader: UserId, room: RoomId, seq: i64, limit: u32) -> Result<Option<History>> {
        // The message itself belongs to the older half.
        let older = self.history_before(reader, room, seq.saturating_add(1), limit / 2 + 1).await?;
        let newer = self.history_after(reader, room, seq, limit.saturating_sub(1) / 2).await?;
        Ok(older.zip(newer).map(|(older, newer)| join_halves(older, newer)))
    }

    async fn history_after(&self, reader: UserId, room: RoomId, seq: i64, limit: u32) -> Result<Option<History>> {
        let rows = store::messages::list_after(&self.store.read, reader, room, seq, i64::from(limit) + 1).await;
        let Some(rows) = rows.or_internal()? else { return Ok(None) };
        let (items, newer) = history_items(rows, limit);
        let end = items.last().map_or(seq, |last| last.seq);
        let next_cursor = newer.then(|| HistoryRange::AfterSeq(end).to_string());
        Ok(Some(History { items, next_cursor, older: seq > 0, newer }))
    }

    async fn history_is_at_end(&self, reader: UserId, room: RoomId, seq: i64) -> Result<bool> {
        let after = store::messages::list_after(&self.store.read, reader, room, seq - 1, 1).await.or_internal()?;
        Ok(after.is_none_or(|after| after.is_empty()))
    }
}

/// Validates and renders the text of a message. Only the renderer knows blanks that are written as `&nbsp;`.
fn checked_html(body: &str) -> Result<String> {
    limits::message_body(body)?;
    markdown::render(body).ok_or_else(limits::blank_message)
}

fn history_items(mut messages: Vec<Message>, limit: u32) -> (Vec<Message>, bool) {
    let limit = limit as usize;
    let more = messages.len() > limit;
    messages.truncate(limit);
    (messages, more)
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
async fn find_editable(tx: &mut Tx, id: MessageId, caller: &Caller) -> Result<Message, CommandError> {
    let message = store::messages::find_in(tx, id, caller.user_id).await?.ok_or_else(not_found)?;
    require_text(&message)?;
    if message.deleted {
        return Err(Error::new(Code::MessageDeleted, "This message was deleted and can't be changed.").into());
    }
    Ok(message)
}

/// Rejects room activity.
fn require_text(message: &Message) -> Result<()> {
    if message.kind.is_text() {
        return Ok(());
    }
    Err(Error::new(Code::RoomActivity, "This line says what happened in the room. It can't be changed or deleted."))
}

struct Edit {
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
        let caller = ctx.caller()?;
        let message = find_editable(tx, self.id, &caller).await?;
        if message.author.id != caller.user_id {
            return Err(Error::new(Code::Forbidden, "Only the author can edit a message.").into());
        }
        let room = membership::find_visible(tx, caller.user_id, message.room_id).await?;
        require_can_write(&room, ctx.at)?;
        send::require_not_refused(tx, self.room, caller.user_id).await?;
        if message.body == self.body {
            return Ok(message);
        }
        store::messages::update(tx, self.id, &self.body, &self.html, ctx.at).await?;
        let message = store::messages::find_in(tx, self.id, caller.user_id).await?.ok_or_else(not_found)?;
        ctx.publish_to_room(message.room_id, self.id.0, Change::MessageUpdated(message.clone()));
        Ok(message)
    }
}

struct DeleteMessage {
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
        let caller = ctx.caller()?;
        let message = store::messages::find_in(tx, self.id, caller.user_id).await?.ok_or_else(not_found)?;
        let room = membership::find_visible(tx, caller.user_id, message.room_id).await?;
        require_text(&message)?;
        if message.author.id != caller.user_id {
            RoomPermission::DeleteMessages.check(&room, &caller)?;
        }
        room.require_active()?;
        if message.deleted {
            return Ok(message);
        }
        store::messages::delete(tx, self.id, ctx.at).await?;
        store::read_markers::create_uncounted(tx, message.room_id, &[message.seq]).await?;
        let message = store::messages::find_in(tx, self.id, caller.user_id).await?.ok_or_else(not_found)?;
        ctx.publish_to_room(message.room_id, self.id.0, Change::MessageDeleted(message.clone()));
        Ok(message)
    }
}
