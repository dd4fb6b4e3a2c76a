//! Stores new messages, and decides who may send them.

use crate::{
    error::CommandError,
    events::ledger::{
        CommandContext,
        messages::{MessageWriter, NewMessage, QueuedMessage},
    },
    rooms::{
        direct::send_refusal,
        restrictions::{muted, seconds_until},
    },
    store::{self, Tx, members::SenderMembership, messages::StoredMessage},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    event::Change,
    id::{ClientId, MessageId, RoomId, UserId},
    message::{Message, MessageKind, Thread},
    page::Created,
    permissions::{RoomPermission, effective_role},
    room::{RoomRole, Visibility},
    time::Time,
    user::Author,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Milliseconds after which a room is noted to be active again, so that few sends write to it.
const ACTIVITY_INTERVAL: i64 = 60_000;

type ClientKey = (UserId, ClientId);

/// Stores messages with a constant number of statements for any number of them.
pub struct SendMessages;

#[async_trait]
impl MessageWriter for SendMessages {
    async fn store(
        &self,
        tx: &mut Tx,
        ctx: &mut CommandContext,
        messages: &mut [&mut QueuedMessage],
        check_duplicates: bool,
    ) -> sqlx::Result<()> {
        let (mut heads, mut members) = find_memberships(tx, messages).await?;
        let stored = if check_duplicates { find_duplicates(tx, messages).await? } else { HashMap::new() };
        let (mut new_messages, mut by_key) = (Vec::with_capacity(messages.len()), HashMap::new());
        let (mut read_up_to, mut slowed, mut active) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for queued in messages.iter_mut() {
            let key = (queued.message.author, queued.message.client_id.clone());
            let earlier = || by_key.get(&key).and_then(|n: &usize| new_messages.get(*n));
            if let Some(first) = stored.get(&key).or_else(earlier) {
                queued.outcome = Some(resolve_duplicate(&queued.message, first));
                continue;
            }
            let membership = (queued.message.room_id, queued.message.author);
            let sender = members.get_mut(&membership);
            let refusal = sender.as_ref().and_then(|sender| check_sender(sender, ctx.at).err());
            let (None, Some(sender), Some(head)) = (&refusal, sender, heads.get_mut(&queued.message.room_id)) else {
                // A repeated request gets the stored message even if its author may not send any more.
                let duplicate = if check_duplicates {
                    None
                } else {
                    find_duplicates(tx, &[&mut **queued]).await?.into_values().next()
                };
                queued.outcome = Some(match (duplicate, refusal) {
                    (Some(first), _) => resolve_duplicate(&queued.message, &first),
                    (None, Some(refusal)) => Err(refusal),
                    (None, None) => Err(rejection(tx, queued.message.author, queued.message.room_id).await?),
                });
                continue;
            };
            *head += 1;
            if sender.slow_mode_seconds > 0 {
                sender.last_sent_at = Some(ctx.at);
                slowed.insert(membership);
            }
            let message = to_message(&queued.message, MessageId(ctx.clock.id()), *head, sender.author.clone(), ctx.at);
            if ctx.at.0 - sender.active_at.0 >= ACTIVITY_INTERVAL {
                active.insert(message.room_id);
            }
            read_up_to.insert((queued.message.author, queued.message.room_id), *head);
            ctx.publish_to_room(message.room_id, message.id.0, Change::MessageCreated(message.clone()));
            by_key.insert(key, new_messages.len());
            queued.outcome = Some(Ok(Created { value: message.clone(), new: true }));
            new_messages.push(StoredMessage { message, body_hash: Some(queued.message.body_hash) });
        }
        if new_messages.is_empty() {
            return Ok(());
        }
        let new_heads: BTreeMap<RoomId, i64> =
            new_messages.iter().map(|new| (new.message.room_id, new.message.seq)).collect();
        store::messages::create(tx, &new_messages).await?;
        store::members::advance_heads(tx, &new_heads.into_iter().collect::<Vec<_>>()).await?;
        store::room_search::set_active(tx, &active.into_iter().collect::<Vec<_>>(), ctx.at).await?;
        // Sending a message marks the room as read up to it.
        let read_seqs: Vec<_> = read_up_to.into_iter().map(|((user, room), seq)| (user, room, seq)).collect();
        store::members::mark_read(tx, &read_seqs).await?;
        store::members::set_last_sent(tx, &slowed.into_iter().collect::<Vec<_>>(), ctx.at).await
    }
}

type Heads = BTreeMap<RoomId, i64>;
type Members = HashMap<(RoomId, UserId), SenderMembership>;

/// Fails if a member may not send a message in the room now.
fn check_sender(sender: &SenderMembership, now: Time) -> Result<()> {
    if sender.archived {
        return Err(Error::room_archived());
    }
    if let Some(refusal) = sender.refusal {
        return Err(send_refusal(refusal));
    }
    if let Some(until) = sender.muted_until.filter(|until| now < *until) {
        return Err(muted(Some(until).filter(|until| until.0 != i64::MAX), now));
    }
    let role = effective_role(sender.roles.0, sender.visibility, sender.roles.1);
    let permissions = store::rooms::permissions(sender.kind, sender.visibility, sender.permissions.as_deref());
    if role < permissions.min_role(RoomPermission::Post) {
        return Err(RoomPermission::Post.refused());
    }
    let next = sender.last_sent_at.map(|sent_at| sent_at.plus(sender.slow_mode_seconds * 1000));
    match next.filter(|next| now < *next && role < RoomRole::Moderator) {
        Some(next) => {
            Err(Error::wait(Code::SlowMode, "People in this room send messages slowly.", seconds_until(next, now)))
        }
        None => Ok(()),
    }
}

/// Last seq of each room, and its members among the authors.
async fn find_memberships(tx: &mut Tx, messages: &[&mut QueuedMessage]) -> sqlx::Result<(Heads, Members)> {
    let mut pairs: Vec<_> = messages.iter().map(|send| (send.message.room_id, send.message.author)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let memberships = store::members::list_sender_memberships(tx, &pairs).await?;
    let heads = memberships.iter().map(|membership| (membership.room, membership.head)).collect();
    let members =
        memberships.into_iter().map(|membership| ((membership.room, membership.author.id), membership)).collect();
    Ok((heads, members))
}

async fn find_duplicates(
    tx: &mut Tx,
    messages: &[&mut QueuedMessage],
) -> sqlx::Result<HashMap<ClientKey, StoredMessage>> {
    let keys: Vec<_> = messages.iter().map(|send| (send.message.author, &send.message.client_id)).collect();
    let rows = store::messages::list_duplicates(tx, &keys).await?;
    Ok(rows.into_iter().map(|row| ((row.message.author.id, row.message.client_id.clone()), row)).collect())
}

/// Fails if a member may not send messages in a direct room: then they cannot say more by editing either.
pub async fn require_not_refused(tx: &mut Tx, room: RoomId, user: UserId) -> Result<(), CommandError> {
    let refusal = store::members::list_sender_memberships(tx, &[(room, user)]).await?.pop().and_then(|own| own.refusal);
    Ok(refusal.map_or(Ok(()), |refusal| Err(send_refusal(refusal)))?)
}

/// Why a user cannot write in a room; a room that they cannot see is reported as not found.
async fn rejection(tx: &mut Tx, user: UserId, room: RoomId) -> sqlx::Result<Error> {
    let visible = store::rooms::find_in(tx, user, room).await?;
    Ok(match visible {
        Some(room) if room.visibility == Visibility::Public => Error::not_a_member(),
        _ => Error::not_found("room"),
    })
}

/// A repeated request returns the message stored first; the same idempotency key for different content is rejected.
/// Messages stored by an earlier version have no body hash, so only the room is compared.
fn resolve_duplicate(message: &NewMessage, first: &StoredMessage) -> Result<Created<Message>> {
    let same_body = first.body_hash.is_none_or(|hash| hash == message.body_hash);
    if first.message.room_id == message.room_id && same_body {
        return Ok(Created { value: first.message.clone(), new: false });
    }
    let detail = "This client_id was already used for another message, so nothing was sent. Use a new one.";
    Err(Error::new(Code::ClientIdReused, detail))
}

fn to_message(new: &NewMessage, id: MessageId, seq: i64, author: Author, at: Time) -> Message {
    Message {
        id,
        room_id: new.room_id,
        seq,
        kind: MessageKind::Text,
        author,
        subject: None,
        body: new.body.clone(),
        html: new.html.clone(),
        client_id: new.client_id.clone(),
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
