//! Reads logged events and loads their subjects in the current state.

use crate::{
    permissions::Permission,
    store::{
        self, Store, Tx,
        events::{EventRow, NewEvent},
        members::MemberRow,
        messages::MessageRow,
        notifications::NotificationRow,
        room_invitations::InvitationRow,
        rooms::RoomRow,
        users::UserRow,
    },
    users::view::ViewContext,
};
use protocol::{
    event::{Block, Change, MemberChange, ReadMarker, SessionEnded},
    id::{MessageId, NotificationId, RoomId, RoomInvitationId, SessionId, UserId},
    message::Message,
    notification::Notification,
    room::{Member, Room, Visibility},
    room_invitation::RoomInvitation,
    time::Time,
    user::User,
};
use std::collections::HashMap;

/// An event with its position and time.
pub type LoggedEvent = (i64, Time, NewEvent);

/// Bytes of messages per page; a page has at least one message, even a longer one.
const PAGE_BYTES: i64 = 1024 * 1024;

/// Consecutive events, and the position up to which the log was read.
pub type EventPage = (Vec<LoggedEvent>, i64);

/// Events in (after, until]; fewer when they exceed a page's bytes.
pub async fn read_all(store: &Store, view: &ViewContext, after: i64, until: i64) -> sqlx::Result<EventPage> {
    let mut tx = store.begin_read().await?;
    let mut rows = store::events::list(&mut tx, after, until).await?;
    let end = limit_bytes(&mut rows).unwrap_or(until);
    let events = resolve(&mut tx, view, rows).await?;
    tx.commit().await?;
    Ok((events, end))
}

/// Keeps the rows that fit into a page, at least one; returns the position of the last row kept if any were dropped.
fn limit_bytes(rows: &mut Vec<EventRow>) -> Option<i64> {
    let mut bytes = 0;
    let fitting = rows.iter().take_while(|row| {
        bytes += row.size;
        bytes <= PAGE_BYTES
    });
    let fitting = fitting.count().max(1);
    if fitting >= rows.len() {
        return None;
    }
    rows.truncate(fitting);
    rows.last().map(|row| row.position)
}

/// Events in (after, until] for one user; fewer when they exceed a page's bytes. `None` when some of them have been
/// purged.
pub async fn read_for(
    store: &Store,
    view: &ViewContext,
    user: UserId,
    after: i64,
    until: i64,
) -> sqlx::Result<Option<EventPage>> {
    let mut tx = store.begin_read().await?;
    if store::service::find_in(&mut tx).await?.is_none_or(|service| service.compacted > after) {
        return Ok(None);
    }
    let mut rows = store::events::list_for_user(&mut tx, user, after, until).await?;
    let end = limit_bytes(&mut rows).unwrap_or(until);
    let mut events = resolve(&mut tx, view, rows).await?;
    redact(&mut tx, user, &mut events).await?;
    tx.commit().await?;
    Ok(Some((events, end)))
}

/// Redacts users and rooms that the reader may no longer see, because replay reads the current state.
async fn redact(tx: &mut Tx, user: UserId, events: &mut [LoggedEvent]) -> sqlx::Result<()> {
    redact_users(tx, user, events).await?;
    redact_rooms(tx, user, events).await
}

/// A guest who no longer sees a user gets that user's names, but not the status or presence.
async fn redact_users(tx: &mut Tx, user: UserId, events: &mut [LoggedEvent]) -> sqlx::Result<()> {
    let mut others: Vec<_> =
        events.iter_mut().filter_map(|(_, _, entry)| other_user(entry, user)).map(|other| other.id).collect();
    if others.is_empty() || has_permission(tx, user, Permission::FindUsers).await? {
        return Ok(());
    }
    others.sort_unstable();
    others.dedup();
    let sharing = store::members::list_sharing_in(tx, user, &others).await?;
    let others = events.iter_mut().filter_map(|(_, _, entry)| other_user(entry, user));
    others.filter(|other| !sharing.contains(&other.id)).for_each(User::hide_status);
    Ok(())
}

/// The user in the event's payload, if it is not the reader.
fn other_user(entry: &mut NewEvent, reader: UserId) -> Option<&mut User> {
    match &mut entry.change {
        Change::UserUpdated(user) if user.id != reader => Some(user),
        _ => None,
    }
}

async fn has_permission(tx: &mut Tx, user: UserId, permission: Permission) -> sqlx::Result<bool> {
    Ok(store::users::find_in(tx, user).await?.is_some_and(|user| permission.is_granted_to(user.role)))
}

/// Redacts rooms that the user has left since.
async fn redact_rooms(tx: &mut Tx, user: UserId, events: &mut [LoggedEvent]) -> sqlx::Result<()> {
    let rooms = events.iter_mut().filter_map(|(_, _, entry)| room_of(&mut entry.change));
    let mut pairs: Vec<_> = rooms.map(|room| (room.id, user)).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    pairs.sort_unstable();
    pairs.dedup();
    let can_find_rooms = has_permission(tx, user, Permission::FindRooms).await?;
    let members = store::members::find_many(tx, &pairs).await?;
    let is_in = |id| members.iter().any(|member| member.room_id == id && member.is_member());
    for room in events.iter_mut().filter_map(|(_, _, entry)| room_of(&mut entry.change)) {
        let is_findable = can_find_rooms && room.visibility == Visibility::Public;
        if !is_findable && !is_in(room.id) {
            (room.topic, room.description) = (String::new(), String::new());
            (room.head, room.member_count) = (0, 0);
        }
    }
    Ok(())
}

fn room_of(change: &mut Change) -> Option<&mut Room> {
    match change {
        Change::RoomCreated(room) => Some(room),
        Change::MemberJoined(change) | Change::MemberLeft(change) | Change::MemberUpdated(change) => {
            Some(&mut change.room)
        }
        _ => None,
    }
}

/// Entities that the events refer to.
#[derive(Default)]
struct Subjects {
    messages: HashMap<MessageId, Message>,
    members: HashMap<(RoomId, UserId), Member>,
    rooms: HashMap<RoomId, Room>,
    reads: HashMap<(RoomId, UserId), i64>,
    users: HashMap<UserId, UserRow>,
    notifications: HashMap<NotificationId, Notification>,
    invitations: HashMap<RoomInvitationId, InvitationRow>,
}

async fn resolve(tx: &mut Tx, view: &ViewContext, rows: Vec<EventRow>) -> sqlx::Result<Vec<LoggedEvent>> {
    let subjects = read_subjects(tx, &rows).await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(change) = subjects.change(view, &row) else {
            // Only a user's newest notifications are kept, and invitations only for a limited time.
            if row.kind == "notification.created" || row.kind.starts_with("invitation.") {
                continue;
            }
            tracing::error!(kind = row.kind, position = row.position, "the subject of an event does not exist");
            continue;
        };
        events.push((
            row.position,
            row.at,
            NewEvent { room: row.room_id, user: row.user_id, subject: row.subject, change },
        ));
    }
    Ok(events)
}

async fn read_subjects(tx: &mut Tx, rows: &[EventRow]) -> sqlx::Result<Subjects> {
    let mut messages = Vec::new();
    let mut pairs = Vec::new();
    let mut rooms = Vec::new();
    let mut reads = Vec::new();
    let mut users = Vec::new();
    let mut notifications = Vec::new();
    let mut invitations = Vec::new();
    for row in rows {
        match (row.kind.split('.').next(), row.room_id) {
            (Some("read"), _) => reads.extend(row.user_id.map(|user| (RoomId(row.subject), user))),
            (Some("message"), _) => messages.push(MessageId(row.subject)),
            (Some("member"), Some(room)) => {
                pairs.push((room, UserId(row.subject)));
                rooms.push(room);
            }
            (Some("user"), _) => users.push(UserId(row.subject)),
            (Some("notification"), _) => {
                notifications.push(NotificationId(row.subject));
                users.extend(row.user_id);
            }
            (Some("room"), _) => rooms.push(RoomId(row.subject)),
            (Some("invitation"), _) => invitations.push(RoomInvitationId(row.subject)),
            _ => {}
        }
    }
    let mut subjects = Subjects::default();
    if !messages.is_empty() {
        messages.sort_unstable();
        messages.dedup();
        let found = store::messages::find_many(tx, &messages).await?;
        subjects.messages = found.into_iter().map(MessageRow::message).map(|m| (m.id, m)).collect();
    }
    if !pairs.is_empty() {
        pairs.sort_unstable();
        pairs.dedup();
        let found = store::members::find_many(tx, &pairs).await?;
        subjects.members = found.into_iter().map(MemberRow::member).map(|m| ((m.room_id, m.user.id), m)).collect();
    }
    if !rooms.is_empty() {
        rooms.sort_unstable();
        rooms.dedup();
        let found = store::rooms::find_many(tx, &rooms).await?;
        subjects.rooms = found.into_iter().map(RoomRow::room).map(|room| (room.id, room)).collect();
    }
    if !reads.is_empty() {
        reads.sort_unstable();
        reads.dedup();
        let found = store::members::list_read_markers(tx, &reads).await?;
        subjects.reads = found.into_iter().map(|(room, user, seq)| ((room, user), seq)).collect();
    }
    if !users.is_empty() {
        users.sort_unstable();
        users.dedup();
        let found = store::users::find_many_in(tx, &users).await?;
        subjects.users = found.into_iter().map(|row| (row.id, row)).collect();
    }
    if !notifications.is_empty() {
        let found = store::notifications::find_many(tx, &notifications).await?;
        let found = found.iter().filter_map(NotificationRow::notification);
        subjects.notifications = found.map(|notification| (notification.id, notification)).collect();
    }
    if !invitations.is_empty() {
        invitations.sort_unstable();
        invitations.dedup();
        let found = store::room_invitations::find_many(tx, &invitations).await?;
        subjects.invitations = found.into_iter().map(|row| (row.id, row)).collect();
    }
    Ok(subjects)
}

impl Subjects {
    fn change(&self, view: &ViewContext, row: &EventRow) -> Option<Change> {
        let message = || self.messages.get(&MessageId(row.subject)).cloned();
        Some(match row.kind.as_str() {
            "message.created" => Change::MessageCreated(message()?),
            "message.updated" => Change::MessageUpdated(message()?),
            "message.deleted" => Change::MessageDeleted(message()?),
            "room.created" => Change::RoomCreated(self.rooms.get(&RoomId(row.subject))?.clone()),
            "member.joined" => Change::MemberJoined(self.member(row)?),
            "member.left" => Change::MemberLeft(self.member(row)?),
            "member.updated" => Change::MemberUpdated(self.member(row)?),
            "read.updated" => Change::ReadUpdated(self.read_mark(row)?),
            // An event only for the user carries their private view; an event for a room or a guest carries the public
            // view.
            "user.updated" => {
                let user = self.users.get(&UserId(row.subject))?.clone();
                let is_own = row.room_id.is_none() && row.user_id == Some(user.id);
                Change::UserUpdated(if is_own { user.into_self(view) } else { user.into_public(view) })
            }
            "block.added" => Change::BlockAdded(Block { user_id: UserId(row.subject) }),
            "block.removed" => Change::BlockRemoved(Block { user_id: UserId(row.subject) }),
            "session.ended" => Change::SessionEnded(SessionEnded { session_id: SessionId(row.subject) }),
            "notification.created" => {
                let notification = self.notifications.get(&NotificationId(row.subject))?.clone();
                let unread_notifications = self.users.get(&row.user_id?).map(|user| user.unread_notifications);
                Change::NotificationCreated(Notification { unread_notifications, ..notification })
            }
            "invitation.created" => Change::InvitationCreated(self.invitation(view, row)?),
            "invitation.updated" => Change::InvitationUpdated(self.invitation(view, row)?),
            _ => return None,
        })
    }

    fn member(&self, row: &EventRow) -> Option<MemberChange> {
        let room = row.room_id?;
        let member = self.members.get(&(room, UserId(row.subject)))?.clone();
        Some(MemberChange { member, room: self.rooms.get(&room)?.clone() })
    }

    fn invitation(&self, view: &ViewContext, row: &EventRow) -> Option<RoomInvitation> {
        Some(self.invitations.get(&RoomInvitationId(row.subject))?.clone().invitation(view.at))
    }

    fn read_mark(&self, row: &EventRow) -> Option<ReadMarker> {
        let room_id = RoomId(row.subject);
        let read_seq = self.reads.get(&(room_id, row.user_id?)).copied().unwrap_or_default();
        Some(ReadMarker { room_id, read_seq })
    }
}
