//! What members set for their own view of a room.

use crate::store::{Tx, build, chunks, on, push_ids};
use protocol::{
    id::{RoomId, UserId},
    room::NotificationLevel,
    time::Time,
};

pub async fn set_favorite(tx: &mut Tx, room: RoomId, user: UserId, favorite: bool) -> sqlx::Result<()> {
    const SET: &str = "update members set favorite = $3 where room_id = $1 and user_id = $2";
    on!(tx, tx => sqlx::query(SET).bind(room).bind(user).bind(favorite).execute(&mut **tx).await.map(|_| ()))
}

pub async fn set_notifications(
    tx: &mut Tx,
    room: RoomId,
    user: UserId,
    level: NotificationLevel,
    muted_until: Option<Time>,
) -> sqlx::Result<()> {
    const SET: &str = "update members set notifications = $3, muted_until = $4 where room_id = $1 and user_id = $2";
    on!(tx, tx => sqlx::query(SET).bind(room).bind(user).bind(level).bind(muted_until)
        .execute(&mut **tx).await.map(|_| ()))
}

/// Sets the places of a user's rooms: these in order, no others. Returns how many of them the user is a member of.
pub async fn set_order(tx: &mut Tx, user: UserId, rooms: &[RoomId]) -> sqlx::Result<u64> {
    const CLEAR: &str =
        "update members set position = null where user_id = $1 and left_at is null and position is not null";
    on!(&mut *tx, tx => sqlx::query(CLEAR).bind(user).execute(&mut **tx).await.map(|_| ()))?;
    let places: Vec<(i64, RoomId)> = (0..).zip(rooms.iter().copied()).collect();
    let mut found = 0;
    for places in chunks(&places) {
        found += build!(&mut *tx, tx, query => {
            query.push("update members set position = case room_id");
            for (position, room) in places {
                query.push(" when ").push_bind(*room).push(" then ").push_bind(*position);
            }
            query.push(" end where left_at is null and user_id = ").push_bind(user).push(" and room_id in (");
            push_ids!(query, places.iter().map(|(_, room)| room));
        }, query.build().execute(&mut **tx).await?.rows_affected());
    }
    Ok(found)
}

/// The places that these users gave their rooms, in order.
pub async fn list_orders(tx: &mut Tx, users: &[UserId]) -> sqlx::Result<Vec<(UserId, RoomId, i64)>> {
    let mut places = Vec::new();
    for users in chunks(users) {
        let found: Vec<(UserId, RoomId, i64)> = build!(&mut *tx, tx, query => {
            query.push("select user_id, room_id, position from members \
                        where left_at is null and position is not null and user_id in (");
            push_ids!(query, users);
            query.push(" order by user_id, position");
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        places.extend(found);
    }
    Ok(places)
}
