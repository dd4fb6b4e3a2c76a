//! Storing messages many at a time: a handful of statements, however many there are.

use super::Log;
use crate::store::{
    self, Tx,
    members::MemberRow,
    messages::{MessageRow, NewMessage},
};
use protocol::{
    Error, Result,
    error::Code,
    event::Change,
    id::{ClientId, MessageId, RoomId, UserId},
    message::Message,
    page::Created,
    room::Visibility,
    user::Author,
};
use std::collections::{BTreeMap, HashMap};
use tokio::sync::oneshot;

/// A message as its author sent it: checked and rendered, not yet stored.
#[derive(Clone, Debug)]
pub struct NewSend {
    pub author: UserId,
    pub room_id: RoomId,
    pub client_id: ClientId,
    pub body: String,
    pub html: String,
}

/// A message in the queue, and who waits for it.
pub struct Send {
    pub new: NewSend,
    pub outcome: Option<Result<Created<Message>>>,
    pub reply: oneshot::Sender<Result<Created<Message>>>,
}

impl Send {
    /// Tells the author how it went; `failure` when the whole batch did not happen.
    pub fn answer(self, failure: Option<Error>) {
        let outcome = failure.map(Err).or(self.outcome).unwrap_or_else(|| Err(Error::internal()));
        let _ = self.reply.send(outcome);
    }
}

type Name = (UserId, ClientId);

/// Stores these messages in their order; one that is refused or was stored before is answered so.
pub async fn store(tx: &mut Tx, log: &mut Log, sends: &mut [&mut Send]) -> sqlx::Result<()> {
    let mut heads: BTreeMap<RoomId, i64> = sends.iter().map(|send| (send.new.room_id, 0)).collect();
    let rooms: Vec<RoomId> = heads.keys().copied().collect();
    heads = store::members::lock_heads(tx, &rooms).await?.into_iter().collect();
    let members = find_authors(tx, sends).await?;
    let mut stored = find_repeats(tx, sends).await?;
    let mut fresh = Vec::with_capacity(sends.len());
    let mut read = BTreeMap::new();
    for send in sends.iter_mut() {
        let name = (send.new.author, send.new.client_id.clone());
        if let Some(message) = stored.get(&name) {
            send.outcome = Some(Ok(Created { thing: message.clone(), new: false }));
            continue;
        }
        let place = (send.new.room_id, send.new.author);
        let (Some(author), Some(head)) = (members.get(&place), heads.get_mut(&send.new.room_id)) else {
            send.outcome = Some(Err(refusal(tx, send.new.author, send.new.room_id).await?));
            continue;
        };
        *head += 1;
        let new = NewMessage {
            id: MessageId(log.clock.id()),
            room_id: send.new.room_id,
            seq: *head,
            author: author.clone(),
            client_id: send.new.client_id.clone(),
            body: send.new.body.clone(),
            html: send.new.html.clone(),
            sent_at: log.at,
        };
        read.insert((send.new.author, send.new.room_id), *head);
        let message = new.clone().message();
        fresh.push(new);
        stored.insert(name, message.clone());
        log.tell_room(message.room_id, message.id.0, Change::MessageCreated(message.clone()));
        send.outcome = Some(Ok(Created { thing: message, new: true }));
    }
    if fresh.is_empty() {
        return Ok(());
    }
    let moved: BTreeMap<RoomId, i64> = fresh.iter().map(|m| (m.room_id, m.seq)).collect();
    store::messages::create(tx, &fresh).await?;
    store::members::advance_heads(tx, &moved.into_iter().collect::<Vec<_>>()).await?;
    // Who speaks has read what was said before.
    let marks: Vec<_> = read.into_iter().map(|((user, room), seq)| (user, room, seq)).collect();
    store::members::mark_read(tx, &marks).await
}

async fn find_authors(tx: &mut Tx, sends: &[&mut Send]) -> sqlx::Result<HashMap<(RoomId, UserId), Author>> {
    let mut pairs: Vec<_> = sends.iter().map(|send| (send.new.room_id, send.new.author)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let rows = store::members::list_pairs(tx, &pairs).await?;
    Ok(rows
        .into_iter()
        .filter(MemberRow::is_in)
        .map(|row| ((row.room_id, row.author.user_id), row.author.author()))
        .collect())
}

async fn find_repeats(tx: &mut Tx, sends: &[&mut Send]) -> sqlx::Result<HashMap<Name, Message>> {
    let names: Vec<_> = sends.iter().map(|send| (send.new.author, &send.new.client_id)).collect();
    let rows = store::messages::list_repeats(tx, &names).await?;
    Ok(rows.into_iter().map(MessageRow::message).map(|m| ((m.author.id, m.client_id.clone()), m)).collect())
}

/// Why someone cannot write in a room: it may not even exist for them.
async fn refusal(tx: &mut Tx, user: UserId, room: RoomId) -> sqlx::Result<Error> {
    let visible = store::rooms::find_in(tx, user, room).await?;
    Ok(match visible {
        Some(room) if room.visibility == Visibility::Public => not_a_member(),
        _ => Error::not_found("room"),
    })
}

/// The room is public, but the caller is not in it.
pub fn not_a_member() -> Error {
    Error::new(Code::NotAMember, "You are not in this room. Join it first.")
}
