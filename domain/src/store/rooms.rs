//! Rooms.

use crate::{
    idempotency::IdempotencyKey,
    store::{Db, PAIRS, Tx, build, chunks, direct_rooms, json, members::push_pairs, on, push_ids, users::AuthorRow},
};
use protocol::{
    command::RoomFilter,
    id::{ClientId, RoomId, UserId},
    permissions::{RoomPermissionOverrides, RoomPermissions},
    room::{MemberMute, Membership, NotificationLevel, Room, RoomKind, RoomRole, RoomSettings, Visibility},
    time::Time,
    unread::COUNTED_RANGE,
};
use serde::Deserialize;
use sqlx::FromRow;

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A room, and the caller's membership if there is one. In JSON it is an array of the columns, in this order.
#[derive(Clone, Debug, FromRow, Deserialize)]
pub struct RoomRow {
    pub id: RoomId,
    pub name: String,
    pub kind: RoomKind,
    pub visibility: Visibility,
    pub topic: String,
    pub description: String,
    #[sqlx(flatten)]
    pub settings: SettingsRow,
    pub member_count: i64,
    #[serde(deserialize_with = "json::boolean")]
    pub archived: bool,
    #[serde(deserialize_with = "json::boolean")]
    pub fixed_members: bool,
    #[serde(deserialize_with = "json::time")]
    pub created_at: Time,
    pub head: i64,
    #[sqlx(default)]
    pub role: Option<RoomRole>,
    #[sqlx(default)]
    #[serde(deserialize_with = "json::optional_time")]
    pub joined_at: Option<Time>,
    #[sqlx(default)]
    pub notifications: Option<NotificationLevel>,
    #[sqlx(default)]
    #[serde(deserialize_with = "json::optional_boolean")]
    pub favorite: Option<bool>,
    #[sqlx(default)]
    #[serde(deserialize_with = "json::optional_time")]
    pub muted_until: Option<Time>,
    #[sqlx(default)]
    pub position: Option<i64>,
    /// Of a direct or group room: it is hidden until it has a message after this seq.
    #[sqlx(default)]
    pub hidden_seq: Option<i64>,
    #[sqlx(default)]
    pub read_seq: Option<i64>,
    /// See [`uncounted_columns`].
    #[sqlx(default)]
    pub uncounted: Option<String>,
    #[sqlx(default)]
    pub blocked_seqs: Option<String>,
    /// Not null if the user is muted.
    #[sqlx(default)]
    pub mute_reason: Option<String>,
    #[sqlx(default)]
    #[serde(deserialize_with = "json::optional_time")]
    pub mute_until: Option<Time>,
    /// Of a direct or group room; read by a statement of its own, but in JSON.
    #[sqlx(skip)]
    pub members: Vec<AuthorRow>,
}

/// The seq up to which nothing is unread for the read marker `rd` in the room with the head `h`: what was purged is read.
macro_rules! read_seq {
    () => {
        "(case when rd.read_seq > h.purged_seq then rd.read_seq else h.purged_seq end)"
    };
}
pub(in crate::store) use read_seq;

/// Two columns of seqs after the read marker `rd` of the member `m` in the room `r` with the head `h`, as text: messages
/// that count for nobody, and those of users whom the member blocks. Null where there are none, or where so many messages
/// follow that they are not counted (the number is [`COUNTED_RANGE`]). Messages are read only for who blocks anyone.
macro_rules! uncounted_columns {
    ($uncounted:literal, $blocked_seqs:literal) => {
        concat!(
            "case when h.head > ",
            read_seq!(),
            " and h.head - ",
            read_seq!(),
            " <= 1000 then \
             (select string_agg(cast(x.seq as text), ',') from uncounted x where x.room_id = r.id \
             and x.seq > ",
            read_seq!(),
            ") end",
            $uncounted,
            ", case when h.head > ",
            read_seq!(),
            " and h.head - ",
            read_seq!(),
            " <= 1000 \
             and exists (select 1 from blocks b where b.user_id = m.user_id) then \
             (select string_agg(cast(e.seq as text), ',') from messages e where e.room_id = r.id \
             and e.seq > ",
            read_seq!(),
            " and exists (select 1 from blocks b where b.user_id = m.user_id \
             and b.blocked_id = e.author_id)) end",
            $blocked_seqs
        )
    };
}
pub(in crate::store) use uncounted_columns;
const _: () = assert!(COUNTED_RANGE == 1_000);

/// The seqs in such a column.
pub(in crate::store) fn seqs(column: Option<&str>) -> impl Iterator<Item = i64> {
    column.unwrap_or_default().split(',').filter_map(|seq| seq.parse().ok())
}

/// Emoji, permissions and settings of a room. In JSON it is an array of the columns, in this order.
#[derive(Clone, Debug, FromRow, Deserialize)]
pub struct SettingsRow {
    pub emoji: String,
    /// JSON.
    pub permissions: Option<String>,
    pub member_limit: Option<i64>,
    pub slow_mode_seconds: i64,
    #[serde(deserialize_with = "json::boolean")]
    pub uploads: bool,
    #[serde(deserialize_with = "json::boolean")]
    pub history_visible: bool,
    pub retention_days: Option<i64>,
}

impl SettingsRow {
    fn settings(&self) -> RoomSettings {
        RoomSettings {
            member_limit: self.member_limit,
            slow_mode_seconds: self.slow_mode_seconds,
            uploads: self.uploads,
            history_visible: self.history_visible,
            retention_days: self.retention_days,
        }
    }
}

/// The permissions of a room, with those that its owner chose.
pub fn permissions(kind: RoomKind, visibility: Visibility, overrides: Option<&str>) -> RoomPermissions {
    // Written by us; what another version cannot read counts as not chosen.
    let overrides: Option<RoomPermissionOverrides> = overrides.and_then(|json| serde_json::from_str(json).ok());
    RoomPermissions::defaults(kind, visibility).with(&overrides.unwrap_or_default())
}

impl RoomRow {
    pub fn room(self) -> Room {
        let membership = self.role.map(|role| {
            let read_seq = self.read_seq.unwrap_or_default();
            let mut membership = Membership {
                notifications: self.notifications.unwrap_or(NotificationLevel::All),
                favorite: self.favorite.unwrap_or_default(),
                muted_until: self.muted_until,
                position: self.position,
                hidden: self.hidden_seq.is_some_and(|seq| self.head <= seq),
                mute: self.mute_reason.map(|reason| MemberMute { until: self.mute_until, reason }),
                ..Membership::joined(role, self.joined_at.unwrap_or_default(), read_seq)
            };
            let excluded = seqs(self.uncounted.as_deref()).chain(seqs(self.blocked_seqs.as_deref()));
            excluded.for_each(|seq| membership.exclude(seq));
            membership.count(self.head);
            membership
        });
        let (kind, visibility, settings) = (self.kind, self.visibility, self.settings.settings());
        Room {
            id: self.id,
            name: self.name,
            kind,
            visibility,
            topic: self.topic,
            description: self.description,
            permissions: permissions(kind, visibility, self.settings.permissions.as_deref()),
            emoji: self.settings.emoji,
            settings,
            head: self.head,
            member_count: self.member_count,
            archived: self.archived,
            fixed_members: self.fixed_members,
            created_at: self.created_at,
            members: self.members.into_iter().map(AuthorRow::author).collect(),
            membership,
        }
    }
}

/// The columns of [`SettingsRow`].
macro_rules! settings_columns {
    () => {
        "r.emoji, r.permissions, r.member_limit, r.slow_mode_seconds, r.uploads, r.history_visible, r.retention_days"
    };
}
pub(crate) use settings_columns;

/// Condition for a room that the user (`$1`) may find without being a member: guests find none.
macro_rules! findable {
    () => {
        "(r.visibility = 'public' and exists (select 1 from users g where g.id = $1 and g.role <> 'guest'))"
    };
}

pub(crate) use findable;

/// The columns of a room `r` with its head `h`, and of a member `m` with their read marker `rd` and mute `mute`.
macro_rules! room_columns {
    () => {
        concat!(
            "r.id, r.name, r.kind, r.visibility, r.topic, r.description, ",
            settings_columns!(),
            ", r.member_count, r.archived, r.id = (select lobby_id from service where id = 1) as fixed_members, \
             r.created_at, h.head, m.role, m.joined_at, m.notifications, m.favorite, m.muted_until, m.position, \
             m.hidden_seq, ",
            read_seq!(),
            " as read_seq, ",
            uncounted_columns!(" as uncounted", " as blocked_seqs"),
            ", mute.reason as mute_reason, mute.until as mute_until "
        )
    };
}
pub(crate) use room_columns;

/// The head `h` of a room `r`, and the read marker `rd` and the mute `mute` of a member `m`.
macro_rules! room_joins {
    () => {
        "join stream_heads h on h.room_id = r.id \
         left join read_markers rd on rd.room_id = r.id and rd.user_id = m.user_id \
         left join room_restrictions mute on mute.room_id = r.id and mute.kind = 'mute' and mute.user_id = m.user_id "
    };
}
pub(crate) use room_joins;

/// Rooms as the user (`$1`) sees them.
macro_rules! from_seen {
    () => {
        concat!(
            "from rooms r left join members m on m.room_id = r.id and m.user_id = $1 and m.left_at is null ",
            room_joins!()
        )
    };
}
pub(crate) use from_seen;

/// `$1` is the user; rooms that they may not see are excluded.
macro_rules! select_visible {
    ($rest:literal) => {
        concat!("select ", room_columns!(), from_seen!(), $rest)
    };
}

/// Rooms for events: without a membership.
const SELECT_WITHOUT_MEMBERSHIP: &str = concat!(
    "select r.id, r.name, r.kind, r.visibility, r.topic, r.description, ",
    settings_columns!(),
    ", r.member_count, r.archived, r.id = (select lobby_id from service where id = 1) as fixed_members, r.created_at, h.head \
     from rooms r join stream_heads h on h.room_id = r.id "
);

const FIND: &str = concat!(select_visible!("where r.id = $2 and (m.role is not null or "), findable!(), ")");

/// A room that the user is a member of or may find.
pub async fn find(db: &Db, user: UserId, id: RoomId) -> sqlx::Result<Option<RoomRow>> {
    let mut row: Option<RoomRow> =
        on!(db, pool => sqlx::query_as(FIND).bind(user).bind(id).fetch_optional(pool).await)?;
    direct_rooms::add_members(db, row.as_mut_slice()).await?;
    Ok(row)
}

pub async fn find_in(tx: &mut Tx, user: UserId, id: RoomId) -> sqlx::Result<Option<RoomRow>> {
    let mut row: Option<RoomRow> =
        on!(&mut *tx, tx => sqlx::query_as(FIND).bind(user).bind(id).fetch_optional(&mut **tx).await)?;
    direct_rooms::add_members_in(tx, row.as_mut_slice()).await?;
    Ok(row)
}

/// Loads rooms as these users see them, for events to one user; without those that they are not a member of.
pub async fn find_many_seen(tx: &mut Tx, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<(UserId, RoomRow)>> {
    #[derive(FromRow)]
    struct SeenRow {
        user_id: UserId,
        #[sqlx(flatten)]
        room: RoomRow,
    }
    let (mut users, mut rooms) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
    for pairs in chunks(pairs) {
        let open = PAIRS.on(tx);
        let found: Vec<SeenRow> = build!(&mut *tx, tx, query => {
            query.push(concat!(
                "select m.user_id, ",
                room_columns!(),
                "from members m join rooms r on r.id = m.room_id ",
                room_joins!(),
                "where m.left_at is null and (m.room_id, m.user_id) in"
            )).push(open);
            push_pairs!(query, pairs);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        for row in found {
            users.push(row.user_id);
            rooms.push(row.room);
        }
    }
    direct_rooms::add_members_in(tx, &mut rooms).await?;
    Ok(users.into_iter().zip(rooms).collect())
}

/// Whether a room was deleted.
pub async fn is_deleted(tx: &mut Tx, room: RoomId) -> sqlx::Result<bool> {
    const FIND: &str = "select exists (select 1 from rooms where id = $1 and deleted_at is not null)";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(room).fetch_one(&mut **tx).await)
}

/// Loads these rooms for events, in no order; of a deleted one, nothing is left but its id.
pub async fn find_many(tx: &mut Tx, ids: &[RoomId]) -> sqlx::Result<Vec<RoomRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let found: Vec<_> = build!(&mut *tx, tx, query => {
            query.push(SELECT_WITHOUT_MEMBERSHIP).push("where r.id in (");
            push_ids!(query, ids);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        rows.extend(found);
    }
    direct_rooms::add_members_in(tx, &mut rows).await?;
    Ok(rows)
}

/// The room that this user created under this idempotency key, and the hash of that request.
pub async fn find_duplicate(tx: &mut Tx, user: UserId, key: &ClientId) -> sqlx::Result<Option<(RoomId, Option<i64>)>> {
    const FIND: &str = "select id, request_hash from rooms where created_by = $1 and client_key = $2";
    on!(tx, tx => sqlx::query_as(FIND).bind(user).bind(key).fetch_optional(&mut **tx).await)
}

/// A page of rooms by name, after the cursor.
pub async fn list(
    db: &Db,
    user: UserId,
    filter: RoomFilter,
    after: Option<RoomId>,
    limit: u32,
) -> sqlx::Result<Vec<RoomRow>> {
    macro_rules! select_page {
        ($($which:expr),+) => {
            concat!(
                select_visible!("where "),
                $($which,)+
                " and (cast($4 as bigint) = 0 or (r.name_key, r.id) > (select c.name_key, c.id from rooms c \
                 where c.id = $2 and (c.visibility = 'public' or exists (select 1 from members v \
                 where v.room_id = c.id and v.user_id = $1)))) \
                 order by r.name_key, r.id limit $3"
            )
        };
    }
    let sql = match filter {
        RoomFilter::Visible => {
            select_page!("r.member_key is null and not r.archived and (m.role is not null or ", findable!(), ")")
        }
        RoomFilter::Mine => select_page!("m.role is not null and (m.hidden_seq is null or h.head > m.hidden_seq)"),
        RoomFilter::Joinable => {
            select_page!("r.member_key is null and not r.archived and m.role is null and ", findable!())
        }
        RoomFilter::Archived => select_page!("r.archived and (m.role is not null or ", findable!(), ")"),
    };
    let mut rows: Vec<RoomRow> = on!(db, pool => sqlx::query_as(sql)
        .bind(user).bind(after.unwrap_or(RoomId(uuid::Uuid::nil()))).bind(i64::from(limit)).bind(i64::from(after.is_some()))
        .fetch_all(pool).await)?;
    direct_rooms::add_members(db, &mut rows).await?;
    Ok(rows)
}

pub struct NewRoom<'a> {
    pub id: RoomId,
    pub name: &'a str,
    pub name_key: &'a str,
    pub lookalike_key: &'a str,
    pub kind: RoomKind,
    /// Its words as they are searched.
    pub search_text: &'a str,
    pub visibility: Visibility,
    pub topic: &'a str,
    pub description: &'a str,
    pub emoji: &'a str,
    pub settings: RoomSettings,
    pub created_by: Option<UserId>,
    pub key: Option<&'a IdempotencyKey>,
    pub created_at: Time,
}

/// The public room with this name.
pub async fn find_public(tx: &mut Tx, name_key: &str) -> sqlx::Result<Option<RoomId>> {
    const FIND: &str = "select id from rooms where name_key = $1 and visibility = 'public'";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(name_key).fetch_optional(&mut **tx).await)
}

/// Creates the room unless its name, or what looks like it, is taken, which the unique indexes decide.
pub async fn create(tx: &mut Tx, room: &NewRoom<'_>) -> sqlx::Result<bool> {
    const CREATE: &str = "insert into rooms (id, name, name_key, kind, visibility, topic, description, member_count, \
        archived, created_by, client_key, request_hash, created_at, lookalike_key, emoji, member_limit, slow_mode_seconds, \
        uploads, history_visible, retention_days, search_text, active_at) \
        values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $12) \
        on conflict do nothing";
    const HEAD: &str = "insert into stream_heads (room_id, head) values ($1, 0)";
    let created = on!(&mut *tx, tx => sqlx::query(CREATE)
        .bind(room.id).bind(room.name).bind(room.name_key).bind(room.kind).bind(room.visibility)
        .bind(room.topic).bind(room.description).bind(false).bind(room.created_by)
        .bind(room.key.map(|key| &key.key)).bind(room.key.map(|key| key.request_hash)).bind(room.created_at)
        .bind(room.lookalike_key).bind(room.emoji).bind(room.settings.member_limit)
        .bind(room.settings.slow_mode_seconds).bind(room.settings.uploads).bind(room.settings.history_visible)
        .bind(room.settings.retention_days).bind(room.search_text).execute(&mut **tx).await?.rows_affected());
    if created > 0 {
        on!(tx, tx => sqlx::query(HEAD).bind(room.id).execute(&mut **tx).await.map(|_| ()))?;
    }
    Ok(created > 0)
}

/// A room with a retention.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct RetentionRow {
    pub id: RoomId,
    retention_days: i64,
    /// When its oldest message was sent.
    oldest_at: Option<Time>,
}

impl RetentionRow {
    /// Whether the oldest message is past the retention.
    pub fn has_due_messages(&self, now: Time) -> bool {
        self.oldest_at.is_some_and(|at| at < now.plus(-self.retention_days.saturating_mul(DAY)))
    }
}

/// A page of the rooms with a retention, by id.
pub async fn list_retention(db: &Db, after: Option<RoomId>, limit: i64) -> sqlx::Result<Vec<RetentionRow>> {
    const LIST: &str = "select r.id, r.retention_days, (select m.sent_at from messages m where m.room_id = r.id \
        order by m.seq limit 1) as oldest_at from rooms r where r.retention_days is not null and r.id > $1 \
        order by r.id limit $2";
    let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
    on!(db, pool => sqlx::query_as(LIST).bind(after).bind(limit).fetch_all(pool).await)
}

/// Stores the name, texts, visibility and settings of a room.
pub async fn update(
    tx: &mut Tx,
    room: &Room,
    (name_key, lookalike_key): (&str, &str),
    search_text: &str,
) -> sqlx::Result<()> {
    const UPDATE: &str = "update rooms set name = $2, name_key = $3, lookalike_key = $4, visibility = $5, topic = $6, \
        description = $7, emoji = $8, member_limit = $9, slow_mode_seconds = $10, uploads = $11, history_visible = $12, \
        retention_days = $13, search_text = $14 where id = $1";
    let settings = room.settings;
    on!(tx, tx => sqlx::query(UPDATE)
        .bind(room.id).bind(&room.name).bind(name_key).bind(lookalike_key).bind(room.visibility).bind(&room.topic)
        .bind(&room.description).bind(&room.emoji).bind(settings.member_limit).bind(settings.slow_mode_seconds)
        .bind(settings.uploads).bind(settings.history_visible).bind(settings.retention_days)
        .bind(search_text).execute(&mut **tx).await.map(|_| ()))
}

/// Stores the permissions that a room's owner chose, as JSON; `None` if all are the defaults.
pub async fn update_permissions(tx: &mut Tx, room: RoomId, overrides: Option<String>) -> sqlx::Result<()> {
    const UPDATE: &str = "update rooms set permissions = $2 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(room).bind(overrides).execute(&mut **tx).await.map(|_| ()))
}

pub async fn set_archived(tx: &mut Tx, room: RoomId, archived: bool) -> sqlx::Result<()> {
    const UPDATE: &str = "update rooms set archived = $2 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(room).bind(archived).execute(&mut **tx).await.map(|_| ()))
}

/// Empties the row of a room, which nobody can find from then on, and ends its memberships.
pub async fn delete(tx: &mut Tx, room: RoomId, at: Time) -> sqlx::Result<()> {
    const DELETE: &str = "update rooms set name = '', name_key = '', lookalike_key = '', visibility = 'private', \
        topic = '', description = '', emoji = '', permissions = null, archived = $3, member_count = 0, deleted_at = $2 \
        where id = $1";
    const END: &str = "update members set left_at = $2 where room_id = $1 and left_at is null";
    const LIFT: &str = "delete from room_restrictions where room_id = $1";
    on!(&mut *tx, tx => sqlx::query(DELETE).bind(room).bind(at).bind(true).execute(&mut **tx).await.map(|_| ()))?;
    on!(&mut *tx, tx => sqlx::query(END).bind(room).bind(at).execute(&mut **tx).await.map(|_| ()))?;
    on!(tx, tx => sqlx::query(LIFT).bind(room).execute(&mut **tx).await.map(|_| ()))
}

/// Deletes a batch of the messages of rooms that were deleted before a time; returns whether there may be more.
pub async fn purge_deleted(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<bool> {
    // The head of a room without messages left is 0.
    const FIND: &str = "select r.id from rooms r join stream_heads h on h.room_id = r.id \
        where r.deleted_at < $1 and h.head > 0 limit 1";
    const DELETE: &str = "delete from messages where room_id = $1 and seq in \
        (select seq from messages where room_id = $1 order by seq limit $2)";
    const DONE: &str = "update stream_heads set head = 0 where room_id = $1";
    let room: Option<RoomId> =
        on!(&mut *tx, tx => sqlx::query_scalar(FIND).bind(before).fetch_optional(&mut **tx).await)?;
    let Some(room) = room else { return Ok(false) };
    let rows = on!(&mut *tx, tx => sqlx::query(DELETE)
        .bind(room).bind(limit).execute(&mut **tx).await?.rows_affected());
    if i64::try_from(rows).unwrap_or(limit) < limit {
        on!(tx, tx => sqlx::query(DONE).bind(room).execute(&mut **tx).await.map(|_| ()))?;
    }
    Ok(true)
}

/// Rooms with a name that both users are in, by name; the first fifty.
pub async fn list_shared(db: &Db, one: UserId, other: UserId) -> sqlx::Result<Vec<(RoomId, String)>> {
    const LIST: &str = "select r.id, r.name from members a join members b on b.room_id = a.room_id \
        join rooms r on r.id = a.room_id where a.user_id = $1 and a.left_at is null and b.user_id = $2 \
        and b.left_at is null and r.member_key is null order by r.name_key, r.id limit 50";
    on!(db, pool => sqlx::query_as(LIST).bind(one).bind(other).fetch_all(pool).await)
}
