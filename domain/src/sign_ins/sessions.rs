//! Where people are signed in: their own list, and what keeps it true and short.

use crate::{
    Clock, Service,
    accounts::{end_session, end_these},
    audit,
    fault::{Fault, OrBroken},
    hub::Hub,
    ledger::{Ledger, Log, Write},
    rights::Right,
    rooms::{cut, parse_cursor},
    sessions::{Lifetimes, SessionCache},
    store::{
        self, Tx,
        sessions::{Kind, OwnSessionRow},
    },
    tokens::Signer,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::RenameSession,
    event::{Change, SessionEnded},
    id::{SessionId, UserId},
    limits,
    page::{Page, PageQuery},
    port::Sessions,
    session::{Caller, DayCount, Session, SessionStats},
    time::Time,
};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// How often is noted who was seen, and what has expired ends.
const PAUSE: Duration = Duration::from_secs(30);
/// Sessions changed by one command: few enough that nobody waits for the clean-up.
const AT_ONCE: usize = 500;
/// Milliseconds for which a session that is over is kept, for its person's statistics.
const KEEP_ENDED: i64 = 30 * DAY;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// Kinds of devices, and days, that are counted.
const DEVICES: i64 = 20;
const DAYS: i64 = 30;

#[async_trait]
impl Sessions for Service {
    async fn sessions(&self, caller: &Caller, page: PageQuery) -> Result<Page<Session>> {
        Right::Look.check(caller)?;
        let after = parse_cursor(page.cursor.as_deref())?.map(SessionId);
        let now = self.clock.now();
        let rows = store::sessions::list_own(&self.store.read, (caller.user_id, now), after, page.limit + 1).await;
        let sessions = rows.or_broken()?.into_iter().map(|row| row.session(caller.session_id)).collect();
        Ok(cut(sessions, page.limit, |session: &Session| session.id.to_string()))
    }

    async fn current_session(&self, caller: &Caller) -> Result<Session> {
        Right::Look.check(caller)?;
        let id = caller.session_id;
        let row = store::sessions::find_own(&self.store.read, caller.user_id, id).await.or_broken()?;
        row.map(|row| row.session(caller.session_id)).ok_or_else(|| Error::not_found("session"))
    }

    async fn rename_session(&self, caller: &Caller, id: SessionId, command: RenameSession) -> Result<Session> {
        Right::ManageSignIn.check(caller)?;
        let label = Some(limits::label(&command.label, 0)?).filter(|label| !label.is_empty());
        let row = self.ledger.write(Rename { user: caller.user_id, id, label }).await?;
        Ok(row.session(caller.session_id))
    }

    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.ledger.write(End { user: caller.user_id, id, kind: Kind::SignIn }).await?;
        // The event tells the other nodes; here it is over before the answer.
        self.sessions.end(id);
        audit::signed_out(caller.user_id, id);
        Ok(())
    }

    async fn end_other_sessions(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        loop {
            let ended = self.ledger.write(EndOthers { user: caller.user_id, but: caller.session_id }).await?;
            for id in &ended {
                self.sessions.end(*id);
                audit::signed_out(caller.user_id, *id);
            }
            if ended.len() < AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn session_stats(&self, caller: &Caller) -> Result<SessionStats> {
        Right::Look.check(caller)?;
        let (db, user, now) = (&self.store.read, caller.user_id, self.clock.now());
        let since = Time((now.day() - DAYS + 1) * DAY);
        let (active, by_device, by_day) = tokio::try_join!(
            store::sessions::count_live(db, user, now),
            store::sessions::count_by_device(db, user, now, DEVICES),
            store::sessions::count_by_day(db, user, since, DAYS),
        )
        .or_broken()?;
        let day = |(day, sessions): (i64, i64)| {
            let day = Time(day * DAY).to_string().split('T').next().unwrap_or_default().to_owned();
            DayCount { day, sessions }
        };
        Ok(SessionStats { active, by_device, by_day: by_day.into_iter().map(day).collect() })
    }
}

impl Service {
    /// Does now what otherwise is done from time to time: for tests of what happens later.
    pub async fn tidy_sessions(&self) -> Result<()> {
        self.sessions.note_listening(self.hub.sessions(), self.clock.now());
        tidy(&self.ledger, &self.clock, &self.sessions, self.lifetimes).await?;
        self.signer.refresh();
        Ok(())
    }
}

/// Notes who was seen, ends what has expired, forgets what is long over, and looks after the signing keys.
pub async fn keep_sessions(
    ledger: Ledger,
    clock: Clock,
    (sessions, hub, signer): (SessionCache, Arc<Hub>, Arc<Signer>),
    lifetimes: Lifetimes,
) {
    let mut pause = tokio::time::interval(PAUSE);
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pause.tick().await;
        sessions.note_listening(hub.sessions(), clock.now());
        if let Err(error) = tidy(&ledger, &clock, &sessions, lifetimes).await {
            tracing::debug!(%error, "sessions are tidied later");
        }
        let signer = signer.clone();
        // Reads a file, now and then.
        let _ = tokio::task::spawn_blocking(move || signer.refresh()).await;
    }
}

async fn tidy(ledger: &Ledger, clock: &Clock, sessions: &SessionCache, lifetimes: Lifetimes) -> Result<()> {
    let mut seen = sessions.take_seen();
    while !seen.is_empty() {
        let ids = seen.split_off(seen.len().saturating_sub(AT_ONCE));
        if let Err(error) = ledger.write(NoteSeen { ids: ids.clone(), lifetimes }).await {
            sessions.put_seen_back(seen.into_iter().chain(ids));
            return Err(error);
        }
    }
    while ledger.write(EndExpired { now: clock.now() }).await? >= AT_ONCE {}
    let before = clock.now().plus(-KEEP_ENDED);
    while ledger.write(Forget { before }).await? {}
    Ok(())
}

struct Rename {
    user: UserId,
    id: SessionId,
    label: Option<String>,
}

#[async_trait]
impl Write for Rename {
    type Done = OwnSessionRow;

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<OwnSessionRow, Fault> {
        let row = store::sessions::rename(tx, self.user, self.id, self.label.as_deref()).await?;
        row.ok_or_else(|| Error::not_found("session").into())
    }
}

/// Ends one of a person's sign-ins or tokens.
pub struct End {
    pub user: UserId,
    pub id: SessionId,
    pub kind: Kind,
}

#[async_trait]
impl Write for End {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        if !store::sessions::is_own(tx, self.user, self.id, self.kind).await? {
            let thing = match self.kind {
                Kind::SignIn => "session",
                Kind::Token => "access token",
            };
            return Err(Error::not_found(thing).into());
        }
        end_session(tx, log, self.user, self.id).await
    }
}

struct EndOthers {
    user: UserId,
    but: SessionId,
}

#[async_trait]
impl Write for EndOthers {
    type Done = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Vec<SessionId>, Fault> {
        let others = store::sessions::list_others(tx, self.user, self.but, AT_ONCE).await?;
        end_these(tx, log, self.user, &others).await?;
        Ok(others)
    }
}

struct NoteSeen {
    ids: Vec<SessionId>,
    lifetimes: Lifetimes,
}

#[async_trait]
impl Write for NoteSeen {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        Ok(store::sessions::note_seen(tx, &self.ids, log.at, self.lifetimes).await?)
    }
}

struct EndExpired {
    now: Time,
}

#[async_trait]
impl Write for EndExpired {
    type Done = usize;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<usize, Fault> {
        let expired = store::sessions::list_expired(tx, self.now, AT_ONCE).await?;
        let ids: Vec<_> = expired.iter().map(|(id, _)| *id).collect();
        let ended: HashSet<_> = store::sessions::end_these(tx, &ids, log.at).await?.into_iter().collect();
        for (session_id, user) in expired.iter().copied().filter(|(id, _)| ended.contains(id)) {
            log.tell(user, session_id.0, Change::SessionEnded(SessionEnded { session_id }));
        }
        Ok(expired.len())
    }
}

struct Forget {
    before: Time,
}

#[async_trait]
impl Write for Forget {
    type Done = bool;

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<bool, Fault> {
        Ok(store::sessions::forget(tx, self.before, AT_ONCE).await?)
    }
}
