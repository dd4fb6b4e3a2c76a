//! Saying something, saying it differently, taking it back, and reading what was said.

use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write, sends::NewSend},
    markdown, members,
    rights::Right,
    rooms,
    store::{self, Tx, messages::MessageRow},
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{EditMessage, SendMessage, Span},
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
    async fn history(&self, caller: &Caller, id: RoomId, span: Span, limit: u32) -> Result<History> {
        Right::Look.check(caller)?;
        let room = id;
        self.own_room(caller, room).await?;
        match span {
            Span::Latest => self.history_before(room, i64::MAX, limit).await,
            Span::BeforeSeq(seq) => self.history_before(room, seq, limit).await,
            Span::Before(id) => self.history_before(room, self.seq(room, id).await?, limit).await,
            Span::AfterSeq(seq) => self.history_after(room, seq, limit).await,
            Span::After(id) => self.history_after(room, self.seq(room, id).await?, limit).await,
            Span::Around(id) => {
                let seq = self.seq(room, id).await?;
                // The message itself belongs to the older half.
                let older = self.history_before(room, seq.saturating_add(1), limit / 2 + 1).await?;
                let newer = self.history_after(room, seq, limit.saturating_sub(1) / 2).await?;
                Ok(join_halves(older, newer))
            }
        }
    }

    async fn message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        Right::Look.check(caller)?;
        self.find_message(caller, id).await
    }

    async fn send(&self, caller: &Caller, room: RoomId, command: SendMessage) -> Result<Created<Message>> {
        Right::Speak.check(caller)?;
        let room_id = room;
        limits::client_id("client_id", &command.client_id)?;
        limits::message_body(&command.body)?;
        let html = markdown::render(&command.body);
        let SendMessage { body, client_id } = command;
        let body_hash = tokens::request_hash(body.as_bytes());
        self.ledger.send(NewSend { author: caller.user_id, room_id, client_id, body, body_hash, html }).await
    }

    async fn edit(&self, caller: &Caller, id: MessageId, command: EditMessage) -> Result<Message> {
        Right::Speak.check(caller)?;
        limits::message_body(&command.body)?;
        let html = markdown::render(&command.body);
        let room = self.find_message(caller, id).await?.room_id;
        self.ledger.write(Edit { by: *caller, id, room, body: command.body, html }).await
    }

    async fn delete(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        Right::Speak.check(caller)?;
        let room = self.find_message(caller, id).await?.room_id;
        self.ledger.write(TakeBack { by: *caller, id, room }).await
    }
}

impl Service {
    pub(crate) async fn find_message(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        let row = store::messages::find(&self.store.read, id, caller.user_id).await.or_broken()?;
        row.map(MessageRow::message).ok_or_else(not_found)
    }

    async fn seq(&self, room: RoomId, id: MessageId) -> Result<i64> {
        let seq = store::messages::find_seq(&self.store.read, room, id).await.or_broken()?;
        seq.ok_or_else(|| Error::not_found("message in this room"))
    }

    async fn history_before(&self, room: RoomId, seq: i64, limit: u32) -> Result<History> {
        let rows = store::messages::list_before(&self.store.read, room, seq, i64::from(limit) + 1).await;
        let (mut items, older) = page(rows.or_broken()?, limit);
        items.reverse();
        let next_cursor = items.first().filter(|_| older).map(|first| Span::BeforeSeq(first.seq).to_string());
        // Everything from `seq` on is newer than this page.
        let newer = seq != i64::MAX && !self.history_is_at_end(room, seq).await?;
        Ok(History { items, next_cursor, older, newer })
    }

    async fn history_after(&self, room: RoomId, seq: i64, limit: u32) -> Result<History> {
        let rows = store::messages::list_after(&self.store.read, room, seq, i64::from(limit) + 1).await;
        let (items, newer) = page(rows.or_broken()?, limit);
        let end = items.last().map_or(seq, |last| last.seq);
        let next_cursor = newer.then(|| Span::AfterSeq(end).to_string());
        Ok(History { items, next_cursor, older: seq > 0, newer })
    }

    async fn history_is_at_end(&self, room: RoomId, seq: i64) -> Result<bool> {
        Ok(store::messages::list_after(&self.store.read, room, seq - 1, 1).await.or_broken()?.is_empty())
    }
}

fn page(rows: Vec<MessageRow>, limit: u32) -> (Vec<Message>, bool) {
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

/// A message that may still be changed.
async fn living(tx: &mut Tx, id: MessageId, by: &Caller) -> Result<MessageRow, Fault> {
    let row = store::messages::find_in(tx, id, by.user_id).await?.ok_or_else(not_found)?;
    if row.deleted_at.is_some() {
        return Err(Error::new(Code::MessageDeleted, "This message was deleted; it cannot be changed.").into());
    }
    Ok(row)
}

struct Edit {
    by: Caller,
    id: MessageId,
    room: RoomId,
    body: String,
    html: String,
}

#[async_trait]
impl Write for Edit {
    type Done = Message;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.html.len()
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Message, Fault> {
        let row = living(tx, self.id, &self.by).await?;
        if row.author.user_id != self.by.user_id {
            return Err(Error::new(Code::Forbidden, "Only its author changes a message.").into());
        }
        if row.body == self.body {
            return Ok(row.message());
        }
        store::messages::update(tx, self.id, &self.body, &self.html, log.at).await?;
        let row = store::messages::find_in(tx, self.id, self.by.user_id).await?.ok_or_else(not_found)?;
        let message = row.message();
        log.tell_room(message.room_id, self.id.0, Change::MessageUpdated(message.clone()));
        Ok(message)
    }
}

struct TakeBack {
    by: Caller,
    id: MessageId,
    room: RoomId,
}

#[async_trait]
impl Write for TakeBack {
    type Done = Message;

    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Message, Fault> {
        let row = store::messages::find_in(tx, self.id, self.by.user_id).await?.ok_or_else(not_found)?;
        if row.author.user_id != self.by.user_id && !self.keeps_the_peace(tx, row.room_id).await? {
            let detail = "Only its author and the room's owner and moderators delete a message.";
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        if row.deleted_at.is_some() {
            return Ok(row.message());
        }
        store::messages::delete(tx, self.id, log.at).await?;
        let row = store::messages::find_in(tx, self.id, self.by.user_id).await?.ok_or_else(not_found)?;
        let message = row.message();
        log.tell_room(message.room_id, self.id.0, Change::MessageDeleted(message.clone()));
        Ok(message)
    }
}

impl TakeBack {
    async fn keeps_the_peace(&self, tx: &mut Tx, room: RoomId) -> Result<bool, Fault> {
        let room = rooms::visible(tx, self.by.user_id, room).await?;
        Ok(members::standing_in(&room, &self.by).is_ok_and(members::keeps_the_peace))
    }
}
