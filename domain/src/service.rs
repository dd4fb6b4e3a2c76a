//! The running service: shared state, and the implementation of the port that the REST API, the socket and the web app
//! call.

use crate::{
    Clock, ServiceOptions, StartError, Subscription,
    accounts::export::ExportLimiter,
    audit,
    auth::{
        data_key::{self, DataKey},
        login_throttle::LoginThrottle,
        password_hash::Passwords,
        session_cache::SessionCache,
        signing_keys::Keyring,
        tokens::{self, Signer},
        totp_throttle::TotpThrottle,
    },
    error::{CommandError, DbResultExt, internal_error},
    events::{
        cluster::Cluster,
        feed::{self, Feed},
        follower::{self, Follower, FollowerDeps, Followers, command_line::FollowerStatus},
        hub::Hub,
        ledger::{Actor, Command, CommandContext, Ledger},
        view::ViewContext,
    },
    files,
    messages::send::SendMessages,
    notifications::mail::Mailer,
    store::{self, Backend, Store, Tx, sessions::Lifetimes},
    users::{presence, search::index},
    worker_pool::WorkerPool,
};
use async_trait::async_trait;
use protocol::{
    Error, Result, credentials::Config, cursor::Cursor, error::Code, id::RoomId, permissions::Permission,
    session::Caller,
};
use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use uuid::Uuid;

/// How long pending writes may take when the service stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Images that may be queued for processing; their files are held in memory.
const MAX_QUEUED_IMAGES: usize = 16;

/// The part of the service that is not ready, and why.
#[derive(Clone, Debug)]
pub struct NotReady {
    /// `reads` or `writes`.
    pub part: &'static str,
    /// `damaged`, `disk_full` or `unavailable`.
    pub reason: &'static str,
    /// Error returned to callers.
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
    pub(crate) login_throttle: LoginThrottle,
    /// Image processing: one image at a time, since each may need much memory.
    pub(crate) image_workers: WorkerPool,
    pub(crate) signer: Arc<Signer>,
    pub(crate) data_key: Arc<DataKey>,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) totp_throttle: TotpThrottle,
    pub(crate) setup_code: Option<String>,
    pub(crate) mailer: Option<Mailer>,
    /// Public base URL without a trailing slash.
    pub(crate) public_url: String,
    /// Operator's defaults for the settings that administrators can change.
    pub(crate) default_config: Config,
    pub(crate) epoch: u32,
    pub(crate) lobby: RoomId,
    pub(crate) exports: ExportLimiter,
    pub(crate) followers: Followers,
    /// Id of this node among the nodes that share a database.
    node: Uuid,
    /// For subscriptions, which outlive the call that opens them.
    weak_self: Weak<Self>,
    /// Set when damage of the SQLite file was found.
    is_damaged: AtomicBool,
    /// Time and result of the last readiness check.
    readiness: tokio::sync::Mutex<Option<(Instant, Result<(), NotReady>)>>,
    running: Mutex<Running>,
}

/// Background tasks of the service.
#[derive(Default)]
struct Running {
    /// Endless tasks; aborted on stop.
    aborted_on_stop: Vec<JoinHandle<()>>,
    /// Tasks that end by themselves after the ledger has stopped; awaited in this order.
    awaited_on_stop: Vec<JoinHandle<()>>,
}

impl Service {
    /// Opens and migrates the database, then starts the ledger and the background tasks.
    pub async fn start(settings: ServiceOptions) -> Result<Arc<Self>, StartError> {
        Self::start_at(settings, Clock::default()).await
    }

    /// Same as [`Service::start`] with a given clock, for tests that move the time.
    pub async fn start_at(settings: ServiceOptions, clock: Clock) -> Result<Arc<Self>, StartError> {
        let followers = crate::retention::followers(settings.event_retention);
        Self::start_with(settings, clock, followers).await
    }

    /// Same as [`Service::start_at`] with these followers.
    pub(crate) async fn start_with(
        settings: ServiceOptions,
        clock: Clock,
        followers: Vec<Arc<dyn Follower>>,
    ) -> Result<Arc<Self>, StartError> {
        std::fs::create_dir_all(&settings.data_dir)
            .map_err(|e| StartError(format!("data: cannot create the folder {}: {e}", settings.data_dir.display())))?;
        files::restrict_data_dir(&settings.data_dir);
        let keys = Keyring::open(&settings.data_dir, settings.jwt_secret.as_deref(), &clock)?;
        let signer = Arc::new(Signer::new(keys));
        let lifetimes = Lifetimes { idle: settings.session_idle, absolute: settings.session_lifetime };
        let failed = |e: &dyn std::fmt::Display| StartError(format!("cannot start: {e}"));
        let (store, passwords) =
            tokio::join!(Store::open(&settings.data_dir, settings.database_url.as_deref()), Passwords::new());
        let (store, passwords) = (store?, passwords.map_err(|e| failed(&e))?);
        let service = crate::bootstrap::ensure_initialised(&store, &clock).await.map_err(|e| failed(&e))?;
        crate::users::rekey_names::ensure_current(&store).await?;
        crate::rooms::search::index_rooms(&store)
            .await
            .map_err(|e| StartError(format!("cannot index the rooms: {e}")))?;
        let data_key = data_key::open(&settings.data_dir, settings.data_key.as_deref(), &store, &clock).await?;
        let (batches, queue) = mpsc::channel(feed::QUEUE);
        let (hub, sessions) = (Arc::new(Hub::default()), SessionCache::default());
        let (ledger, ledger_task) =
            Ledger::start(store.clone(), clock.clone(), hub.clone(), Box::new(SendMessages), batches)
                .map_err(|e| failed(&e))?;
        let cluster = match (&settings.feed_url, &store.read) {
            (Some(url), Backend::Postgres(_)) => Some(Cluster::join(url, service.epoch()).await?),
            (Some(_), Backend::Sqlite(_)) => {
                return Err(StartError("feed-url: several nodes require PostgreSQL: set database-url too".into()));
            }
            (None, _) => None,
        };
        let published = watch::Sender::new(service.position);
        let feed = Feed {
            store: store.clone(),
            clock: clock.clone(),
            hub: hub.clone(),
            sessions: Box::new(sessions.clone()),
            epoch: service.epoch(),
            last_published: service.position,
            cluster,
            published: published.clone(),
        };
        let feed_task = tokio::spawn(feed.run(queue));
        let name_refresh = index::reindex_outdated(store.clone(), ledger.clone(), service.lobby_id);
        let session_state = (sessions.clone(), hub.clone(), signer.clone());
        let session_upkeep =
            crate::auth::sessions::session_maintenance_loop(ledger.clone(), clock.clone(), session_state, lifetimes);
        let upkeep_task = tokio::spawn(async { tokio::join!(name_refresh, session_upkeep).1 });
        let (node, presence_hub, presence_clock) = (clock.id(), hub.clone(), clock.clone());
        let presence_task =
            tokio::spawn(presence::run(store.clone(), presence_hub, presence_clock, service.lobby_id, node));
        let follower_deps = FollowerDeps {
            store: store.clone(),
            clock: clock.clone(),
            ledger: ledger.clone(),
            published: published.subscribe(),
            node,
        };
        let (followers, mut aborted_on_stop) =
            Followers::start(follower_deps, followers).await.map_err(|e| failed(&e))?;
        aborted_on_stop.extend([upkeep_task, presence_task]);
        let login_throttle = LoginThrottle::new(settings.throttle_logins.then(|| clock.clone()));
        let mailer = settings.mail.map(|mail| Mailer::start(mail, clock.clone()));
        let default_config = Config { registration: settings.registration };
        Ok(Arc::new_cyclic(|weak_self| Self {
            store,
            clock,
            ledger,
            hub,
            sessions,
            passwords,
            login_throttle,
            image_workers: WorkerPool::new(1, MAX_QUEUED_IMAGES),
            signer,
            data_key: Arc::new(data_key),
            lifetimes,
            totp_throttle: TotpThrottle::default(),
            setup_code: settings.setup_code,
            mailer,
            public_url: settings.public_url,
            default_config,
            epoch: service.epoch(),
            lobby: service.lobby_id,
            node,
            exports: ExportLimiter::default(),
            followers,
            weak_self: weak_self.clone(),
            is_damaged: AtomicBool::default(),
            readiness: tokio::sync::Mutex::default(),
            running: Mutex::new(Running { aborted_on_stop, awaited_on_stop: vec![ledger_task, feed_task] }),
        }))
    }

    /// Finishes running commands and closes every subscription; call it after the server has stopped accepting
    /// requests. Acknowledged writes are durable, so a database that does not respond does not block the stop.
    pub async fn stop(&self) {
        self.hub.stop();
        if tokio::time::timeout(STOP_TIMEOUT, self.finish()).await.is_err() {
            tracing::warn!("some writes did not finish in time");
        }
    }

    async fn finish(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        self.ledger.stop().await;
        running.aborted_on_stop.iter().for_each(JoinHandle::abort);
        for task in running.aborted_on_stop.into_iter().chain(running.awaited_on_stop) {
            let _ = task.await;
        }
        presence::delete_node(&self.store, self.node).await;
        if let Err(error) = store::followers::release(&self.store.write, self.node).await {
            tracing::debug!(%error, "cannot release the followers; another node takes over when the leases expire");
        }
        self.store.checkpoint().await;
        self.store.close().await;
    }

    /// Clock of the service.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Resolves an access token to its caller; fails if the session has ended.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller> {
        let now = self.clock.now();
        let (session, is_new) = match access_token.strip_prefix(tokens::PERSONAL_TOKEN_PREFIX) {
            Some(_) => self.sessions.find_token(&self.store.read, tokens::hash(access_token)).await?,
            None => (self.signer.verify(access_token, now)?, false),
        };
        let caller = self.sessions.find(&self.store.read, session, now).await?;
        if is_new {
            audit::logged_in("token", caller.user_id, session);
        }
        Ok(caller)
    }

    /// Reloads the caller of a connection: the role may have changed and the session may have ended since it was
    /// opened.
    pub async fn refresh_caller(&self, caller: &Caller) -> Result<Caller> {
        self.sessions.find(&self.store.read, caller.session_id, self.clock.now()).await
    }

    /// Checks the SQLite file in the background if the last server on it was killed or lost power. Call it when the
    /// server accepts requests: a large file takes a while.
    pub fn check_file(&self) {
        let Some(service) = self.weak_self.upgrade().filter(|service| service.store.was_interrupted) else { return };
        let check = tokio::spawn(async move {
            match store::damage::list(&service.store).await {
                Ok(errors) if errors.is_empty() => tracing::info!("the database file is intact after an unclean end"),
                Ok(errors) => {
                    service.is_damaged.store(true, Ordering::Relaxed);
                    let errors = errors.join("; ");
                    tracing::error!(%errors, "the database file is damaged: stop the server and restore a backup, see \"Backup and restore\" in docs/operations.md");
                }
                Err(error) => tracing::error!(%error, "cannot check the database file for damage"),
            }
        });
        self.running.lock().unwrap_or_else(PoisonError::into_inner).aborted_on_stop.push(check);
    }

    /// Checks readiness: the database answers and is not damaged, the ledger runs, and there is disk space.
    pub async fn check_ready(&self) -> Result<(), NotReady> {
        // Anyone may call this at any rate, so the result is cached for a second.
        let mut last = self.readiness.lock().await;
        if let Some((at, readiness)) = &*last
            && at.elapsed() < Duration::from_secs(1)
        {
            return readiness.clone();
        }
        let readiness = self.probe_readiness().await;
        *last = Some((Instant::now(), readiness.clone()));
        readiness
    }

    async fn probe_readiness(&self) -> Result<(), NotReady> {
        if self.is_damaged.load(Ordering::Relaxed) {
            let detail = "The database file is damaged. Stop the server and restore a backup.";
            return Err(NotReady { part: "reads", reason: "damaged", error: Error::new(Code::Busy, detail) });
        }
        let reads = store::service::find(&self.store.read).await.or_internal();
        reads.map_err(|error| not_ready("reads", error))?;
        let writes = match &self.store.file {
            // The no-op below may fit into the existing database file even when the disk is full.
            Some(file) if files::is_disk_full(file) => Err(Error::disk_full()),
            _ => self.ledger.write(Actor::System, NoOp).await,
        };
        writes.map_err(|error| not_ready("writes", error))
    }

    /// Subscribes the caller to the event stream, from a cursor or from now.
    pub async fn subscribe(&self, caller: &Caller, cursor: Option<Cursor>) -> Result<Subscription> {
        Permission::Read.check(caller)?;
        Subscription::open(self.arc()?, caller, cursor).await
    }

    /// `Arc` of the service, for tasks that outlive a call.
    pub(crate) fn arc(&self) -> Result<Arc<Self>> {
        self.weak_self.upgrade().ok_or_else(|| internal_error(&std::fmt::Error))
    }

    /// Runs the followers of this node now, until they have followed every event and done what is due, for tests that
    /// move the clock.
    pub async fn run_followers(&self) {
        self.followers.run_now().await;
    }

    /// The followers, and the position of the last event.
    pub async fn list_followers(&self) -> Result<(i64, Vec<FollowerStatus>)> {
        follower::command_line::list(&self.store.read).await.or_internal()
    }

    /// View context at the current time.
    pub(crate) fn view_context(&self) -> ViewContext {
        ViewContext { at: self.clock.now(), hub: self.hub.clone() }
    }
}

fn not_ready(part: &'static str, error: Error) -> NotReady {
    let reason = if error.code == Code::DiskFull { "disk_full" } else { "unavailable" };
    NotReady { part, reason, error }
}

/// Writes without changing anything: a reply proves that the ledger runs and the database accepts writes. SQLite skips
/// a write of an unchanged value, so this changes a value and changes it back; on PostgreSQL it writes one log record,
/// which locks no row that the rest of the batch would wait for.
pub struct NoOp;

#[async_trait]
impl Command for NoOp {
    type Output = ();

    async fn run(&self, tx: &mut Tx, _: &mut CommandContext) -> Result<(), CommandError> {
        Ok(store::service::touch(tx).await?)
    }
}
