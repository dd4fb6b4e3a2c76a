//! Messages.

use crate::store::{Db, INSERT, PAIRS, Tx, build, chunks, on, push_ids, users::AuthorRow};
use protocol::{
    id::{ClientId, MessageId, RoomId, UserId},
    message::{Message, Thread},
    time::Time,
};
use sqlx::FromRow;

#[derive(FromRow)]
struct MessageRow {
    id: MessageId,
    room_id: RoomId,
    seq: i64,
    #[sqlx(flatten)]
    author: AuthorRow,
    client_id: ClientId,
    body: String,
    html: String,
    sent_at: Time,
    edited_at: Option<Time>,
    deleted_at: Option<Time>,
    version: i64,
}

/// Assembles the messages of these rows, in their order. All messages that are read go through it.
fn assemble(rows: impl IntoIterator<Item = MessageRow>) -> impl Iterator<Item = Message> {
    rows.into_iter().map(|row| Message {
        id: row.id,
        room_id: row.room_id,
        seq: row.seq,
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
             e.html, e.sent_at, e.edited_at, e.deleted_at, e.version",
            $more,
            " from messages e join users u on u.id = e.author_id ",
            $rest
        )
    };
}

/// A message in a room that the user is a member of.
const FIND_VISIBLE: &str =
    select_message!("join members m on m.room_id = e.room_id and m.user_id = $2 and m.left_at is null where e.id = $1");

pub async fn find(db: &Db, id: MessageId, reader: UserId) -> sqlx::Result<Option<Message>> {
    let row = on!(db, pool => sqlx::query_as(FIND_VISIBLE).bind(id).bind(reader).fetch_optional(pool).await)?;
    Ok(assemble(row).next())
}

pub async fn find_in(tx: &mut Tx, id: MessageId, reader: UserId) -> sqlx::Result<Option<Message>> {
    let row = on!(tx, tx => sqlx::query_as(FIND_VISIBLE).bind(id).bind(reader).fetch_optional(&mut **tx).await)?;
    Ok(assemble(row).next())
}

/// The seq of a message in a room.
pub async fn find_seq(db: &Db, room: RoomId, id: MessageId) -> sqlx::Result<Option<i64>> {
    const FIND: &str = "select seq from messages where id = $1 and room_id = $2";
    on!(db, pool => sqlx::query_scalar(FIND).bind(id).bind(room).fetch_optional(pool).await)
}

/// Up to `limit` messages before a seq, newest first.
pub async fn list_before(db: &Db, room: RoomId, seq: i64, limit: i64) -> sqlx::Result<Vec<Message>> {
    const LIST: &str = select_message!("where e.room_id = $1 and e.seq < $2 order by e.seq desc limit $3");
    let rows: Vec<MessageRow> =
        on!(db, pool => sqlx::query_as(LIST).bind(room).bind(seq).bind(limit).fetch_all(pool).await)?;
    Ok(assemble(rows).collect())
}

/// Up to `limit` messages after a seq, oldest first.
pub async fn list_after(db: &Db, room: RoomId, seq: i64, limit: i64) -> sqlx::Result<Vec<Message>> {
    const LIST: &str = select_message!("where e.room_id = $1 and e.seq > $2 order by e.seq limit $3");
    let rows: Vec<MessageRow> =
        on!(db, pool => sqlx::query_as(LIST).bind(room).bind(seq).bind(limit).fetch_all(pool).await)?;
    Ok(assemble(rows).collect())
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

/// Deletes the content of a message and keeps the row.
pub async fn delete(tx: &mut Tx, id: MessageId, at: Time) -> sqlx::Result<()> {
    const DELETE: &str =
        "update messages set body = '', html = '', deleted_at = $2, version = version + 1 where id = $1";
    on!(tx, tx => sqlx::query(DELETE).bind(id).bind(at).execute(&mut **tx).await.map(|_| ()))
}
