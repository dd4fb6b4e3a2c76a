//! A follower of new messages on both databases: it stores their ids, and counts them.

use super::{Follower, batch_size::BatchSize, command_line};
use crate::{
    Clock, Service, ServiceOptions,
    error::CommandError,
    events::ledger::CommandContext,
    store::{self, Backend, Tx, events::EventRow, on},
};
use async_trait::async_trait;
use protocol::{
    command::{Register, SendMessage},
    credentials::Registration,
    event::EventKind,
    id::ClientId,
    port::prelude::*,
    session::{Caller, Client},
};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use uuid::Uuid;

/// Stores the ids of all messages in the table `seen`, and how many events it applied in the table `applied`.
struct MessageCounter;

const NAME: &str = "message-counter";
/// The line in the Lobby about the user who joined.
const JOINED: i64 = 1;

#[async_trait]
impl Follower for MessageCounter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn kinds(&self) -> &'static [EventKind] {
        &[EventKind::MessageCreated]
    }

    async fn apply(&self, tx: &mut Tx, _: &mut CommandContext, events: &[EventRow]) -> Result<(), CommandError> {
        // A message that begins with "bad" violates the constraint of the column.
        const SEE: &str = "insert into seen (id) select case when body not like 'bad%' then id end from messages \
            where id = $1 on conflict (id) do nothing";
        const COUNT: &str = "update applied set count = count + 1";
        for event in events {
            on!(&mut *tx, tx => sqlx::query(COUNT).execute(&mut **tx).await.map(|_| ()))?;
            on!(&mut *tx, tx => sqlx::query(SEE).bind(event.subject).execute(&mut **tx).await.map(|_| ()))?;
        }
        Ok(())
    }

    async fn rebuild(
        &self,
        tx: &mut Tx,
        _: &mut CommandContext,
        after: Option<Uuid>,
        _: i64,
    ) -> Result<Option<Uuid>, CommandError> {
        /// Fewer than the tests have, so that a rebuild has several parts.
        const LIMIT: i64 = 7;
        const SEE: &str =
            "insert into seen (id) select id from messages where id > $1 order by id limit $2 returning id";
        if after.is_none() {
            tx.execute("delete from seen").await?;
        }
        let found: Vec<Uuid> = on!(tx, tx => sqlx::query_scalar(SEE)
            .bind(after.unwrap_or_default()).bind(LIMIT).fetch_all(&mut **tx).await)?;
        Ok(if found.len() < 7 { None } else { found.into_iter().max() })
    }
}

struct TestService {
    service: Arc<Service>,
    options: ServiceOptions,
    clock: Clock,
    caller: Caller,
    _data: TempDir,
}

impl TestService {
    async fn sqlite() -> Self {
        Self::new(None).await
    }

    async fn postgres() -> Self {
        let server =
            std::env::var("LAIR_TEST_POSTGRES").expect("a PostgreSQL server for tests: `make test` starts one");
        let name = format!("follower_{}", Clock::default().id().simple());
        let pool = sqlx_postgres::PgPool::connect(&server).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&pool).await.unwrap();
        pool.close().await;
        let (base, rest) = server.split_once('?').unwrap();
        let (host, _) = base.rsplit_once('/').unwrap();
        Self::new(Some(format!("{host}/{name}?{rest}"))).await
    }

    async fn new(database_url: Option<String>) -> Self {
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
        let data = tempfile::tempdir().unwrap();
        let options = ServiceOptions {
            data_dir: data.path().to_owned(),
            database_url,
            feed_url: None,
            jwt_secret: Some("a secret of the tests that is long enough".into()),
            data_key: None,
            setup_code: None,
            throttle_logins: false,
            public_url: "https://chat.example.org".into(),
            mail: None,
            registration: Registration::Open,
            event_retention: 30 * 24 * 60 * 60 * 1000,
            session_idle: 400 * 24 * 60 * 60 * 1000,
            session_lifetime: 400 * 24 * 60 * 60 * 1000,
        };
        let clock = Clock::default();
        // The tables of the follower exist before it does.
        let first = Service::start_with(options.clone(), clock.clone(), Vec::new()).await.unwrap();
        execute(
            &first,
            "create table seen (id uuid not null primary key)",
            "create table seen (id blob not null unique)",
        )
        .await;
        let applied = "create table applied (count bigint not null)";
        execute(&first, applied, applied).await;
        let row = "insert into applied (count) values (0)";
        execute(&first, row, row).await;
        first.stop().await;
        let service = start(&options, &clock).await;
        let register = Register {
            username: "ada".into(),
            email: None,
            password: "correct horse battery".into(),
            display_name: None,
            setup_code: None,
            invitation: None,
        };
        let tokens = service.register_user(&Client::default(), register, None).await.unwrap().value;
        let caller = service.authenticate(&tokens.access_token).await.unwrap();
        Self { service, options, clock, caller, _data: data }
    }

    async fn send(&self, body: &str) {
        let command = SendMessage { body: body.into(), client_id: ClientId(self.clock.id().to_string()) };
        self.service.send_message(&self.caller, self.service.lobby, command).await.unwrap();
    }

    async fn send_many(&self, count: usize) {
        futures::future::join_all((0..count).map(|_| self.send("hello"))).await;
    }

    async fn count(&self, sql: &'static str) -> i64 {
        count(&self.service, sql).await
    }

    /// Runs the same SQL on either database.
    async fn execute(&self, sql: &'static str) {
        execute(&self.service, sql, sql).await;
    }

    async fn position(&self) -> i64 {
        self.count("select position from followers where name = 'message-counter'").await
    }

    async fn newest(&self) -> i64 {
        self.count("select position from service").await
    }

    /// Another node takes the lease and keeps it.
    async fn lose_lease(&self) {
        self.execute(
            "update followers set epoch = epoch + 1, expires_at = 9000000000000000 where name = 'message-counter'",
        )
        .await;
    }
}

async fn start(options: &ServiceOptions, clock: &Clock) -> Arc<Service> {
    let mut followers = crate::retention::followers(options.event_retention);
    followers.push(Arc::new(MessageCounter));
    Service::start_with(options.clone(), clock.clone(), followers).await.unwrap()
}

async fn execute(service: &Service, postgres: &'static str, sqlite: &'static str) {
    match &service.store.write {
        Backend::Sqlite(pool) => drop(sqlx::query(sqlite).execute(pool).await.unwrap()),
        Backend::Postgres(pool) => drop(sqlx::query(postgres).execute(pool).await.unwrap()),
    }
}

async fn count(service: &Service, sql: &'static str) -> i64 {
    on!(&service.store.read, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

macro_rules! on_both_databases {
    ($($test:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(super::TestService::sqlite().await).await })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(super::TestService::postgres().await).await })+
        }
    };
}

on_both_databases! {
    every_event_is_applied_once_together_with_the_position
    an_event_that_fails_five_times_is_set_aside
    a_rebuild_reads_the_tables_and_follows_from_their_position
    a_new_follower_of_an_old_database_is_rebuilt
    the_log_is_not_purged_beyond_the_slowest_follower
    a_node_that_lost_the_lease_writes_nothing_and_the_next_one_takes_over
    nothing_is_written_when_nothing_is_due
}

/// Read in one statement: the number of applied events, and of events that it should have applied at its position.
const MISSING: &str = "select (select count(*) from events e join followers f on f.name = 'message-counter' \
    where e.kind = 'message.created' and e.position <= f.position) - (select count from applied)";

async fn every_event_is_applied_once_together_with_the_position(app: TestService) {
    let sending = async {
        for _ in 0..20 {
            app.send_many(50).await;
        }
    };
    let mut sending = Box::pin(sending);
    loop {
        tokio::select! {
            () = &mut sending => break,
            missing = app.count(MISSING) => assert_eq!(missing, 0),
        }
    }
    drop(sending);
    // Wherever a node stops, the next one goes on.
    app.service.stop().await;
    let app = TestService { service: start(&app.options, &app.clock).await, ..app };
    app.service.run_followers().await;
    assert_eq!(app.count("select count from applied").await, 1_000 + JOINED);
    assert_eq!(app.count("select count(*) from seen").await, 1_000 + JOINED);
    assert_eq!(app.position().await, app.newest().await);
}

async fn an_event_that_fails_five_times_is_set_aside(app: TestService) {
    futures::future::join_all(["one", "bad", "two", "bad luck", "three"].map(|body| app.send(body))).await;
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from seen").await, 3 + JOINED);
    assert_eq!(app.count("select count from applied").await, 3 + JOINED, "failed events leave nothing behind");
    assert_eq!(app.position().await, app.newest().await);
    let (_, followers) = app.service.list_followers().await.unwrap();
    let counter = followers.iter().find(|one| one.name == NAME).unwrap();
    assert_eq!((counter.set_aside, counter.lag, counter.attempts), (2, 0, 0));
    let error = counter.last_error.as_deref().unwrap();
    assert!(error.starts_with("message.created ") && error.contains("seen"), "{error}");
    // They are forgotten later.
    app.clock.advance(91 * 24 * 60 * 60 * 1000);
    app.service.stop().await;
    let app = TestService { service: start(&app.options, &app.clock).await, ..app };
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from set_aside_events").await, 0);
}

async fn a_rebuild_reads_the_tables_and_follows_from_their_position(app: TestService) {
    app.send_many(30).await;
    app.service.run_followers().await;
    app.service.stop().await;
    let (data, url) = (app.options.data_dir.as_path(), app.options.database_url.as_deref());
    let unknown = command_line::rebuild_follower(data, url, "search").await.unwrap_err().to_string();
    assert!(unknown.contains("search") && unknown.contains(NAME), "{unknown}");
    let periodic = command_line::rebuild_follower(data, url, "clean-up").await.unwrap_err().to_string();
    assert!(periodic.contains("nothing to rebuild"), "{periodic}");
    command_line::rebuild_follower(data, url, NAME).await.unwrap();
    let (_, followers) = command_line::list_followers(data, url).await.unwrap();
    assert!(followers.iter().find(|one| one.name == NAME).unwrap().rebuild);
    let app = TestService { service: start(&app.options, &app.clock).await, ..app };
    // What it stored is lost, and with the log nothing could be applied again.
    app.service.run_followers().await;
    app.execute("delete from seen").await;
    app.execute("delete from events").await;
    app.execute("update service set compacted = position").await;
    app.service.stop().await;
    command_line::rebuild_follower(&app.options.data_dir, app.options.database_url.as_deref(), NAME).await.unwrap();
    let app = TestService { service: start(&app.options, &app.clock).await, ..app };
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from seen").await, 30 + JOINED);
    assert_eq!(app.count("select count from applied").await, 30 + JOINED, "the events before are not applied again");
    assert_eq!(app.count("select count(*) from followers where rebuild").await, 0);
    app.send_many(3).await;
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from seen").await, 33 + JOINED);
    assert_eq!(app.count("select count from applied").await, 33 + JOINED);
}

async fn a_new_follower_of_an_old_database_is_rebuilt(app: TestService) {
    app.send_many(20).await;
    app.service.stop().await;
    // A version without the follower deletes its position, so that the log is not kept for it.
    let followers = crate::retention::followers(app.options.event_retention);
    let without = Service::start_with(app.options.clone(), app.clock.clone(), followers).await.unwrap();
    assert_eq!(count(&without, "select count(*) from followers where name = 'message-counter'").await, 0);
    execute(&without, "delete from seen", "delete from seen").await;
    without.stop().await;
    let app = TestService { service: start(&app.options, &app.clock).await, ..app };
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from seen").await, 20 + JOINED);
    assert_eq!(app.position().await, app.newest().await);
}

async fn the_log_is_not_purged_beyond_the_slowest_follower(app: TestService) {
    app.send_many(5).await;
    app.service.run_followers().await;
    app.lose_lease().await;
    let position = app.position().await;
    app.send_many(5).await;
    app.clock.advance(31 * 24 * 60 * 60 * 1000);
    app.service.run_followers().await;
    assert_eq!(app.count("select compacted from service").await, position);
    assert_eq!(app.count("select min(position) from events").await, position + 1);
    // One that is to be rebuilt does not need the events.
    app.execute("update followers set rebuild = (1 = 1) where name = 'message-counter'").await;
    app.service.run_followers().await;
    assert_eq!(app.count("select compacted from service").await, app.newest().await);
}

async fn a_node_that_lost_the_lease_writes_nothing_and_the_next_one_takes_over(app: TestService) {
    app.send_many(5).await;
    app.service.run_followers().await;
    app.lose_lease().await;
    let position = app.position().await;
    app.send_many(5).await;
    // The first write fails, and the follower stops.
    app.service.run_followers().await;
    assert_eq!((app.position().await, app.count("select count from applied").await), (position, 5 + JOINED));
    // The other node dies.
    app.execute("update followers set expires_at = 0").await;
    let other = start(&app.options, &app.clock).await;
    while app.count("select count from applied").await < 10 + JOINED {
        other.run_followers().await;
    }
    app.send_many(5).await;
    while app.count("select count from applied").await < 15 + JOINED {
        app.service.run_followers().await;
        other.run_followers().await;
    }
    assert_eq!(app.count(MISSING).await, 0);
    assert_eq!(app.count("select count(*) from seen").await, 15 + JOINED);
    // A stop releases the leases: the next node need not wait.
    app.service.stop().await;
    other.stop().await;
    let app = TestService { service: start(&app.options, &app.clock).await, ..app };
    app.send_many(5).await;
    app.service.run_followers().await;
    assert_eq!(app.count("select count from applied").await, 20 + JOINED);
}

async fn nothing_is_written_when_nothing_is_due(app: TestService) {
    app.service.run_followers().await;
    app.execute("update followers set ran_at = null").await;
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from followers where ran_at is not null").await, 0);
    app.clock.advance(31 * 24 * 60 * 60 * 1000);
    app.service.run_followers().await;
    assert_eq!(app.count("select count(*) from followers where ran_at is not null").await, 1);
    let names = store::followers::list(&app.service.store.read).await.unwrap();
    let ran: Vec<_> = names.iter().filter(|row| row.ran_at.is_some()).map(|row| row.name.as_str()).collect();
    assert_eq!(ran, ["event-retention"]);
}

#[test]
fn batches_are_adapted_to_the_time_they_take() {
    let mut size = BatchSize::default();
    for _ in 0..20 {
        size.adapt(Duration::from_millis(1));
    }
    assert_eq!(size.0, 4_096);
    size.adapt(Duration::from_millis(4));
    assert_eq!(size.0, 4_096);
    for _ in 0..20 {
        size.adapt(Duration::from_millis(6));
    }
    assert_eq!(size.0, 8);
}
