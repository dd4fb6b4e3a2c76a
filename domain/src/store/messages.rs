//! Messages.

use crate::store::{Db, INSERT, PAIRS, Sql, Tx, build, chunks, json, on, push_ids, users::AuthorRow};
use protocol::{
    id::{ClientId, MessageId, RoomId, UserId},
    message::{Message, MessageKind, Thread},
    time::Time,
    user::Author,
};
use serde::Deserialize;
use sqlx::FromRow;

#[derive(FromRow, Deserialize)]
struct MessageRow {
    id: MessageId,
    room_id: RoomId,
    seq: i64,
    #[sqlx(flatten)]
    author: AuthorRow,
    client_id: ClientId,
    body: String,
    html: String,
    #[serde(deserialize_with = "json::time")]
    sent_at: Time,
    #[serde(deserialize_with = "json::optional_time")]
    edited_at: Option<Time>,
    #[serde(deserialize_with = "json::optional_time")]
    deleted_at: Option<Time>,
    version: i64,
    kind: MessageKind,
    /// The user of the subject, and that user's names and avatar.
    subject: Option<UserId>,
    subject_username: Option<String>,
    subject_display_name: Option<String>,
    subject_avatar: Option<String>,
}

impl MessageRow {
    fn subject(&mut self) -> Option<Author> {
        let (username, display_name) = (self.subject_username.take()?, self.subject_display_name.take()?);
        Some(AuthorRow { user_id: self.subject?, username, display_name, avatar: self.subject_avatar.take() }.author())
    }
}

/// Assembles the messages of these rows, in their order. All messages that are read go through it.
fn assemble(rows: impl IntoIterator<Item = MessageRow>) -> impl Iterator<Item = Message> {
    rows.into_iter().map(|mut row| Message {
        id: row.id,
        room_id: row.room_id,
        seq: row.seq,
        kind: row.kind,
        subject: row.subject(),
        author: row.author.author(),
        body: row.body,
        html: row.html,
        client_id: row.client_id,
        parent_id: None,
        sent_at: row.sent_at,
        edited_at: row.edited_at,
        deleted: row.deleted_at.is_some(),
        version: row.version,
        reactions: Vec::new(),
        attachments: Vec::new(),
        mentions: Vec::new(),
        thread: Thread::default(),
    })
}

/// A message, and the hash of its original body, which is missing for messages stored by an earlier version.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    pub message: Message,
    pub body_hash: Option<i64>,
}

#[derive(FromRow)]
struct HashedRow {
    #[sqlx(flatten)]
    row: MessageRow,
    body_hash: Option<i64>,
}

macro_rules! select_message {
    ($rest:literal) => {
        select_message!("", $rest)
    };
    ($more:literal, $rest:literal) => {
        concat!(
            "select e.id, e.room_id, e.seq, e.author_id as user_id, u.username, u.display_name, u.avatar, e.client_id, e.body, \
             e.html, e.sent_at, e.edited_at, e.deleted_at, e.version, e.kind, e.subject, s.username as subject_username, \
             s.display_name as subject_display_name, s.avatar as subject_avatar",
            $more,
            " from messages e join users u on u.id = e.author_id left join users s on s.id = e.subject ",
            $rest
        )
    };
}

/// A message in a room that the user is a member of.
const FIND_VISIBLE: &str = select_message!(
    "join members m on m.room_id = e.room_id and m.user_id = $2 and m.left_at is null \
     and e.seq > m.hidden_until_seq where e.id = $1"
);

pub async fn find(db: &Db, id: MessageId, reader: UserId) -> sqlx::Result<Option<Message>> {
    let row = on!(db, pool => sqlx::query_as(FIND_VISIBLE).bind(id).bind(reader).fetch_optional(pool).await)?;
    Ok(assemble(row).next())
}

pub async fn find_in(tx: &mut Tx, id: MessageId, reader: UserId) -> sqlx::Result<Option<Message>> {
    let row = on!(tx, tx => sqlx::query_as(FIND_VISIBLE).bind(id).bind(reader).fetch_optional(&mut **tx).await)?;
    Ok(assemble(row).next())
}

/// The seq of a message in a room, if the reader sees it.
pub async fn find_seq(db: &Db, reader: UserId, room: RoomId, id: MessageId) -> sqlx::Result<Option<i64>> {
    const FIND: &str = "select e.seq from messages e join members m on m.room_id = e.room_id and m.user_id = $3 \
        and m.left_at is null and e.seq > m.hidden_until_seq where e.id = $1 and e.room_id = $2";
    on!(db, pool => sqlx::query_scalar(FIND).bind(id).bind(room).bind(reader).fetch_optional(pool).await)
}

/// A page of a room's messages as one row. `$1` is the room, `$2` a seq, `$3` the limit, and `$4` the reader.
macro_rules! select_page {
    ($direction:literal) => {
        Sql {
            sqlite: select_page!(
                $direction,
                "json_group_array(json_array(hex(e.id), hex(e.room_id), e.seq, json_array(hex(e.author_id), u.username, \
                 u.display_name, u.avatar), e.client_id, e.body, e.html, e.sent_at, e.edited_at, e.deleted_at, e.version, e.kind, \
                 nullif(hex(e.subject), ''), s.username, s.display_name, s.avatar))"
            ),
            postgres: select_page!(
                $direction,
                "coalesce(json_agg(json_build_array(e.id, e.room_id, e.seq, json_build_array(e.author_id, u.username, \
                 u.display_name, u.avatar), e.client_id, e.body, e.html, e.sent_at, e.edited_at, e.deleted_at, e.version, e.kind, \
                 e.subject, s.username, s.display_name, s.avatar)), '[]')::text"
            ),
        }
    };
    ($direction:literal, $rows:literal) => {
        concat!(
            "select (select ",
            $rows,
            " from (select * from messages where room_id = $1 and seq > members.hidden_until_seq and seq ",
            $direction,
            " limit $3) e join users u on u.id = e.author_id left join users s on s.id = e.subject) as page \
             from members where room_id = $1 and user_id = $4 and left_at is null"
        )
    };
}

/// Up to `limit` messages before a seq, newest first; `None` if the reader is not a member of the room.
pub async fn list_before(
    db: &Db,
    reader: UserId,
    room: RoomId,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Option<Vec<Message>>> {
    const LIST: Sql = select_page!("< $2 order by seq desc");
    let mut page = list_page(db, LIST, reader, room, seq, limit).await?;
    if let Some(page) = &mut page {
        page.sort_unstable_by_key(|message| std::cmp::Reverse(message.seq));
    }
    Ok(page)
}

/// Up to `limit` messages after a seq, oldest first; `None` if the reader is not a member of the room.
pub async fn list_after(
    db: &Db,
    reader: UserId,
    room: RoomId,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Option<Vec<Message>>> {
    const LIST: Sql = select_page!("> $2 order by seq");
    let mut page = list_page(db, LIST, reader, room, seq, limit).await?;
    if let Some(page) = &mut page {
        page.sort_unstable_by_key(|message| message.seq);
    }
    Ok(page)
}

/// In no order.
async fn list_page(
    db: &Db,
    list: Sql,
    reader: UserId,
    room: RoomId,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Option<Vec<Message>>> {
    let list = list.on(db);
    let page: Option<String> = on!(db, pool => sqlx::query_scalar(list)
        .bind(room).bind(seq).bind(limit).bind(reader).fetch_optional(pool).await)?;
    page.map(|page| Ok(assemble(json::rows::<MessageRow>(&page)?).collect())).transpose()
}

/// Loads these messages, in no order.
pub async fn find_many(tx: &mut Tx, ids: &[MessageId]) -> sqlx::Result<Vec<Message>> {
    let mut messages = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let found: Vec<MessageRow> = build!(&mut *tx, tx, query => {
            query.push(select_message!("where e.id in ("));
            push_ids!(query, ids);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        messages.extend(assemble(found));
    }
    Ok(messages)
}

/// Messages that were stored under these authors' idempotency keys.
pub async fn list_duplicates(tx: &mut Tx, keys: &[(UserId, &ClientId)]) -> sqlx::Result<Vec<StoredMessage>> {
    let mut messages = Vec::new();
    for keys in chunks(keys) {
        let open = PAIRS.on(tx);
        let found: Vec<HashedRow> = build!(&mut *tx, tx, query => {
            query.push(select_message!(", e.body_hash", "where (e.author_id, e.client_id) in")).push(open);
            let mut tuples = query.separated(", ");
            for (author, client_id) in keys {
                tuples.push("(").push_bind_unseparated(*author).push_unseparated(", ")
                    .push_bind_unseparated(client_id.0.as_str()).push_unseparated(")");
            }
            query.push(")");
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        let (rows, hashes): (Vec<_>, Vec<_>) = found.into_iter().map(|hashed| (hashed.row, hashed.body_hash)).unzip();
        let stored = assemble(rows).zip(hashes).map(|(message, body_hash)| StoredMessage { message, body_hash });
        messages.extend(stored);
    }
    Ok(messages)
}

/// Stores new messages.
pub async fn create(tx: &mut Tx, messages: &[StoredMessage]) -> sqlx::Result<()> {
    for messages in chunks(messages) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("messages (room_id, seq, id, author_id, client_id, body, body_hash, html, sent_at, version) ");
            query.push_values(messages, |mut row, StoredMessage { message: m, body_hash }| {
                row.push_bind(m.room_id).push_bind(m.seq).push_bind(m.id).push_bind(m.author.id)
                    .push_bind(m.client_id.0.as_str()).push_bind(m.body.as_str()).push_bind(*body_hash)
                    .push_bind(m.html.as_str()).push_bind(m.sent_at).push_bind(m.version);
            });
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

pub async fn update(tx: &mut Tx, id: MessageId, body: &str, html: &str, at: Time) -> sqlx::Result<()> {
    const UPDATE: &str =
        "update messages set body = $2, html = $3, edited_at = $4, version = version + 1 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(body).bind(html).bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// The oldest messages of a room, compared with its retention.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct OldestMessages {
    /// The lowest `seq` among them that is not past the retention.
    pub first_kept: Option<i64>,
    /// The highest `seq` among them.
    pub last: i64,
    pub count: i64,
    /// The `seq` up to which messages were purged before.
    pub purged_seq: i64,
}

/// Compares a room's oldest messages, at most `limit`, with its retention; without a retention all are kept. `None` if it
/// has no messages.
pub async fn find_oldest(tx: &mut Tx, room: RoomId, now: Time, limit: i64) -> sqlx::Result<Option<OldestMessages>> {
    const FIND: &str = "select min(case when r.retention_days is null \
        or oldest.sent_at >= $2 - r.retention_days * 86400000 then oldest.seq end) as first_kept, \
        max(oldest.seq) as last, count(*) as count, h.purged_seq from (select room_id, seq, sent_at from messages \
        where room_id = $1 order by seq limit $3) oldest join rooms r on r.id = oldest.room_id \
        join stream_heads h on h.room_id = oldest.room_id group by h.purged_seq";
    on!(tx, tx => sqlx::query_as(FIND).bind(room).bind(now).bind(limit).fetch_optional(&mut **tx).await)
}

/// Purges the messages of a room below a seq; returns how many.
pub async fn purge(tx: &mut Tx, room: RoomId, before_seq: i64) -> sqlx::Result<i64> {
    const PURGE: &str = "delete from messages where room_id = $1 and seq < $2";
    let rows = on!(tx, tx => sqlx::query(PURGE).bind(room).bind(before_seq).execute(&mut **tx).await?.rows_affected());
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Stores the seq up to which a room's messages were purged: the lowest that may remain is the next one.
pub async fn set_purged_seq(tx: &mut Tx, room: RoomId, seq: i64) -> sqlx::Result<()> {
    const SET: &str = "update stream_heads set purged_seq = $2 where room_id = $1";
    on!(tx, tx => sqlx::query(SET).bind(room).bind(seq).execute(&mut **tx).await.map(|_| ()))
}

/// The seqs up to which the messages of these rooms were purged.
pub async fn list_purged_seqs(tx: &mut Tx, rooms: &[RoomId]) -> sqlx::Result<Vec<(RoomId, i64)>> {
    let mut seqs = Vec::with_capacity(rooms.len());
    for rooms in chunks(rooms) {
        let found: Vec<(RoomId, i64)> = build!(&mut *tx, tx, query => {
            query.push("select room_id, purged_seq from stream_heads where room_id in (");
            push_ids!(query, rooms);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        seqs.extend(found);
    }
    Ok(seqs)
}

/// A line of room activity.
pub struct Line {
    pub id: MessageId,
    pub room: RoomId,
    pub seq: i64,
    pub kind: MessageKind,
    pub actor: UserId,
    /// The user that it was done to.
    pub user: Option<UserId>,
    pub text: String,
    pub at: Time,
}

/// Stores lines of room activity.
pub async fn create_lines(tx: &mut Tx, lines: &[Line]) -> sqlx::Result<()> {
    for lines in chunks(lines) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("messages (room_id, seq, id, author_id, client_id, body, html, sent_at, version, kind, subject) ");
            query.push_values(lines, |mut row, line| {
                row.push_bind(line.room).push_bind(line.seq).push_bind(line.id).push_bind(line.actor)
                    .push_bind(line.id.to_string()).push_bind(line.text.as_str()).push_bind("").push_bind(line.at)
                    .push_bind(1_i64).push_bind(line.kind).push_bind(line.user);
            });
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Which line of room activity is looked for: one of the newest hundred messages, by the same actor.
pub struct LineKey {
    pub room: RoomId,
    pub head: i64,
    pub kind: MessageKind,
    pub actor: UserId,
    pub since: Time,
}

/// The newest such line.
pub async fn find_line(tx: &mut Tx, key: &LineKey) -> sqlx::Result<Option<MessageId>> {
    const FIND: &str = "select id from messages where room_id = $1 and seq > $2 and kind = $3 and author_id = $4 \
        and sent_at > $5 order by seq desc limit 1";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(key.room).bind(key.head - 100).bind(key.kind).bind(key.actor)
        .bind(key.since).fetch_optional(&mut **tx).await)
}

/// Replaces what a line of room activity says.
pub async fn update_line(tx: &mut Tx, id: MessageId, user: Option<UserId>, text: &str) -> sqlx::Result<()> {
    const UPDATE: &str = "update messages set subject = $2, body = $3, version = version + 1 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(user).bind(text).execute(&mut **tx).await.map(|_| ()))
}

/// Deletes the content of a message and keeps the row.
pub async fn delete(tx: &mut Tx, id: MessageId, at: Time) -> sqlx::Result<()> {
    const DELETE: &str =
        "update messages set body = '', html = '', deleted_at = $2, version = version + 1 where id = $1";
    on!(tx, tx => sqlx::query(DELETE).bind(id).bind(at).execute(&mut **tx).await.map(|_| ()))
}
