//! What messages are checked against: one statement for all of a batch.

use crate::store::{
    PAIRS, Sql, Tx, build, chunks,
    direct_rooms::{SendRefusal, send_refusal},
    json,
    users::AuthorRow,
};
use protocol::{
    id::{RoomId, UserId},
    room::{RoomKind, RoomRole, Visibility},
    time::Time,
    user::{Author, Role},
};
use serde::Deserialize;

/// What a message of a member is checked against, and the author as shown.
pub struct SenderMembership {
    pub room: RoomId,
    pub head: i64,
    pub author: Author,
    /// The author's role in the service, and in the room.
    pub roles: (Role, RoomRole),
    pub kind: RoomKind,
    pub visibility: Visibility,
    pub archived: bool,
    pub slow_mode_seconds: i64,
    /// JSON.
    pub permissions: Option<String>,
    /// When the author last sent a message; only in rooms with slow mode.
    pub last_sent_at: Option<Time>,
    /// The end of the author's mute; `None` if there is no mute.
    pub muted_until: Option<Time>,
    /// When the room was last noted to be active.
    pub active_at: Time,
    /// Why the author cannot send messages in this direct room.
    pub refusal: Option<SendRefusal>,
}

/// A row of [`list_sender_memberships`].
#[derive(Deserialize)]
struct SenderRow {
    room: RoomId,
    head: i64,
    author: AuthorRow,
    roles: (Role, RoomRole),
    room_type: (RoomKind, Visibility),
    #[serde(deserialize_with = "json::boolean")]
    archived: bool,
    slow_mode_seconds: i64,
    permissions: Option<String>,
    #[serde(deserialize_with = "json::optional_time")]
    last_sent_at: Option<Time>,
    #[serde(deserialize_with = "json::optional_time")]
    muted_until: Option<Time>,
    #[serde(deserialize_with = "json::time")]
    active_at: Time,
    refusal: Option<SendRefusal>,
}

/// Memberships of these pairs of room and user. Returned in one row, because each row from SQLite wakes the waiting
/// task.
pub async fn list_sender_memberships(tx: &mut Tx, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<SenderMembership>> {
    // A mute without an end ends at the last time there is.
    const LIST: Sql = Sql {
        sqlite: concat!(
            "select json_group_array(json_array(hex(m.room_id), h.head, \
            json_array(hex(m.user_id), u.username, u.display_name, u.avatar), json_array(u.role, m.role), \
            json_array(r.kind, r.visibility), r.archived, r.slow_mode_seconds, r.permissions, m.last_sent_at, \
            case when x.user_id is not null then coalesce(x.until, 9223372036854775807) end, r.active_at, ",
            send_refusal!(),
            "))"
        ),
        postgres: concat!(
            "select coalesce(json_agg(json_build_array(m.room_id, h.head, \
            json_build_array(m.user_id, u.username, u.display_name, u.avatar), json_build_array(u.role, m.role), \
            json_build_array(r.kind, r.visibility), r.archived, r.slow_mode_seconds, r.permissions, m.last_sent_at, \
            case when x.user_id is not null then coalesce(x.until, 9223372036854775807) end, r.active_at, ",
            send_refusal!(),
            ")), '[]')::text"
        ),
    };
    const FROM: &str = " from members m join stream_heads h on h.room_id = m.room_id join users u on u.id = m.user_id \
        join rooms r on r.id = m.room_id \
        left join room_restrictions x on x.room_id = m.room_id and x.kind = 'mute' and x.user_id = m.user_id \
        where m.left_at is null and (m.room_id, m.user_id) in";
    let (list, open) = (LIST.on(tx), PAIRS.on(tx));
    let mut memberships = Vec::with_capacity(pairs.len());
    for pairs in chunks(pairs) {
        let found: String = build!(&mut *tx, tx, query => {
            query.push(list).push(FROM).push(open);
            push_pairs!(query, pairs);
        }, query.build_query_scalar().fetch_one(&mut **tx).await?);
        memberships.extend(json::rows::<SenderRow>(&found)?.into_iter().map(|row| SenderMembership {
            room: row.room,
            head: row.head,
            author: row.author.author(),
            roles: row.roles,
            kind: row.room_type.0,
            visibility: row.room_type.1,
            archived: row.archived,
            slow_mode_seconds: row.slow_mode_seconds,
            permissions: row.permissions,
            last_sent_at: row.last_sent_at,
            muted_until: row.muted_until,
            active_at: row.active_at,
            refusal: row.refusal,
        }));
    }
    Ok(memberships)
}

/// Records when these members sent their last message; the pairs are distinct.
pub async fn set_last_sent(tx: &mut Tx, pairs: &[(RoomId, UserId)], at: Time) -> sqlx::Result<()> {
    for pairs in chunks(pairs) {
        let open = PAIRS.on(tx);
        build!(&mut *tx, tx, query => {
            query.push("update members set last_sent_at = ").push_bind(at).push(" where (room_id, user_id) in").push(open);
            push_pairs!(query, pairs);
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}
