//! A user's sessions, and their maintenance.

use crate::{
    Clock, Service, audit,
    auth::end_sessions::{end_session, end_sessions_by_id},
    auth::{session_cache::SessionCache, tokens::Signer},
    error::{CommandError, DbResultExt},
    events::{
        follower::{
            Follower,
            batch_job::{BatchJob, BatchJobs},
        },
        hub::Hub,
        ledger::{Actor, Command, CommandContext, Ledger},
    },
    paging::{page_from_rows, parse_cursor},
    store::{
        self, Tx,
        sessions::{Lifetimes, OwnSessionRow, SessionKind},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::RenameSession,
    event::{Change, SessionEnded},
    id::{SessionId, UserId},
    limits,
    page::{Page, PageQuery},
    permissions::Permission,
    port::Sessions,
    session::{Caller, DayCount, Session, SessionStats},
    time::Time,
};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// How often last-seen times are written and expired sessions are ended.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(30);
/// Sessions changed by one command: few enough not to delay other commands.
const BATCH_SIZE: usize = 500;
/// Milliseconds for which an ended session is kept, for the user's statistics.
const ENDED_RETENTION: i64 = 30 * DAY;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// Maximum number of device kinds, and of days, in the statistics.
const MAX_DEVICES: i64 = 20;
const STATS_DAYS: i64 = 30;

#[async_trait]
impl Sessions for Service {
    async fn list_sessions(&self, caller: &Caller, page: PageQuery) -> Result<Page<Session>> {
        Permission::Read.check(caller)?;
        let after = parse_cursor(page.cursor.as_deref())?.map(SessionId);
        let now = self.clock.now();
        let rows = store::sessions::list_own(&self.store.read, (caller.user_id, now), after, page.limit + 1).await;
        let sessions = rows.or_internal()?.into_iter().map(|row| row.session(caller.session_id)).collect();
        Ok(page_from_rows(sessions, page.limit, |session: &Session| session.id.to_string()))
    }

    async fn get_current_session(&self, caller: &Caller) -> Result<Session> {
        Permission::Read.check(caller)?;
        let id = caller.session_id;
        let row = store::sessions::find_own(&self.store.read, caller.user_id, id).await.or_internal()?;
        row.map(|row| row.session(caller.session_id)).ok_or_else(|| Error::not_found("session"))
    }

    async fn rename_session(&self, caller: &Caller, id: SessionId, command: RenameSession) -> Result<Session> {
        Permission::ManageCredentials.check(caller)?;
        let label = Some(limits::label(&command.label, 0)?).filter(|label| !label.is_empty());
        let row = self.ledger.write(caller, SetSessionLabel { user: caller.user_id, id, label }).await?;
        Ok(row.session(caller.session_id))
    }

    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.ledger.write(caller, EndOwnSession { user: caller.user_id, id, kind: SessionKind::Login }).await?;
        // The event informs the other nodes; here the session ends before the response.
        self.sessions.mark_ended(id);
        audit::logged_out(caller.user_id, id);
        Ok(())
    }

    async fn end_other_sessions(&self, caller: &Caller) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        loop {
            let ended =
                self.ledger.write(caller, EndOtherSessions { user: caller.user_id, except: caller.session_id }).await?;
            for id in &ended {
                self.sessions.mark_ended(*id);
                audit::logged_out(caller.user_id, *id);
            }
            if ended.len() < BATCH_SIZE {
                return Ok(());
            }
        }
    }

    async fn get_session_stats(&self, caller: &Caller) -> Result<SessionStats> {
        Permission::Read.check(caller)?;
        let (db, user, now) = (&self.store.read, caller.user_id, self.clock.now());
        let since = Time((now.day() - STATS_DAYS + 1) * DAY);
        let (active, by_device, by_day) = tokio::try_join!(
            store::sessions::count_active(db, user, now),
            store::sessions::count_by_device(db, user, now, MAX_DEVICES),
            store::sessions::count_by_day(db, user, since, STATS_DAYS),
        )
        .or_internal()?;
        let day = |(day, sessions): (i64, i64)| {
            let day = Time(day * DAY).to_string().split('T').next().unwrap_or_default().to_owned();
            DayCount { day, sessions }
        };
        Ok(SessionStats { active, by_device, by_day: by_day.into_iter().map(day).collect() })
    }
}

impl Service {
    /// Runs the periodic maintenance now, for tests that move the clock.
    pub async fn run_session_maintenance(&self) -> Result<()> {
        self.sessions.touch_connected(self.hub.sessions(), self.clock.now());
        maintain(&self.ledger, &self.sessions, self.lifetimes).await?;
        self.signer.refresh();
        self.followers.run_now().await;
        Ok(())
    }
}

/// Writes last-seen times, and refreshes the signing keys.
pub async fn session_maintenance_loop(
    ledger: Ledger,
    clock: Clock,
    (sessions, hub, signer): (SessionCache, Arc<Hub>, Arc<Signer>),
    lifetimes: Lifetimes,
) {
    let mut interval = tokio::time::interval(MAINTENANCE_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        sessions.touch_connected(hub.sessions(), clock.now());
        if let Err(error) = maintain(&ledger, &sessions, lifetimes).await {
            tracing::debug!(%error, "session maintenance failed; retrying");
        }
        let signer = signer.clone();
        // May read a file.
        let _ = tokio::task::spawn_blocking(move || signer.refresh()).await;
    }
}

async fn maintain(ledger: &Ledger, sessions: &SessionCache, lifetimes: Lifetimes) -> Result<()> {
    let mut pending = sessions.drain_last_seen();
    while !pending.is_empty() {
        let ids = pending.split_off(pending.len().saturating_sub(BATCH_SIZE));
        if let Err(error) = ledger.write(Actor::System, TouchSessions { ids: ids.clone(), lifetimes }).await {
            sessions.requeue_last_seen(pending.into_iter().chain(ids));
            return Err(error);
        }
    }
    Ok(())
}

/// Ends expired sessions, and purges those that ended long ago.
pub struct SessionExpiry;

#[async_trait]
impl Follower for SessionExpiry {
    fn name(&self) -> &'static str {
        "session-expiry"
    }

    fn interval(&self) -> Option<Duration> {
        Some(MAINTENANCE_INTERVAL)
    }

    async fn run_periodic(&self, jobs: &BatchJobs<'_>) -> Result<()> {
        jobs.run(EndExpiredSessions).await?;
        jobs.run(PurgeEndedSessions).await
    }
}

struct SetSessionLabel {
    user: UserId,
    id: SessionId,
    label: Option<String>,
}

#[async_trait]
impl Command for SetSessionLabel {
    type Output = OwnSessionRow;

    async fn run(&self, tx: &mut Tx, _: &mut CommandContext) -> Result<OwnSessionRow, CommandError> {
        let row = store::sessions::rename(tx, self.user, self.id, self.label.as_deref()).await?;
        row.ok_or_else(|| Error::not_found("session").into())
    }
}

/// Ends one of a user's own sessions or access tokens.
pub struct EndOwnSession {
    pub user: UserId,
    pub id: SessionId,
    pub kind: SessionKind,
}

#[async_trait]
impl Command for EndOwnSession {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        if !store::sessions::is_own(tx, self.user, self.id, self.kind).await? {
            let kind_name = match self.kind {
                SessionKind::Login => "session",
                SessionKind::Token => "access token",
            };
            return Err(Error::not_found(kind_name).into());
        }
        end_session(tx, ctx, self.user, self.id).await
    }
}

struct EndOtherSessions {
    user: UserId,
    except: SessionId,
}

#[async_trait]
impl Command for EndOtherSessions {
    type Output = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Vec<SessionId>, CommandError> {
        let others = store::sessions::list_others(tx, self.user, self.except, BATCH_SIZE).await?;
        end_sessions_by_id(tx, ctx, self.user, &others).await?;
        Ok(others)
    }
}

struct TouchSessions {
    ids: Vec<SessionId>,
    lifetimes: Lifetimes,
}

#[async_trait]
impl Command for TouchSessions {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        Ok(store::sessions::touch(tx, &self.ids, ctx.at, self.lifetimes).await?)
    }
}

#[derive(Clone)]
struct EndExpiredSessions;

#[async_trait]
impl BatchJob for EndExpiredSessions {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        let expired = store::sessions::list_expired(tx, ctx.at, limit).await?;
        let ids: Vec<_> = expired.iter().map(|(id, _)| *id).collect();
        let ended: HashSet<_> = store::sessions::end_many(tx, &ids, ctx.at).await?.into_iter().collect();
        for (session_id, user) in expired.iter().copied().filter(|(id, _)| ended.contains(id)) {
            ctx.publish_to_user(user, session_id.0, Change::SessionEnded(SessionEnded { session_id }));
        }
        Ok(i64::try_from(expired.len()).unwrap_or(limit))
    }
}

#[derive(Clone)]
struct PurgeEndedSessions;

#[async_trait]
impl BatchJob for PurgeEndedSessions {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        Ok(store::sessions::purge(tx, ctx.at.plus(-ENDED_RETENTION), limit).await?)
    }
}
