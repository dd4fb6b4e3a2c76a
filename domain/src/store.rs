//! Storage: one set of statements for SQLite and PostgreSQL. No code outside this module knows which database is used.

pub mod access_tokens;
pub mod account_invitations;
pub mod accounts;
pub mod avatars;
pub mod blocks;
pub mod config;
pub mod credentials;
pub mod damage;
pub mod default_rooms;
pub mod direct_rooms;
mod errors;
pub mod events;
pub mod export;
pub mod followers;
mod json;
pub mod known_devices;
pub mod members;
pub mod messages;
mod migrations;
pub mod name_keys;
pub mod notifications;
pub mod one_time_links;
pub mod presence;
pub mod read_markers;
pub mod room_invitations;
pub mod room_preferences;
pub mod room_restrictions;
pub mod room_search;
pub mod rooms;
pub mod search_words;
pub mod second_factors;
pub mod service;
pub mod sessions;
pub mod shared_rooms;
pub mod snapshot;
pub mod users;

pub use crate::store::errors::{ends_transaction, is_disk_full, is_transient, is_unavailable, is_unique_violation};

use crate::{StartError, files};
use sqlx::{Connection, Transaction, migrate::Migrate};
use sqlx_postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx_sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// A value for one of the two databases.
#[derive(Clone, Debug)]
pub enum Backend<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// A pool for reads, or to begin a transaction on.
pub type Db = Backend<SqlitePool, PgPool>;
/// A transaction.
pub type Tx = Backend<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

/// Runs the same SQL text on either database.
macro_rules! on {
    ($db:expr, $on:ident => $query:expr) => {
        match $db {
            $crate::store::Backend::Sqlite($on) => $query,
            $crate::store::Backend::Postgres($on) => $query,
        }
    };
}
pub(crate) use on;

/// Builds and runs a query whose text depends on the number of items.
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

/// Appends a list of ids to compare with.
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

/// Items per statement: a few sizes that add up to any number, so that each statement is prepared once.
const CHUNKS: [usize; 10] = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1];

/// Splits items into as few chunks of these sizes as possible.
pub fn chunks<T>(mut items: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= items.len())?;
        let (chunk, rest) = items.split_at(size);
        items = rest;
        Some(chunk)
    })
}

/// SQL text that differs between the databases.
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

/// Begins a multi-row insert. Plain `insert` makes SQLite copy every page it changes in order to undo the statement
/// alone; a failed insert is rolled back with its transaction or savepoint instead.
pub const INSERT: Sql = Sql { sqlite: "insert or fail into ", postgres: "insert into " };
/// Opens a list of tuples to compare with.
pub const PAIRS: Sql = Sql { sqlite: " (values ", postgres: " (" };

/// The open database: a pool of readers, and the writer of the ledger.
#[derive(Clone, Debug)]
pub struct Store {
    pub read: Db,
    pub write: Db,
    /// The SQLite file.
    pub file: Option<PathBuf>,
    /// Whether the last server on the SQLite file was killed or lost power.
    pub was_interrupted: bool,
}

/// Connections for readers: reads are short, and SQLite's readers never wait for the writer.
const READERS: u32 = 8;
/// How long a statement waits when another process has locked the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout to get a PostgreSQL connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection idle for longer than this is tested before use.
const PING_AFTER: Duration = Duration::from_secs(1);

/// How often a start on a full disk checks for free space.
const DISK_FULL_RETRY: Duration = Duration::from_secs(1);

/// SQLite's page cache per connection, in KiB and negative as SQLite requires. Allocated only as needed.
const CACHE: &str = "-16384";
/// Pages in the WAL before a checkpoint: rarer checkpoints write a frequently changed page only once.
const CHECKPOINT: &str = "16000";
/// Empties the WAL unless somebody reads from it: a long read would hold up the writer for the whole [`BUSY_TIMEOUT`].
const EMPTY_WAL: &str = "pragma busy_timeout = 0; pragma wal_checkpoint(truncate); pragma busy_timeout = 10000";

impl Store {
    /// Opens the database and runs the migrations.
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
        let was_interrupted = files::has_wal(&file);
        // Connections to a file cannot break, so they are not tested before each use.
        let pool = || {
            let options = SqlitePoolOptions::new().test_before_acquire(false);
            options.after_release(|connection, _| Box::pin(is_reusable(connection)))
        };
        let one = pool().max_connections(1).idle_timeout(None).max_lifetime(None);
        let write = connect(&one, &options).await.map_err(failed)?;
        // If the file is removed, an empty one must not be created in place of one that is still open for reads.
        write.set_connect_options(options.clone().create_if_missing(false));
        backup_before_migrating(data, &write).await?;
        migrations::SQLITE
            .run(&write)
            .await
            .map_err(|e| StartError(format!("cannot update the database {url}: {e}")))?;
        let readers = pool().max_connections(READERS).min_connections(1);
        let read = readers.connect_with(options.create_if_missing(false).read_only(true)).await.map_err(failed)?;
        Ok(Self { read: Backend::Sqlite(read), write: Backend::Sqlite(write), file: Some(file), was_interrupted })
    }

    async fn postgres(url: &str) -> Result<Self, StartError> {
        // The URL may contain a password, so it is never shown.
        let failed = |e| StartError(format!("cannot reach the PostgreSQL database of database-url: {e}"));
        // Wait for a database that starts at the same time; once the service runs, callers must not wait that long.
        // Statements are short; compiling one takes longer than running it.
        let options = PgConnectOptions::from_str(url).map_err(failed)?.options([("jit", "off")]);
        let first = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.map_err(failed)?;
        migrations::POSTGRES
            .run(&first)
            .await
            .map_err(|e| StartError(format!("cannot update the PostgreSQL database: {e}")))?;
        first.close().await;
        let write = pg_pool(2).connect_with(options.clone()).await.map_err(failed)?;
        let read = pg_pool(READERS * 2).connect_with(options).await.map_err(failed)?;
        Ok(Self { read: Backend::Postgres(read), write: Backend::Postgres(write), file: None, was_interrupted: false })
    }

    /// Opens the database as it is, without migrating it, for a command beside the server.
    pub async fn open_existing(data: &Path, url: Option<&str>) -> Result<Db, StartError> {
        let failed = |e: sqlx::Error| StartError(format!("cannot open the database: {e}"));
        if let Some(url) = url.filter(|url| !url.starts_with("sqlite:")) {
            return Ok(Backend::Postgres(PgPoolOptions::new().max_connections(1).connect(url).await.map_err(failed)?));
        }
        let file = url.map_or_else(|| format!("sqlite://{}", data.join("lair.db").display()), str::to_owned);
        let options = SqliteConnectOptions::from_str(&file).map_err(failed)?.busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(failed)?;
        Ok(Backend::Sqlite(pool))
    }

    /// Begins a write transaction. SQLite takes the write lock at once, so that nothing read changes before the commit.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match &self.write {
            Backend::Sqlite(pool) => Backend::Sqlite(pool.begin_with("begin immediate").await?),
            Backend::Postgres(pool) => Backend::Postgres(pool.begin().await?),
        })
    }

    /// Begins a read transaction on one snapshot. Call it only in a task of its own: dropping the future while the
    /// transaction begins would leave it open.
    pub async fn begin_read(&self) -> sqlx::Result<Tx> {
        Ok(match &self.read {
            Backend::Sqlite(pool) => Backend::Sqlite(pool.begin().await?),
            Backend::Postgres(pool) => {
                Backend::Postgres(pool.begin_with("begin isolation level repeatable read read only").await?)
            }
        })
    }

    /// Drops SQLite's write connection after an error in its transaction; the next write opens a new one.
    pub async fn replace_writer(&self) {
        if let Backend::Sqlite(pool) = &self.write
            && let Ok(connection) = pool.acquire().await
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a broken connection was not closed cleanly");
        }
    }

    /// Checkpoints SQLite's WAL, so that a copy of the database file is complete.
    pub async fn checkpoint(&self) {
        let Backend::Sqlite(pool) = &self.write else { return };
        if let Err(error) = sqlx::query("pragma optimize").execute(pool).await {
            tracing::debug!(%error, "cannot run pragma optimize; the next checkpoint does it");
        }
        if let Err(error) = sqlx::query("pragma wal_checkpoint(truncate)").execute(pool).await {
            tracing::warn!(%error, "cannot checkpoint the WAL; the next start does it");
        }
    }

    /// Empties SQLite's WAL if it is larger than the free space. That takes space too, at most the size of the WAL, since
    /// new pages are added to the database file: a WAL that filled the disk could not be emptied any more.
    pub async fn keep_wal_below_free_space(&self) {
        let (Backend::Sqlite(pool), Some(file)) = (&self.write, &self.file) else { return };
        if !files::is_wal_larger_than_free_space(file) {
            return;
        }
        if let Err(error) = sqlx::raw_sql(EMPTY_WAL).execute(pool).await {
            tracing::debug!(%error, "cannot empty the WAL; retrying after the next batch");
            self.replace_writer().await;
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        on!(&self.read, pool => pool.close().await);
        on!(&self.write, pool => pool.close().await);
    }
}

/// Opens the writer's pool; on a full disk, waits for space.
async fn connect(pool: &SqlitePoolOptions, options: &SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if is_disk_full(&error) => {
                tracing::error!(%error, "disk full: waiting for space");
                tokio::time::sleep(DISK_FULL_RETRY).await;
            }
            opened => return opened,
        }
    }
}

/// Whether a returned connection can be reused. After a failed write SQLite rolls back by itself; sqlx cannot roll back
/// then and would consider the transaction open for ever.
async fn is_reusable(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // Completes the pending rollback of a dropped transaction.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// A pool with a short timeout, so that callers can soon retry. sqlx tests each connection on return and drops
/// a broken one. Testing it again before use costs every read a round trip, so only connections that were idle long
/// enough for a server restart are tested.
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

/// Backs up a database before migrations change it.
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
    /// Commits the transaction.
    pub async fn commit(self) -> sqlx::Result<()> {
        on!(self, tx => tx.commit().await)
    }

    /// Runs a statement without arguments.
    pub async fn execute(&mut self, sql: &'static str) -> sqlx::Result<()> {
        on!(self, tx => sqlx::query(sql).execute(&mut **tx).await.map(|_| ()))
    }
}

/// Whether the database can store this text: PostgreSQL rejects NUL, so a search for a text with NUL has no match.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}
