//! Who shares a room with whom. Direct and group rooms count: their members see each other.

use crate::store::{Db, PAIRS, Tx, build, chunks, members::push_pairs, on, push_ids};
use protocol::id::{RoomId, UserId};
use std::collections::HashSet;

/// Whether two users share a room.
pub async fn shares_room(db: &Db, one: UserId, other: UserId) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from members a join members b on b.room_id = a.room_id \
        where a.user_id = $1 and a.left_at is null and b.user_id = $2 and b.left_at is null limit 1";
    on!(db, pool => sqlx::query(FIND).bind(one).bind(other).fetch_optional(pool).await.map(|row| row.is_some()))
}

/// Query for those of some users who share a room with this user.
macro_rules! push_sharing {
    ($query:ident, $user:expr, $others:expr) => {
        $query
            .push("select distinct b.user_id from members a join members b on b.room_id = a.room_id where a.user_id = ")
            .push_bind($user)
            .push(" and a.left_at is null and b.left_at is null and b.user_id in (");
        push_ids!($query, $others);
    };
}

/// Those of these users who share a room with this user, and the user if listed.
pub async fn list_sharing(db: &Db, user: UserId, others: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let mut sharing = Vec::new();
    for others in chunks(others) {
        let found: Vec<UserId> = build!(db, pool, query => {
            push_sharing!(query, user, others);
        }, query.build_query_scalar().fetch_all(pool).await?);
        sharing.extend(found);
    }
    Ok(sharing)
}

pub async fn list_sharing_in(tx: &mut Tx, user: UserId, others: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let mut sharing = Vec::new();
    for others in chunks(others) {
        let found: Vec<UserId> = build!(&mut *tx, tx, query => {
            push_sharing!(query, user, others);
        }, query.build_query_scalar().fetch_all(&mut **tx).await?);
        sharing.extend(found);
    }
    Ok(sharing)
}

/// Those of these pairs of users who share a room.
pub async fn list_sharing_pairs(tx: &mut Tx, pairs: &[(UserId, UserId)]) -> sqlx::Result<HashSet<(UserId, UserId)>> {
    let mut sharing = HashSet::new();
    for pairs in chunks(pairs) {
        let open = PAIRS.on(tx);
        let found: Vec<(UserId, UserId)> = build!(&mut *tx, tx, query => {
            query.push(
                "select distinct a.user_id, b.user_id from members a join members b on b.room_id = a.room_id \
                 where a.left_at is null and b.left_at is null and (a.user_id, b.user_id) in",
            ).push(open);
            push_pairs!(query, pairs);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        sharing.extend(found);
    }
    Ok(sharing)
}

/// Those of these users who share a room other than this one with a user.
pub async fn list_sharing_outside(
    tx: &mut Tx,
    except: RoomId,
    user: UserId,
    others: &[UserId],
) -> sqlx::Result<Vec<UserId>> {
    let mut sharing = Vec::new();
    for others in chunks(others) {
        let found: Vec<UserId> = build!(&mut *tx, tx, query => {
            query
                .push("select distinct b.user_id from members a join members b on b.room_id = a.room_id \
                       where a.left_at is null and b.left_at is null and a.user_id = ")
                .push_bind(user)
                .push(" and a.room_id <> ")
                .push_bind(except)
                .push(" and b.user_id in (");
            push_ids!(query, others);
        }, query.build_query_scalar().fetch_all(&mut **tx).await?);
        sharing.extend(found);
    }
    Ok(sharing)
}

/// Guests who share a room with the user or once did, since their messages stay there under their name. With each,
/// whether both are in a room now; those come first.
pub async fn list_guests_with(tx: &mut Tx, user: UserId, limit: i64) -> sqlx::Result<Vec<(UserId, bool)>> {
    const LIST: &str = "select g.id, max(case when b.left_at is null then cast(1 as bigint) else 0 end) as near \
        from users g join members a on a.user_id = g.id and a.left_at is null \
        join members b on b.room_id = a.room_id and b.user_id = $1 \
        where g.role = 'guest' and g.id <> $1 and g.deactivated_at is null group by g.id order by near desc, g.id limit $2";
    let guests: Vec<(UserId, i64)> =
        on!(tx, tx => sqlx::query_as(LIST).bind(user).bind(limit).fetch_all(&mut **tx).await)?;
    Ok(guests.into_iter().map(|(guest, near)| (guest, near > 0)).collect())
}
