//! Room activity: lines in the timeline that say what happened in a room. They are never unread.

use crate::{
    error::CommandError,
    events::ledger::CommandContext,
    rooms::membership::room_for_everyone,
    store::{
        self, Tx,
        messages::{Line, LineKey},
    },
};
use protocol::{
    event::Change,
    id::{MessageId, RoomId, UserId},
    message::MessageKind,
    room::RoomKind,
};

/// Who joins or leaves a room of more members gets no line.
const MAX_MEMBERS: i64 = 200;
/// Milliseconds within which a line about a topic or a pin replaces the last one of the same user.
const REPLACE_WINDOW: i64 = 60 * 1000;

/// What a line says beside its kind and who did it.
#[derive(Clone, Debug)]
pub enum ActivitySubject {
    /// Nothing more.
    None,
    /// The user who was added or removed, or is the new owner.
    User(UserId),
    /// The new name or topic; empty if the topic was removed.
    Text(String),
}

/// Writes a line about what `actor` did in a room, in the transaction of the command that does it. The command has locked
/// the room. A line about a topic or a pin replaces the one that the actor caused less than a minute before.
pub async fn record(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    kind: MessageKind,
    actor: UserId,
    subject: ActivitySubject,
) -> Result<(), CommandError> {
    record_each(tx, ctx, room, kind, actor, vec![subject]).await
}

/// Writes a line for each of the subjects, as [`record`] does.
pub async fn record_each(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    room: RoomId,
    kind: MessageKind,
    actor: UserId,
    subjects: Vec<ActivitySubject>,
) -> Result<(), CommandError> {
    let room = room_for_everyone(tx, room).await?;
    let is_membership =
        matches!(kind, MessageKind::Joined | MessageKind::Left | MessageKind::Added | MessageKind::Removed);
    let has_lines = !matches!(room.kind, RoomKind::Direct | RoomKind::Group);
    if subjects.is_empty() || is_membership && !(has_lines && room.member_count <= MAX_MEMBERS) {
        return Ok(());
    }
    if matches!(kind, MessageKind::Topic | MessageKind::Pinned) {
        let key = LineKey { room: room.id, head: room.head, kind, actor, since: ctx.at.plus(-REPLACE_WINDOW) };
        if let Some(last) = store::messages::find_line(tx, &key).await? {
            return replace(tx, ctx, last, subjects).await;
        }
    }
    let mut lines = Vec::with_capacity(subjects.len());
    for (subject, seq) in subjects.into_iter().zip(room.head + 1..) {
        let (user, text) = parts(subject);
        lines.push(Line { id: MessageId(ctx.clock.id()), room: room.id, seq, kind, actor, user, text, at: ctx.at });
    }
    store::messages::create_lines(tx, &lines).await?;
    let seqs: Vec<_> = lines.iter().map(|line| line.seq).collect();
    store::read_markers::create_uncounted(tx, room.id, &seqs).await?;
    store::members::advance_heads(tx, &[(room.id, seqs.last().copied().unwrap_or(room.head))]).await?;
    let ids: Vec<_> = lines.iter().map(|line| line.id).collect();
    let mut messages = store::messages::find_many(tx, &ids).await?;
    messages.sort_unstable_by_key(|message| message.seq);
    for message in messages {
        ctx.publish_to_room(room.id, message.id.0, Change::MessageCreated(message));
    }
    Ok(())
}

/// Replaces what a line says.
async fn replace(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    id: MessageId,
    subjects: Vec<ActivitySubject>,
) -> Result<(), CommandError> {
    let Some(subject) = subjects.into_iter().next_back() else { return Ok(()) };
    let (user, text) = parts(subject);
    store::messages::update_line(tx, id, user, &text).await?;
    for message in store::messages::find_many(tx, &[id]).await? {
        ctx.publish_to_room(message.room_id, message.id.0, Change::MessageUpdated(message));
    }
    Ok(())
}

fn parts(subject: ActivitySubject) -> (Option<UserId>, String) {
    match subject {
        ActivitySubject::None => (None, String::new()),
        ActivitySubject::User(user) => (Some(user), String::new()),
        ActivitySubject::Text(text) => (None, text),
    }
}

#[cfg(test)]
mod tests;
