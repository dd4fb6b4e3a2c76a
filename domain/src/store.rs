//! The memory: one set of statements for SQLite and PostgreSQL. The word for each database stays in here.

pub mod access_tokens;
pub mod account_invitations;
pub mod accounts;
pub mod avatars;
pub mod blocks;
pub mod config;
pub mod credentials;
mod errors;
pub mod events;
pub mod export;
pub mod known_devices;
pub mod members;
pub mod messages;
mod migrations;
pub mod name_keys;
pub mod notifications;
pub mod one_time_links;
pub mod presence;
pub mod room_invitations;
pub mod rooms;
pub mod search_words;
pub mod second_factors;
pub mod service;
pub mod sessions;
pub mod users;

pub use crate::store::errors::{ends_transaction, is_disk_full, is_transient, is_unavailable, is_unique_violation};

use crate::{StartError, files};
use sqlx::{Connection, Transaction, migrate::Migrate};
use sqlx_postgres::{PgPool, PgPoolOptions, Postgres};
use sqlx_sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// One of the two databases.
#[derive(Clone, Debug)]
pub enum Backend<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// A pool to read from, or to begin a transaction on.
pub type Db = Backend<SqlitePool, PgPool>;
/// A transaction.
pub type Tx = Backend<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

/// Runs one query text on whichever database this is.
macro_rules! on {
    ($db:expr, $on:ident => $query:expr) => {
        match $db {
            $crate::store::Backend::Sqlite($on) => $query,
            $crate::store::Backend::Postgres($on) => $query,
        }
    };
}
pub(crate) use on;

/// Builds and runs a query whose text depends on how many things it is about.
macro_rules! build {
    ($db:expr, $on:ident, $builder:ident => $build:expr, $run:expr) => {
        match $db {
            $crate::store::Backend::Sqlite($on) => {
                let mut $builder = sqlx::QueryBuilder::<sqlx_sqlite::Sqlite>::new("");
                $build;
                $run
            }
            $crate::store::Backend::Postgres($on) => {
                let mut $builder = sqlx::QueryBuilder::<sqlx_postgres::Postgres>::new("");
                $build;
                $run
            }
        }
    };
}
pub(crate) use build;

/// Closes a list of ids to compare with.
macro_rules! push_ids {
    ($query:ident, $ids:expr) => {
        let mut list = $query.separated(", ");
        for id in $ids {
            list.push_bind(*id);
        }
        $query.push(")");
    };
}
pub(crate) use push_ids;

/// How many things one statement is about: sizes of which few make up any number, so that each statement is prepared once.
const CHUNKS: [usize; 10] = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1];

/// Splits things into as few chunks as there are prepared statements for.
pub fn chunks<T>(mut items: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= items.len())?;
        let (chunk, rest) = items.split_at(size);
        items = rest;
        Some(chunk)
    })
}

/// A statement that the databases spell differently.
#[derive(Clone, Copy)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl Sql {
    pub fn on<S, P>(self, db: &Backend<S, P>) -> &'static str {
        match db {
            Backend::Sqlite(_) => self.sqlite,
            Backend::Postgres(_) => self.postgres,
        }
    }
}

/// Begins an insert of many rows. SQLite would copy every page it changes so that it could undo the statement alone; what
/// breaks here is undone with its transaction or savepoint.
pub const INSERT: Sql = Sql { sqlite: "insert or fail into ", postgres: "insert into " };
/// Opens a list of tuples to compare with.
pub const PAIRS: Sql = Sql { sqlite: " (values ", postgres: " (" };

/// The open database: a pool of readers, and where the ledger writes.
#[derive(Clone, Debug)]
pub struct Store {
    pub read: Db,
    pub write: Db,
    /// The file of SQLite.
    pub file: Option<PathBuf>,
}

/// Connections for readers: pages and history are short reads, and SQLite's readers never wait for the writer.
const READERS: u32 = 8;
/// A statement that finds the database locked by another process waits this long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a PostgreSQL that does not answer is waited for.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was not used for this long is tested before it is.
const PING_AFTER: Duration = Duration::from_secs(1);

/// How often a start on a full disk looks whether there is space.
const DISK_FULL_RETRY: Duration = Duration::from_secs(1);

/// SQLite's page cache of each connection, in KiB as SQLite wants it: negative. Taken only as it is used.
const CACHE: &str = "-16384";
/// Pages in the log before SQLite copies them into the database: rarer copies write a page once that changed often.
const CHECKPOINT: &str = "16000";

impl Store {
    /// Opens the database and brings it up to date.
    pub async fn open(data: &Path, url: Option<&str>) -> Result<Self, StartError> {
        match url {
            None => Self::sqlite(data, &format!("sqlite://{}", data.join("lair.db").display())).await,
            Some(url) if url.starts_with("sqlite:") => Self::sqlite(data, url).await,
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => Self::postgres(url).await,
            Some(_) => Err(StartError("database-url: expected a URL that begins with sqlite: or postgres:".into())),
        }
    }

    async fn sqlite(data: &Path, url: &str) -> Result<Self, StartError> {
        let failed = |e: sqlx::Error| StartError(format!("cannot open the database {url}: {e}"));
        let options = SqliteConnectOptions::from_str(url)
            .map_err(failed)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("temp_store", "memory")
            .pragma("cache_size", CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT);
        let file = options.get_filename().to_owned();
        files::restrict_database_files(&file);
        // Nothing comes between us and a file: its connections are not tested before each use.
        let pool = || {
            let options = SqlitePoolOptions::new().test_before_acquire(false);
            options.after_release(|connection, _| Box::pin(is_reusable(connection)))
        };
        let one = pool().max_connections(1).idle_timeout(None).max_lifetime(None);
        let write = connect(&one, &options).await.map_err(failed)?;
        // A file that is gone is not made anew, and empty, in the place of one that is still read.
        write.set_connect_options(options.clone().create_if_missing(false));
        backup_before_migrating(data, &write).await?;
        migrations::SQLITE
            .run(&write)
            .await
            .map_err(|e| StartError(format!("cannot update the database {url}: {e}")))?;
        let readers = pool().max_connections(READERS).min_connections(1);
        let read = readers.connect_with(options.create_if_missing(false).read_only(true)).await.map_err(failed)?;
        Ok(Self { read: Backend::Sqlite(read), write: Backend::Sqlite(write), file: Some(file) })
    }

    async fn postgres(url: &str) -> Result<Self, StartError> {
        // The URL may hold a password: it is never shown.
        let failed = |e| StartError(format!("cannot reach the PostgreSQL database of database-url: {e}"));
        // A database that starts along with us is waited for; once we run, who asks is not kept waiting.
        let first = PgPoolOptions::new().max_connections(1).connect(url).await.map_err(failed)?;
        migrations::POSTGRES
            .run(&first)
            .await
            .map_err(|e| StartError(format!("cannot update the PostgreSQL database: {e}")))?;
        first.close().await;
        let write = pg_pool(2).connect(url).await.map_err(failed)?;
        let read = pg_pool(READERS * 2).connect(url).await.map_err(failed)?;
        Ok(Self { read: Backend::Postgres(read), write: Backend::Postgres(write), file: None })
    }

    /// Begins to write. On SQLite the lock is taken at once, so that nothing read can change before the commit.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match &self.write {
            Backend::Sqlite(pool) => Backend::Sqlite(pool.begin_with("begin immediate").await?),
            Backend::Postgres(pool) => Backend::Postgres(pool.begin().await?),
        })
    }

    /// Begins to read several things as they were at one moment. Only in a task of its own: dropping the future while the
    /// transaction begins would leave it open.
    pub async fn begin_read(&self) -> sqlx::Result<Tx> {
        Ok(match &self.read {
            Backend::Sqlite(pool) => Backend::Sqlite(pool.begin().await?),
            Backend::Postgres(pool) => {
                Backend::Postgres(pool.begin_with("begin isolation level repeatable read read only").await?)
            }
        })
    }

    /// Throws SQLite's writing connection away, in whose transaction something broke; the next write opens another.
    pub async fn replace_writer(&self) {
        if let Backend::Sqlite(pool) = &self.write
            && let Ok(connection) = pool.acquire().await
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a broken connection was not closed cleanly");
        }
    }

    /// Brings everything into SQLite's one file, so that whoever copies that file has it all.
    pub async fn checkpoint(&self) {
        let Backend::Sqlite(pool) = &self.write else { return };
        if let Err(error) = sqlx::query("pragma optimize").execute(pool).await {
            tracing::debug!(%error, "cannot run pragma optimize; the next checkpoint does it");
        }
        if let Err(error) = sqlx::query("pragma wal_checkpoint(truncate)").execute(pool).await {
            tracing::warn!(%error, "cannot checkpoint the WAL; the next start does it");
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        on!(&self.read, pool => pool.close().await);
        on!(&self.write, pool => pool.close().await);
    }
}

/// Opens the writer's pool; where the disk is full, once there is space.
async fn connect(pool: &SqlitePoolOptions, options: &SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if is_disk_full(&error) => {
                tracing::error!(%error, "the disk is full: waiting for space");
                tokio::time::sleep(DISK_FULL_RETRY).await;
            }
            opened => return opened,
        }
    }
}

/// Whether a connection that is put back can be used again. Where SQLite cannot write it ends the transaction by itself;
/// sqlx then cannot, and would take it to be open for ever.
async fn is_reusable(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // One that was dropped is still being rolled back.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// A pool that gives up soon, so that callers are told to come back. sqlx tests each connection when it is put back, and
/// drops a broken one; testing it again when it is taken costs every read a round trip, so that is left to those that
/// rested long enough for the server to have restarted.
fn pg_pool(size: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > PING_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// Keeps a copy of a database that an update is about to change.
async fn backup_before_migrating(data: &Path, pool: &SqlitePool) -> Result<(), StartError> {
    let failed = |e: &dyn std::fmt::Display| StartError(format!("cannot back up the database before updating it: {e}"));
    let mut connection = pool.acquire().await.map_err(|e| failed(&e))?;
    let table = &migrations::SQLITE.table_name;
    connection.ensure_migrations_table(table).await.map_err(|e| failed(&e))?;
    let applied = connection.list_applied_migrations(table).await.map_err(|e| failed(&e))?;
    let Some(last) = applied.iter().map(|m| m.version).max() else { return Ok(()) };
    if migrations::SQLITE.iter().all(|m| m.version <= last) {
        return Ok(());
    }
    let copy = data.join(format!("lair.before-{last:04}.db"));
    if !copy.exists() {
        let target = copy.display().to_string();
        sqlx::query("vacuum into $1").bind(target).execute(&mut *connection).await.map_err(|e| failed(&e))?;
        tracing::info!(copy = %copy.display(), "backed up the database before updating it");
    }
    Ok(())
}

impl Tx {
    /// Makes everything durable.
    pub async fn commit(self) -> sqlx::Result<()> {
        on!(self, tx => tx.commit().await)
    }

    /// Runs a statement without arguments.
    pub async fn execute(&mut self, sql: &'static str) -> sqlx::Result<()> {
        on!(self, tx => sqlx::query(sql).execute(&mut **tx).await.map(|_| ()))
    }
}

/// Whether a text can be in the database at all: PostgreSQL keeps no NUL, so a question with one in it has its answer.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}
