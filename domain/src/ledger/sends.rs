//! Storing messages many at a time: a handful of statements, however many there are.

use super::Log;
use crate::store::{self, Tx, messages::StoredMessage};
use protocol::{
    Error, Result,
    error::Code,
    event::Change,
    id::{ClientId, MessageId, RoomId, UserId},
    message::{Message, Thread},
    page::Created,
    room::Visibility,
    time::Time,
    user::Author,
};
use std::collections::{BTreeMap, HashMap};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A message as its author sent it: checked and rendered, not yet stored.
#[derive(Clone, Debug)]
pub struct NewSend {
    pub author: UserId,
    pub room_id: RoomId,
    pub client_id: ClientId,
    pub body: String,
    pub body_hash: i64,
    pub html: String,
}

impl NewSend {
    /// A repeat is answered with what was stored first; the same name for something else is refused. Of a message that an
    /// earlier version stored only the room is known.
    fn answer_repeat(&self, first: &StoredMessage) -> Result<Created<Message>> {
        let same_body = first.body_hash.is_none_or(|hash| hash == self.body_hash);
        if first.message.room_id == self.room_id && same_body {
            return Ok(Created { thing: first.message.clone(), new: false });
        }
        let detail = "This client_id was used for another message, so nothing was sent. Send it under a new one.";
        Err(Error::new(Code::ClientIdReused, detail))
    }

    fn message(&self, id: MessageId, seq: i64, author: Author, at: Time) -> Message {
        Message {
            id,
            room_id: self.room_id,
            seq,
            author,
            body: self.body.clone(),
            html: self.html.clone(),
            client_id: self.client_id.clone(),
            parent_id: None,
            sent_at: at,
            edited_at: None,
            deleted: false,
            version: 1,
            reactions: Vec::new(),
            attachments: Vec::new(),
            mentions: Vec::new(),
            thread: Thread::default(),
        }
    }
}

/// A message in the queue, and who waits for it.
pub struct Send {
    pub new: NewSend,
    pub outcome: Option<Result<Created<Message>>>,
    pub reply: oneshot::Sender<Result<Created<Message>>>,
    /// Its part of the bytes that may wait.
    pub kept: OwnedSemaphorePermit,
}

impl Send {
    /// Tells the author how it went; `failure` when the whole batch did not happen.
    pub fn answer(self, failure: Option<Error>) {
        let outcome = failure.map(Err).or(self.outcome).unwrap_or_else(|| Err(Error::internal()));
        let _ = self.reply.send(outcome);
    }
}

type Name = (UserId, ClientId);

/// Stores these messages in their order; one that is refused is answered so. One that was stored before is answered with what
/// was stored, if such are looked for, and else breaks the transaction.
pub async fn store(tx: &mut Tx, log: &mut Log, sends: &mut [&mut Send], look_for_repeats: bool) -> sqlx::Result<()> {
    let (mut heads, members) = find_standing(tx, sends).await?;
    let stored = if look_for_repeats { find_repeats(tx, sends).await? } else { HashMap::new() };
    let (mut fresh, mut named) = (Vec::with_capacity(sends.len()), HashMap::new());
    let mut read = BTreeMap::new();
    for send in sends.iter_mut() {
        let name = (send.new.author, send.new.client_id.clone());
        let earlier = || named.get(&name).and_then(|n: &usize| fresh.get(*n));
        if let Some(first) = stored.get(&name).or_else(earlier) {
            send.outcome = Some(send.new.answer_repeat(first));
            continue;
        }
        let place = (send.new.room_id, send.new.author);
        let (Some(author), Some(head)) = (members.get(&place), heads.get_mut(&send.new.room_id)) else {
            // Who has left since is still told what became of it.
            let repeat =
                if look_for_repeats { None } else { find_repeats(tx, &[&mut **send]).await?.into_values().next() };
            send.outcome = Some(match repeat {
                Some(first) => send.new.answer_repeat(&first),
                None => Err(refusal(tx, send.new.author, send.new.room_id).await?),
            });
            continue;
        };
        *head += 1;
        let message = send.new.message(MessageId(log.clock.id()), *head, author.clone(), log.at);
        read.insert((send.new.author, send.new.room_id), *head);
        log.tell_room(message.room_id, message.id.0, Change::MessageCreated(message.clone()));
        named.insert(name, fresh.len());
        send.outcome = Some(Ok(Created { thing: message.clone(), new: true }));
        fresh.push(StoredMessage { message, body_hash: Some(send.new.body_hash) });
    }
    if fresh.is_empty() {
        return Ok(());
    }
    let moved: BTreeMap<RoomId, i64> = fresh.iter().map(|new| (new.message.room_id, new.message.seq)).collect();
    store::messages::create(tx, &fresh).await?;
    store::members::advance_heads(tx, &moved.into_iter().collect::<Vec<_>>()).await?;
    // Who speaks has read what was said before.
    let marks: Vec<_> = read.into_iter().map(|((user, room), seq)| (user, room, seq)).collect();
    store::members::mark_read(tx, &marks).await
}

type Heads = BTreeMap<RoomId, i64>;
type Members = HashMap<(RoomId, UserId), Author>;

/// The last seq of the rooms, and who of the authors is in theirs.
async fn find_standing(tx: &mut Tx, sends: &[&mut Send]) -> sqlx::Result<(Heads, Members)> {
    let mut pairs: Vec<_> = sends.iter().map(|send| (send.new.room_id, send.new.author)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let standing = store::members::list_standing(tx, &pairs).await?;
    let heads = standing.iter().map(|standing| (standing.room, standing.head)).collect();
    let members = standing.into_iter().map(|standing| ((standing.room, standing.author.id), standing.author)).collect();
    Ok((heads, members))
}

async fn find_repeats(tx: &mut Tx, sends: &[&mut Send]) -> sqlx::Result<HashMap<Name, StoredMessage>> {
    let names: Vec<_> = sends.iter().map(|send| (send.new.author, &send.new.client_id)).collect();
    let rows = store::messages::list_repeats(tx, &names).await?;
    Ok(rows.into_iter().map(|row| ((row.message.author.id, row.message.client_id.clone()), row)).collect())
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
