//! Reads logged events and loads their subjects in the current state.

use crate::{
    events::view::ViewContext,
    store::{
        self, Store, Tx,
        events::{EventRow, NewEvent},
        members::MemberRow,
        notifications::NotificationRow,
        room_invitations::InvitationRow,
        rooms::RoomRow,
        users::UserRow,
    },
};
use protocol::{
    event::{Block, Change, EventKind, LoadEventData, MemberChange, MessagesPurged, ReadMarker, SessionEnded, Subject},
    id::{MessageId, NotificationId, RoomId, RoomInvitationId, SessionId, UserId},
    message::Message,
    notification::Notification,
    permissions::Permission,
    room::{DeletedRoom, Member, Room, RoomOrder, RoomPosition, Visibility},
    room_invitation::RoomInvitation,
    time::Time,
    user::User,
};
use std::collections::{HashMap, HashSet};

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
    let mut events = resolve(&mut tx, view, rows).await?;
    redact_users_for_guests(&mut tx, &mut events).await?;
    tx.commit().await?;
    Ok((events, end))
}

/// Updates of a user that are addressed to a guest: if the two share no room now, the guest gets the user's names, but
/// not the status or presence.
async fn redact_users_for_guests(tx: &mut Tx, events: &mut [LoggedEvent]) -> sqlx::Result<()> {
    let addressed = |entry: &mut NewEvent| {
        let guest = entry.user.filter(|_| entry.room.is_none())?;
        other_user(entry, guest).map(|user| (guest, user.id))
    };
    let mut pairs: Vec<_> = events.iter_mut().filter_map(|(_, _, entry)| addressed(entry)).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    pairs.sort_unstable();
    pairs.dedup();
    let sharing = store::shared_rooms::list_sharing_pairs(tx, &pairs).await?;
    for (_, _, entry) in events {
        if let Some(pair) = addressed(entry).filter(|pair| !sharing.contains(pair)) {
            other_user(entry, pair.0).into_iter().for_each(User::hide_status);
        }
    }
    Ok(())
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
    hide_history(&mut tx, user, &mut events).await?;
    redact(&mut tx, user, &mut events).await?;
    tx.commit().await?;
    Ok(Some((events, end)))
}

/// Leaves out messages from before the reader joined, in rooms that hide their history from newcomers.
async fn hide_history(tx: &mut Tx, user: UserId, events: &mut Vec<LoggedEvent>) -> sqlx::Result<()> {
    if events.iter().all(|(_, _, entry)| message_of(&entry.change).is_none()) {
        return Ok(());
    }
    let hidden: HashMap<RoomId, i64> = store::members::list_hidden_in(tx, user).await?.into_iter().collect();
    let is_hidden = |message: &Message| hidden.get(&message.room_id).is_some_and(|until| message.seq <= *until);
    events.retain(|(_, _, entry)| !message_of(&entry.change).is_some_and(is_hidden));
    Ok(())
}

fn message_of(change: &Change) -> Option<&Message> {
    match change {
        Change::MessageCreated(message) | Change::MessageUpdated(message) | Change::MessageDeleted(message) => {
            Some(message)
        }
        _ => None,
    }
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
    let sharing = store::shared_rooms::list_sharing_in(tx, user, &others).await?;
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
        Change::RoomCreated(room) | Change::RoomUpdated(room) => Some(room),
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
    markers: HashMap<(RoomId, UserId), ReadMarker>,
    /// Rooms as one member sees them.
    seen_rooms: HashMap<(RoomId, UserId), Room>,
    orders: HashMap<UserId, RoomOrder>,
    users: HashMap<UserId, UserRow>,
    notifications: HashMap<NotificationId, Notification>,
    invitations: HashMap<RoomInvitationId, InvitationRow>,
    /// The seqs up to which the messages of rooms were purged.
    purged: HashMap<RoomId, i64>,
}

async fn resolve(tx: &mut Tx, view: &ViewContext, rows: Vec<EventRow>) -> sqlx::Result<Vec<LoggedEvent>> {
    let rows: Vec<_> = rows.into_iter().filter_map(|row| Some((known_kind(&row)?, row))).collect();
    let subjects = read_subjects(tx, &rows).await?;
    let mut events = Vec::with_capacity(rows.len());
    let mut rooms_with_purge = HashSet::new();
    for (kind, row) in rows {
        let Some(change) = kind.load(&Loader { subjects: &subjects, view, row: &row }) else {
            // The purge is told in place of the first event about a purged message: events about later messages follow on it.
            if let (Subject::Message, Some(room)) = (kind.subject(), row.room_id)
                && let Some(seq) = subjects.purged.get(&room)
                && rooms_with_purge.insert(room)
            {
                let change = Change::MessagesPurged(MessagesPurged { room_id: room, before_seq: seq + 1 });
                let entry = NewEvent { room: row.room_id, user: row.user_id, subject: room.0, change };
                events.push((row.position, row.at, entry));
                continue;
            }
            // Only a user's newest notifications are kept, invitations only for a limited time, and messages for the
            // retention of their room; who left a room has no read marker in it, and may not see it.
            let may_be_gone =
                [Subject::Notification, Subject::Invitation, Subject::Message, Subject::ReadMarker, Subject::Room];
            if !may_be_gone.contains(&kind.subject()) {
                tracing::error!(kind = row.kind, position = row.position, "the subject of an event does not exist");
            }
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

/// A newer node of the cluster may log events that this one does not know.
fn known_kind(row: &EventRow) -> Option<EventKind> {
    let kind = EventKind::parse(&row.kind);
    if kind.is_none() {
        tracing::error!(kind = row.kind, position = row.position, "an event is of an unknown kind");
    }
    kind
}

async fn read_subjects(tx: &mut Tx, rows: &[(EventKind, EventRow)]) -> sqlx::Result<Subjects> {
    let mut messages = Vec::new();
    let mut pairs = Vec::new();
    let mut rooms = Vec::new();
    let mut seen_rooms = Vec::new();
    let mut orders = Vec::new();
    let mut reads = Vec::new();
    let mut users = Vec::new();
    let mut notifications = Vec::new();
    let mut invitations = Vec::new();
    let mut purged = Vec::new();
    for (kind, row) in rows {
        match kind.subject() {
            Subject::Message => messages.push(MessageId(row.subject)),
            Subject::Room => {
                rooms.push(RoomId(row.subject));
                seen_rooms.extend(sole_reader(row).map(|user| (RoomId(row.subject), user)));
            }
            Subject::RoomOrder => orders.push(UserId(row.subject)),
            Subject::Member => {
                pairs.extend(row.room_id.map(|room| (room, UserId(row.subject))));
                rooms.extend(row.room_id);
            }
            Subject::ReadMarker => reads.extend(row.user_id.map(|user| (RoomId(row.subject), user))),
            Subject::User => users.push(UserId(row.subject)),
            Subject::Notification => {
                notifications.push(NotificationId(row.subject));
                users.extend(row.user_id);
            }
            Subject::Invitation => invitations.push(RoomInvitationId(row.subject)),
            Subject::PurgedMessages => purged.push(RoomId(row.subject)),
            // Their ids are all of their data.
            Subject::Block | Subject::Session | Subject::DeletedRoom => {}
        }
    }
    let mut subjects = Subjects::default();
    if !messages.is_empty() {
        messages.sort_unstable();
        messages.dedup();
        let found = store::messages::find_many(tx, &messages).await?;
        subjects.messages = found.into_iter().map(|message| (message.id, message)).collect();
        let is_purged = |(kind, row): &&(EventKind, EventRow)| {
            kind.subject() == Subject::Message && !subjects.messages.contains_key(&MessageId(row.subject))
        };
        purged.extend(rows.iter().filter(is_purged).filter_map(|(_, row)| row.room_id));
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
    if !seen_rooms.is_empty() {
        seen_rooms.sort_unstable();
        seen_rooms.dedup();
        let found = store::rooms::find_many_seen(tx, &seen_rooms).await?;
        subjects.seen_rooms = found.into_iter().map(|(user, row)| ((row.id, user), row.room())).collect();
    }
    if !orders.is_empty() {
        orders.sort_unstable();
        orders.dedup();
        for (user, room_id, position) in store::room_preferences::list_orders(tx, &orders).await? {
            subjects.orders.entry(user).or_default().rooms.push(RoomPosition { room_id, position });
        }
    }
    if !reads.is_empty() {
        reads.sort_unstable();
        reads.dedup();
        let found = store::read_markers::find_many(tx, &reads).await?;
        subjects.markers = found.into_iter().map(|(user, marker)| ((marker.room_id, user), marker)).collect();
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
    if !purged.is_empty() {
        purged.sort_unstable();
        purged.dedup();
        subjects.purged = store::messages::list_purged_seqs(tx, &purged).await?.into_iter().collect();
    }
    Ok(subjects)
}

/// The only reader of an update of a room, who gets it with their membership.
fn sole_reader(row: &EventRow) -> Option<UserId> {
    row.user_id.filter(|_| row.room_id.is_none() && row.kind == EventKind::RoomUpdated.name())
}

/// Loads the data of one logged event.
struct Loader<'a> {
    subjects: &'a Subjects,
    view: &'a ViewContext,
    row: &'a EventRow,
}

impl LoadEventData<Message> for Loader<'_> {
    fn load(&self) -> Option<Message> {
        self.subjects.messages.get(&MessageId(self.row.subject)).cloned()
    }
}

impl LoadEventData<MessagesPurged> for Loader<'_> {
    fn load(&self) -> Option<MessagesPurged> {
        let room_id = RoomId(self.row.subject);
        self.subjects.purged.get(&room_id).map(|seq| MessagesPurged { room_id, before_seq: seq + 1 })
    }
}

impl LoadEventData<Room> for Loader<'_> {
    fn load(&self) -> Option<Room> {
        match sole_reader(self.row) {
            Some(user) => self.subjects.seen_rooms.get(&(RoomId(self.row.subject), user)).cloned(),
            None => self.subjects.rooms.get(&RoomId(self.row.subject)).cloned(),
        }
    }
}

impl LoadEventData<DeletedRoom> for Loader<'_> {
    fn load(&self) -> Option<DeletedRoom> {
        Some(DeletedRoom { room_id: RoomId(self.row.subject) })
    }
}

impl LoadEventData<RoomOrder> for Loader<'_> {
    /// A user without an order has an empty one.
    fn load(&self) -> Option<RoomOrder> {
        Some(self.subjects.orders.get(&UserId(self.row.subject)).cloned().unwrap_or_default())
    }
}

impl LoadEventData<MemberChange> for Loader<'_> {
    fn load(&self) -> Option<MemberChange> {
        let room = self.row.room_id?;
        let member = self.subjects.members.get(&(room, UserId(self.row.subject)))?.clone();
        Some(MemberChange { member, room: self.subjects.rooms.get(&room)?.clone() })
    }
}

impl LoadEventData<ReadMarker> for Loader<'_> {
    fn load(&self) -> Option<ReadMarker> {
        self.subjects.markers.get(&(RoomId(self.row.subject), self.row.user_id?)).cloned()
    }
}

impl LoadEventData<User> for Loader<'_> {
    /// An event only for the user carries their private view; an event for a room or a guest carries the public view.
    fn load(&self) -> Option<User> {
        let user = self.subjects.users.get(&UserId(self.row.subject))?.clone();
        let is_own = self.row.room_id.is_none() && self.row.user_id == Some(user.id);
        Some(if is_own { user.into_self(self.view) } else { user.into_public(self.view) })
    }
}

impl LoadEventData<Block> for Loader<'_> {
    fn load(&self) -> Option<Block> {
        Some(Block { user_id: UserId(self.row.subject) })
    }
}

impl LoadEventData<SessionEnded> for Loader<'_> {
    fn load(&self) -> Option<SessionEnded> {
        Some(SessionEnded { session_id: SessionId(self.row.subject) })
    }
}

impl LoadEventData<Notification> for Loader<'_> {
    fn load(&self) -> Option<Notification> {
        let notification = self.subjects.notifications.get(&NotificationId(self.row.subject))?.clone();
        let unread_notifications = self.subjects.users.get(&self.row.user_id?).map(|user| user.unread_notifications);
        Some(Notification { unread_notifications, ..notification })
    }
}

impl LoadEventData<RoomInvitation> for Loader<'_> {
    fn load(&self) -> Option<RoomInvitation> {
        let invitation = self.subjects.invitations.get(&RoomInvitationId(self.row.subject))?.clone();
        Some(invitation.invitation(self.view.at))
    }
}
