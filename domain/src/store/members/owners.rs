//! Who owns a room, and who could.

use crate::store::{Tx, members::MemberRow, on};
use protocol::id::{RoomId, UserId};

/// Condition for a member (`a`, whose user is `u`) who can own a room: neither a guest nor a deactivated user.
macro_rules! can_own {
    () => {
        "a.left_at is null and u.deactivated_at is null and u.role <> 'guest'"
    };
}

/// Whether a room has an active owner other than this user.
pub async fn has_other_owner(tx: &mut Tx, room: RoomId, user: Option<UserId>) -> sqlx::Result<bool> {
    const FIND: &str = concat!(
        "select exists (select 1 from members a join users u on u.id = a.user_id where a.room_id = $1 \
         and a.role = 'owner' and a.user_id <> $2 and ",
        can_own!(),
        ")"
    );
    let user = user.map_or_else(uuid::Uuid::nil, |user| user.0);
    on!(tx, tx => sqlx::query_scalar(FIND).bind(room).bind(user).fetch_one(&mut **tx).await)
}

/// Whether a room has a member other than this user who could own it.
pub async fn has_other_candidate(tx: &mut Tx, room: RoomId, user: UserId) -> sqlx::Result<bool> {
    const FIND: &str = concat!(
        "select exists (select 1 from members a join users u on u.id = a.user_id where a.room_id = $1 \
         and a.user_id <> $2 and ",
        can_own!(),
        ")"
    );
    on!(tx, tx => sqlx::query_scalar(FIND).bind(room).bind(user).fetch_one(&mut **tx).await)
}

/// The next owner of a room that has none: moderators first, then the longest-standing member. `None` if nobody can be.
pub async fn find_next_owner(tx: &mut Tx, room: RoomId) -> sqlx::Result<Option<MemberRow>> {
    const FIND: &str = select_member!(
        "where m.room_id = $1 and m.left_at is null and u.deactivated_at is null and u.role <> 'guest' \
         order by case m.role when 'moderator' then 0 when 'member' then 1 else 2 end, m.joined_at, m.user_id limit 1"
    );
    on!(tx, tx => sqlx::query_as(FIND).bind(room).fetch_optional(&mut **tx).await)
}

/// Whether a room has a member whose account is active.
pub async fn has_active_member(tx: &mut Tx, room: RoomId) -> sqlx::Result<bool> {
    const FIND: &str = "select exists (select 1 from members a join users u on u.id = a.user_id where a.room_id = $1 \
        and a.left_at is null and u.deactivated_at is null)";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(room).fetch_one(&mut **tx).await)
}

/// The user's rooms, except one, that have no active owner but an active member: those with a member who could become
/// owner, and those that are not archived yet.
pub async fn list_ownerless_rooms(
    tx: &mut Tx,
    user: UserId,
    except: RoomId,
    limit: usize,
) -> sqlx::Result<Vec<RoomId>> {
    const LIST: &str = concat!(
        "select m.room_id from members m join rooms r on r.id = m.room_id \
         where m.user_id = $1 and m.left_at is null and m.room_id <> $2 and r.member_key is null \
         and exists (select 1 from members a join users u on u.id = a.user_id where a.room_id = m.room_id \
         and a.left_at is null and u.deactivated_at is null and (u.role <> 'guest' or not r.archived)) \
         and not exists (select 1 from members a join users u on u.id = a.user_id where a.room_id = m.room_id \
         and a.role = 'owner' and ",
        can_own!(),
        ") order by m.room_id limit $3"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).bind(except).bind(limit).fetch_all(&mut **tx).await)
}
