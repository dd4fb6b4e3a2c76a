//! What a user sees, read by one statement: a single statement sees one state of the database, and returns one row.

use crate::store::{
    Db, Sql, json, on,
    rooms::{RoomRow, read_seq, room_joins, settings_columns, uncounted_columns},
    service::ServiceRow,
    users::UserRow,
};
use protocol::id::UserId;
use sqlx::FromRow;

/// A user, their rooms by name, whom they block, and the position of this state in the stream.
pub struct SnapshotRows {
    pub me: UserRow,
    pub service: ServiceRow,
    pub rooms: Vec<RoomRow>,
    pub blocked: Vec<UserId>,
}

#[derive(FromRow)]
struct SnapshotRow {
    #[sqlx(flatten)]
    me: UserRow,
    #[sqlx(flatten)]
    service: ServiceRow,
    rooms: String,
    blocked: String,
}

/// `$1` is the user. The rooms start from their memberships.
macro_rules! select_snapshot {
    ($array:literal, $rooms:literal, $end:literal, $blocked:literal) => {
        concat!(
            "select users.id, username, display_name, avatar, email, role, status_emoji, status_text, status_expires_at, \
             time_zone, settings, created_at, deactivated_at, (select count(*) from (select 1 from notifications \
             where user_id = users.id and read_at is null limit 100) as unread) as unread_notifications, \
             s.epoch, s.position, s.compacted, s.lobby_id, (select ",
            $rooms,
            $array,
            settings_columns!(),
            "), r.member_count, r.archived, r.id = s.lobby_id, r.created_at, h.head, m.role, m.joined_at, m.notifications, \
             m.favorite, m.muted_until, m.position, m.hidden_seq, ",
            read_seq!(),
            ", ",
            uncounted_columns!("", ""),
            ", mute.reason, mute.until, ",
            $end,
            " from members m join rooms r on r.id = m.room_id ",
            room_joins!(),
            "where m.user_id = $1 and m.left_at is null) as rooms, (select ",
            $blocked,
            " from blocks where user_id = $1) as blocked \
             from users join service s on s.id = 1 where users.id = $1"
        )
    };
}

const FIND: Sql = Sql {
    sqlite: select_snapshot!(
        "json_array(",
        "json_group_array(json_array(hex(r.id), r.name, r.kind, r.visibility, r.topic, r.description, ",
        "case when r.member_key is null then json('[]') else json((select json_group_array(json_array(hex(u.id), \
         u.username, u.display_name, u.avatar) order by u.id) from members o join users u on u.id = o.user_id \
         where o.room_id = r.id)) end) order by r.name_key, r.id)",
        "json_group_array(hex(blocked_id) order by blocked_id)"
    ),
    postgres: select_snapshot!(
        "json_build_array(",
        "coalesce(json_agg(json_build_array(r.id, r.name, r.kind, r.visibility, r.topic, r.description, ",
        "case when r.member_key is null then '[]'::json else (select json_agg(json_build_array(u.id, u.username, \
         u.display_name, u.avatar) order by u.id) from members o join users u on u.id = o.user_id \
         where o.room_id = r.id) end) order by r.name_key, r.id), '[]')::text",
        "coalesce(json_agg(blocked_id order by blocked_id), '[]')::text"
    ),
};

/// Everything that a user sees; `None` if there is no such user.
pub async fn find(db: &Db, user: UserId) -> sqlx::Result<Option<SnapshotRows>> {
    let find = FIND.on(db);
    let row: Option<SnapshotRow> = on!(db, pool => sqlx::query_as(find).bind(user).fetch_optional(pool).await)?;
    let Some(SnapshotRow { me, service, rooms, blocked }) = row else { return Ok(None) };
    Ok(Some(SnapshotRows { me, service, rooms: json::rows(&rooms)?, blocked: json::rows(&blocked)? }))
}
