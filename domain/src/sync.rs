//! Where a client starts, how it goes on, and what keeps the log in bounds.

use crate::{
    Clock, Closed, Service, StartError,
    credentials::ForgetInvitations,
    fault::{Fault, OrBroken, broken},
    ledger::{Ledger, Log, Write},
    notifications::ForgetNotifications,
    rights::Right,
    rooms::invitations::PurgeRoomInvitations,
    store::{
        self, Store, Tx,
        rooms::{NewRoom, RoomRow},
        service::ServiceRow,
        users::UserRow,
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    cursor::Cursor,
    error::Code,
    event::Event,
    id::{RoomId, UserId},
    limits,
    port::EventStream,
    room::Visibility,
    session::Caller,
    sync::{Events, Snapshot},
};
use std::time::Duration;

#[async_trait]
impl EventStream for Service {
    async fn snapshot(&self, caller: &Caller) -> Result<Snapshot> {
        Right::Look.check(caller)?;
        // A task of its own: a caller who hangs up must not leave a transaction open in the pool.
        let read = tokio::spawn(read_snapshot(self.store.clone(), caller.user_id)).await;
        let (user, rooms, blocked, service) = read.map_err(|cause| broken(&cause))?.or_broken()?;
        let (Some(user), Some(service)) = (user, service) else { return Err(Error::internal()) };
        Ok(Snapshot {
            settings: user.settings(),
            me: user.own(&self.sight()),
            rooms: rooms.into_iter().map(RoomRow::room).collect(),
            blocked,
            cursor: service.cursor(),
        })
    }

    async fn events(&self, caller: &Caller, after: Cursor, seconds: u64) -> Result<Events> {
        Right::Look.check(caller)?;
        let mut listener = self.listen(caller, Some(after)).await?;
        if let Err(reason) = listener.start() {
            return Ok(Events { items: Vec::new(), cursor: after, reset: Some(reason) });
        }
        let mut frames = Vec::new();
        listener.missed(&mut frames).await.map_err(closed)?;
        if frames.is_empty() {
            let wait = Duration::from_secs(seconds.min(limits::POLL_SECONDS));
            // When the time is up, nothing happened in it.
            tokio::time::timeout(wait, listener.next(&mut frames)).await.unwrap_or(Ok(())).map_err(closed)?;
        }
        let items: Vec<Event> = frames.iter().filter_map(|frame| read(frame)).collect();
        Ok(Events { items, cursor: listener.cursor(), reset: None })
    }
}

impl Service {
    pub(crate) async fn find_user(&self, id: UserId) -> Result<UserRow> {
        store::users::find(&self.store.read, id).await.or_broken()?.ok_or_else(|| Error::not_found("person"))
    }
}

/// An event as the feed wrote it.
fn read(frame: &[u8]) -> Option<Event> {
    serde_json::from_slice(frame).inspect_err(|error| tracing::error!(%error, "an event cannot be read")).ok()
}

fn closed(why: Closed) -> Error {
    match why {
        Closed::SessionEnded => Error::new(Code::NotSignedIn, "This session is over. Sign in again."),
        _ => Error::new(Code::Busy, "The server is restarting. Ask again with your cursor."),
    }
}

type Everything = (Option<UserRow>, Vec<RoomRow>, Vec<UserId>, Option<ServiceRow>);

/// All that a person starts from, as it was at one moment.
async fn read_snapshot(store: Store, user: UserId) -> sqlx::Result<Everything> {
    let mut tx = store.moment().await?;
    let service = store::service::find_in(&mut tx).await?;
    let me = store::users::find_in(&mut tx, user).await?;
    let rooms = store::rooms::list_mine(&mut tx, user).await?;
    let blocked = store::blocks::list_in(&mut tx, user).await?;
    tx.commit().await?;
    Ok((me, rooms, blocked, service))
}

/// Fills a new database: its epoch and the Lobby.
pub async fn ensure_started(store: &Store, clock: &Clock) -> Result<ServiceRow, StartError> {
    let failed = |e: sqlx::Error| StartError(format!("cannot read the database: {e}"));
    let mut tx = store.begin().await.map_err(failed)?;
    store::service::lock_start(&mut tx).await.map_err(failed)?;
    if store::service::find_in(&mut tx).await.map_err(failed)?.is_none() {
        let id = RoomId(clock.id());
        let lobby = NewRoom {
            id,
            name: "Lobby",
            name_key: "lobby",
            visibility: Visibility::Public,
            topic: "Everyone is here. Say hello.",
            description: "",
            created_by: None,
            key: None,
            created_at: clock.now(),
        };
        store::rooms::create(&mut tx, &lobby).await.map_err(failed)?;
        store::service::create(&mut tx, clock.chance(), id).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    store::service::find(&store.read).await.map_err(failed)
}

/// Forgets what is old, a little at a time.
pub async fn keep_tidy(ledger: Ledger, clock: Clock, keep: i64) {
    const PAUSE: Duration = Duration::from_mins(10);
    let mut pause = tokio::time::interval(PAUSE);
    loop {
        pause.tick().await;
        let before = clock.now().plus(-keep);
        while matches!(ledger.write(Compact { before }).await, Ok(true)) {}
        let now = clock.now();
        while matches!(ledger.write(ForgetNotifications { now }).await, Ok(true)) {}
        while matches!(ledger.write(ForgetInvitations { now }).await, Ok(true)) {}
        while matches!(ledger.write(PurgeRoomInvitations { now }).await, Ok(true)) {}
    }
}

struct Compact {
    before: protocol::time::Time,
}

#[async_trait]
impl Write for Compact {
    type Done = bool;

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<bool, Fault> {
        /// Few enough that nobody waits for the clean-up.
        const AT_ONCE: i64 = 5_000;
        Ok(store::events::compact(tx, self.before, AT_ONCE).await?)
    }
}

/// A command that writes and changes nothing: if it is answered, the ledger runs and the database takes writes. SQLite leaves
/// out a write of what is there already, so this goes forth and back; PostgreSQL gets a line in its log, which locks no row
/// that the rest of the batch would have to wait for.
pub struct Touch;

#[async_trait]
impl Write for Touch {
    type Done = ();

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<(), Fault> {
        Ok(store::service::touch(tx).await?)
    }
}
