//! The single row about this database.

use crate::store::{Backend, Db, Tx, on};
use protocol::{cursor::Cursor, id::RoomId};
use sqlx::FromRow;

#[derive(Clone, Copy, Debug, FromRow)]
pub struct ServiceRow {
    epoch: i64,
    pub position: i64,
    pub compacted: i64,
    pub lobby_id: RoomId,
}

impl ServiceRow {
    /// Cursor at the end of the stream.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.epoch(), position: self.position }
    }

    pub fn epoch(&self) -> u32 {
        // Stored from a u32 in `create`.
        u32::try_from(self.epoch).unwrap_or_default()
    }
}

const FIND: &str = "select epoch, position, compacted, lobby_id from service where id = 1";

pub async fn find(db: &Db) -> sqlx::Result<ServiceRow> {
    on!(db, pool => sqlx::query_as(FIND).fetch_one(pool).await)
}

pub async fn find_in(tx: &mut Tx) -> sqlx::Result<Option<ServiceRow>> {
    on!(tx, tx => sqlx::query_as(FIND).fetch_optional(&mut **tx).await)
}

/// What the data key sealed at first start.
pub async fn find_data_key_check(tx: &mut Tx) -> sqlx::Result<Option<Vec<u8>>> {
    const FIND: &str = "select data_key_check from service where id = 1";
    on!(tx, tx => sqlx::query_scalar(FIND).fetch_one(&mut **tx).await)
}

pub async fn set_data_key_check(tx: &mut Tx, sealed: &[u8]) -> sqlx::Result<()> {
    const SET: &str = "update service set data_key_check = $1 where id = 1";
    on!(tx, tx => sqlx::query(SET).bind(sealed).execute(&mut **tx).await.map(|_| ()))
}

pub async fn create(tx: &mut Tx, epoch: u32, lobby: RoomId) -> sqlx::Result<()> {
    on!(tx, tx => sqlx::query("insert into service (id, epoch, position, compacted, lobby_id) values (1, $1, 0, 0, $2)")
        .bind(i64::from(epoch)).bind(lobby).execute(&mut **tx).await.map(|_| ()))
}

/// Reserves the next `count` positions; returns the last one. The row stays locked until the commit.
pub async fn advance(tx: &mut Tx, count: i64) -> sqlx::Result<i64> {
    const ADVANCE: &str = "update service set position = position + $1 where id = 1 returning position";
    on!(tx, tx => sqlx::query_scalar(ADVANCE).bind(count).fetch_one(&mut **tx).await)
}

/// Writes without changing anything.
pub async fn touch(tx: &mut Tx) -> sqlx::Result<()> {
    if let Backend::Postgres(tx) = tx {
        const TOUCH: &str = "select pg_logical_emit_message(true, 'lair', '')::text";
        return sqlx::query(TOUCH).execute(&mut **tx).await.map(|_| ());
    }
    advance(tx, 1).await?;
    advance(tx, -1).await.map(|_| ())
}

/// Lets only one of several nodes that start together initialise an empty database.
pub async fn lock_start(tx: &mut Tx) -> sqlx::Result<()> {
    match tx {
        Backend::Sqlite(_) => Ok(()),
        Backend::Postgres(tx) => {
            sqlx::query("lock table service in exclusive mode").execute(&mut **tx).await.map(|_| ())
        }
    }
}
