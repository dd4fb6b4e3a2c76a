//! The running service: what the rules share, and the port to the screens and mouths.

use crate::{
    Clock, Listener, Settings, StartError,
    attempts::Attempts,
    audit,
    export::Exports,
    fault::{OrBroken, broken},
    feed::{self, Feed, Neighbours},
    files,
    hub::Hub,
    keys::Keyring,
    ledger::Ledger,
    mail::Mailer,
    passwords::Passwords,
    people::names,
    presence,
    rights::Right,
    sessions::{Lifetimes, SessionCache},
    sight::Sight,
    sign_ins::Guesses,
    store::{self, On, Store},
    tokens::{self, Signer},
    turns::Turns,
};
use protocol::{Error, Result, credentials::Config, cursor::Cursor, id::RoomId, session::Caller};
use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

/// How long the last writes may take when the service stops.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// Pictures that may wait to be made; their files are in memory.
const PICTURES_WAITING: usize = 16;

/// What cannot be done just now, and why.
#[derive(Clone, Debug)]
pub struct NotReady {
    /// `reads` or `writes`.
    pub part: &'static str,
    /// What whoever tries is told.
    pub error: Error,
}

/// The running service.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) ledger: Ledger,
    pub(crate) hub: Arc<Hub>,
    pub(crate) sessions: SessionCache,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: Attempts,
    /// Where pictures are made: one at a time, since each may take much memory.
    pub(crate) pictures: Turns,
    pub(crate) signer: Arc<Signer>,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) guesses: Guesses,
    pub(crate) setup_code: Option<String>,
    pub(crate) mailer: Option<Mailer>,
    /// Where people reach the server, without a slash at the end.
    pub(crate) public_url: String,
    /// What the operator configured of what administrators can change.
    pub(crate) default_config: Config,
    pub(crate) epoch: u32,
    pub(crate) lobby: RoomId,
    pub(crate) exports: Exports,
    /// This one, among the nodes that share a database.
    node: Uuid,
    /// Listeners outlive the call that opens them.
    itself: Weak<Self>,
    /// Whether requests could be served when it was last looked, and when that was.
    readiness: tokio::sync::Mutex<Option<(Instant, Result<(), NotReady>)>>,
    running: Mutex<Running>,
}

/// The service's own tasks.
#[derive(Default)]
struct Running {
    /// Run for ever, and are ended.
    endless: Vec<JoinHandle<()>>,
    /// End by themselves once the ledger is told to, in this order.
    until_stopped: Vec<JoinHandle<()>>,
}

impl Service {
    /// Opens the database, brings it up to date and starts the ledger.
    pub async fn start(settings: Settings) -> Result<Arc<Self>, StartError> {
        Self::start_at(settings, Clock::default()).await
    }

    /// The same with a given clock, for tests of what happens later.
    pub async fn start_at(settings: Settings, clock: Clock) -> Result<Arc<Self>, StartError> {
        std::fs::create_dir_all(&settings.data)
            .map_err(|e| StartError(format!("data: cannot make the folder {}: {e}", settings.data.display())))?;
        files::close_folder_to_others(&settings.data);
        let keys = Keyring::open(&settings.data, settings.jwt_secret.as_deref(), &clock)?;
        let signer = Arc::new(Signer::new(keys));
        let lifetimes = Lifetimes { idle: settings.session_idle, whole: settings.session_lifetime };
        let failed = |e: &dyn std::fmt::Display| StartError(format!("cannot start: {e}"));
        let (store, passwords) =
            tokio::join!(Store::open(&settings.data, settings.database_url.as_deref()), Passwords::new());
        let (store, passwords) = (store?, passwords.map_err(|e| failed(&e))?);
        let service = crate::sync::ensure_started(&store, &clock).await.map_err(|e| failed(&e))?;
        crate::spellings::ensure_current(&store).await?;
        let (batches, queue) = mpsc::channel(feed::QUEUE);
        let (hub, sessions) = (Arc::new(Hub::default()), SessionCache::default());
        let (ledger, ledger_runs) =
            Ledger::start(store.clone(), clock.clone(), hub.clone(), batches).map_err(|e| failed(&e))?;
        let neighbours = match (&settings.feed_url, &store.read) {
            (Some(url), On::Postgres(_)) => Some(Neighbours::join(url, service.epoch()).await?),
            (Some(_), On::Sqlite(_)) => {
                return Err(StartError("feed-url: many nodes need one PostgreSQL: set database-url too".into()));
            }
            (None, _) => None,
        };
        let feed = Feed {
            store: store.clone(),
            clock: clock.clone(),
            hub: hub.clone(),
            sessions: sessions.clone(),
            epoch: service.epoch(),
            told: service.position,
            neighbours,
        };
        let feed_runs = tokio::spawn(feed.run(queue));
        let (tidy, forget) = (ledger.clone(), clock.clone());
        let naming = names::refresh(store.clone(), ledger.clone(), service.lobby_id);
        let tidying = crate::sync::keep_tidy(tidy, forget, settings.keep_events);
        let kept = (sessions.clone(), hub.clone(), signer.clone());
        let keeping = crate::sign_ins::keep_sessions(ledger.clone(), clock.clone(), kept, lifetimes);
        let cleaning = tokio::spawn(async { tokio::join!(naming, tidying, keeping).1 });
        let (node, here, now) = (clock.id(), hub.clone(), clock.clone());
        let watching = tokio::spawn(presence::keep(store.clone(), here, now, service.lobby_id, node));
        let attempts = Attempts::new(settings.slow_guessing.then(|| clock.clone()));
        let mailer = settings.mail.map(|mail| Mailer::start(mail, clock.clone()));
        let default_config = Config { registration: settings.registration };
        Ok(Arc::new_cyclic(|itself| Self {
            store,
            clock,
            ledger,
            hub,
            sessions,
            passwords,
            attempts,
            pictures: Turns::new(1, PICTURES_WAITING),
            signer,
            lifetimes,
            guesses: Guesses::default(),
            setup_code: settings.setup_code,
            mailer,
            public_url: settings.public_url,
            default_config,
            epoch: service.epoch(),
            lobby: service.lobby_id,
            node,
            exports: Exports::default(),
            itself: itself.clone(),
            readiness: tokio::sync::Mutex::default(),
            running: Mutex::new(Running {
                endless: vec![cleaning, watching],
                until_stopped: vec![ledger_runs, feed_runs],
            }),
        }))
    }

    /// Finishes what runs and closes every listener; call once the server accepts nothing new. What was acknowledged is
    /// durable, so a database that does not answer does not keep the server from stopping.
    pub async fn stop(&self) {
        self.hub.stop();
        if tokio::time::timeout(LAST_WRITES, self.finish()).await.is_err() {
            tracing::warn!("the last writes did not finish in time");
        }
    }

    async fn finish(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        self.ledger.stop().await;
        running.endless.iter().for_each(JoinHandle::abort);
        for task in running.endless.into_iter().chain(running.until_stopped) {
            let _ = task.await;
        }
        presence::leave(&self.store, self.node).await;
        self.store.settle().await;
        self.store.close().await;
    }

    /// What tells it the time.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Who holds this access token; checks that the session is not over.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller> {
        let now = self.clock.now();
        let (session, is_new) = match access_token.strip_prefix(tokens::PERSONAL) {
            Some(_) => self.sessions.find_token(&self.store.read, tokens::hash(access_token)).await?,
            None => (self.signer.check(access_token, now)?, false),
        };
        let caller = self.sessions.find(&self.store.read, session, now).await?;
        if is_new {
            audit::signed_in("token", caller.user_id, session);
        }
        Ok(caller)
    }

    /// The caller of a connection as they are now: their role may have changed since it was opened, and their session ended.
    pub async fn still(&self, caller: &Caller) -> Result<Caller> {
        self.sessions.find(&self.store.read, caller.session_id, self.clock.now()).await
    }

    /// Whether requests can be served: the database answers, the ledger runs, and there is space to write.
    pub async fn ready(&self) -> Result<(), NotReady> {
        // Anyone may ask, as often as they like; it costs something once a second.
        let mut last = self.readiness.lock().await;
        if let Some((at, readiness)) = &*last
            && at.elapsed() < Duration::from_secs(1)
        {
            return readiness.clone();
        }
        let readiness = self.look_whether_ready().await;
        *last = Some((Instant::now(), readiness.clone()));
        readiness
    }

    async fn look_whether_ready(&self) -> Result<(), NotReady> {
        let reads = store::service::find(&self.store.read).await.or_broken();
        reads.map_err(|error| NotReady { part: "reads", error })?;
        let writes = match &self.store.file {
            // A little may find room in a file that is there already.
            Some(file) if files::is_full(file) => Err(Error::disk_full()),
            _ => self.ledger.write(crate::sync::Touch).await,
        };
        writes.map_err(|error| NotReady { part: "writes", error })
    }

    /// Follows the stream as the caller, from a cursor or from now.
    pub async fn listen(&self, caller: &Caller, cursor: Option<Cursor>) -> Result<Listener> {
        Right::Look.check(caller)?;
        Listener::open(self.itself()?, caller, cursor).await
    }

    /// The service itself, for what outlives a call.
    pub(crate) fn itself(&self) -> Result<Arc<Self>> {
        self.itself.upgrade().ok_or_else(|| broken(&std::fmt::Error))
    }

    /// How people look now.
    pub(crate) fn sight(&self) -> Sight {
        Sight { at: self.clock.now(), hub: self.hub.clone() }
    }
}
