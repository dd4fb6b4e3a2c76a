//! The public rooms that new users join besides the Lobby.

use crate::store::{Db, INSERT, Tx, build, chunks, on};
use protocol::{id::RoomId, room::Visibility};

/// Those that users can join now, in order: public and not archived.
const LIST: &str = "select d.room_id from default_rooms d join rooms r on r.id = d.room_id \
    where r.visibility = $1 and r.archived = $2 order by d.position";

pub async fn list(db: &Db) -> sqlx::Result<Vec<RoomId>> {
    on!(db, pool => sqlx::query_scalar(LIST).bind(Visibility::Public).bind(false).fetch_all(pool).await)
}

pub async fn list_in(tx: &mut Tx) -> sqlx::Result<Vec<RoomId>> {
    on!(tx, tx => sqlx::query_scalar(LIST).bind(Visibility::Public).bind(false).fetch_all(&mut **tx).await)
}

/// Replaces the list.
pub async fn replace(tx: &mut Tx, rooms: &[RoomId]) -> sqlx::Result<()> {
    on!(&mut *tx, tx => sqlx::query("delete from default_rooms").execute(&mut **tx).await.map(|_| ()))?;
    let places: Vec<(i64, RoomId)> = (0..).zip(rooms.iter().copied()).collect();
    for places in chunks(&places) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("default_rooms (position, room_id) ");
            query.push_values(places, |mut row, (position, room)| {
                row.push_bind(*position).push_bind(*room);
            });
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}
