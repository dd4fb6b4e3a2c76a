//! A ledger that waits for a lock of its database, and a queue into which nothing fits any more.

use domain::Service;
use futures::{future::BoxFuture, poll};
use protocol::{
    Result,
    command::AddMembers,
    error::Code,
    id::{RoomId, UserId},
    port::prelude::*,
    session::Caller,
};
use sqlx::Transaction;
use sqlx_postgres::{PgPool, Postgres};
use sqlx_sqlite::{Sqlite, SqlitePool};
use std::{path::Path, task::Poll};

/// A lock for which the ledger waits.
pub enum LedgerLock {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl LedgerLock {
    /// Locks the database file of a data folder.
    pub async fn sqlite(data: &Path) -> Self {
        let url = format!("sqlite://{}", data.join("lair.db").display());
        let pool = SqlitePool::connect(&url).await.expect("the database");
        Self::Sqlite(pool.begin_with("begin immediate").await.expect("the lock"))
    }

    /// Locks the rooms of a database.
    pub async fn postgres(url: &str) -> Self {
        let mut tx = PgPool::connect(url).await.expect("the database").begin().await.expect("a transaction");
        sqlx::query("select 1 from stream_heads for update").execute(&mut *tx).await.expect("the lock");
        Self::Postgres(tx)
    }

    /// Releases the lock.
    pub async fn release(self) {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        }
        .expect("the lock was held");
    }
}

/// Commands that fill the queue of a ledger that waits. They change nothing: the first ones add users that do not exist,
/// which takes much space, and the last ones leave a room that does not exist, which takes as little as possible.
pub async fn fill<'a>(service: &'a Service, caller: &'a Caller, lobby: RoomId) -> Vec<BoxFuture<'a, ()>> {
    let unknown = || service.clock().id();
    let mut waiting = Vec::new();
    while enqueue(&mut waiting, || {
        let user_ids = (0..100).map(|_| UserId(unknown())).collect();
        service.add_members(caller, lobby, AddMembers { user_ids })
    })
    .await
    {}
    while enqueue(&mut waiting, || service.leave_room(caller, RoomId(unknown()))).await {}
    waiting
}

/// Queues one more command; false if it does not fit.
async fn enqueue<'a, T: 'a>(
    waiting: &mut Vec<BoxFuture<'a, ()>>,
    command: impl FnOnce() -> BoxFuture<'a, Result<T>>,
) -> bool {
    let mut command = command();
    match poll!(&mut command) {
        Poll::Pending => {
            waiting.push(Box::pin(async { drop(command.await) }));
            true
        }
        Poll::Ready(Err(error)) => {
            assert_eq!(error.code, Code::Busy);
            false
        }
        Poll::Ready(Ok(_)) => panic!("the ledger does not wait for the lock"),
    }
}
