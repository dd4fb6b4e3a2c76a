//! A new service on a new database, and helpers to create users and rooms.

use bytes::Bytes;
use domain::{Clock, Service, ServiceOptions};
use protocol::{
    Result,
    command::{AddMembers, CreateRoom, Login, Register, RoomFilter, SendMessage},
    credentials::Registration,
    id::{ClientId, RoomId},
    message::Message,
    page::PageQuery,
    port::prelude::*,
    room::{AddedMembers, Room, Visibility},
    session::{Caller, Client, Tokens},
    text_frame,
};
use sqlx::Executor;
use std::sync::Arc;
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse battery";

pub struct TestApp {
    pub service: Arc<Service>,
    pub clock: Clock,
    pub settings: ServiceOptions,
    _data: TempDir,
}

impl TestApp {
    pub async fn sqlite() -> Self {
        Self::new(None).await
    }

    pub async fn postgres() -> Self {
        let server = std::env::var("LAIR_TEST_POSTGRES")
            .expect("LAIR_TEST_POSTGRES names a PostgreSQL server for tests: `make test` starts one");
        let name = format!("story_{}", Clock::default().id().simple());
        let pool = sqlx_postgres::PgPool::connect(&server).await.unwrap();
        let create = sqlx::AssertSqlSafe(format!("create database {name}"));
        sqlx::query(create).execute(&pool).await.unwrap();
        pool.close().await;
        let (base, options) = server.split_once('?').unwrap_or((&server, ""));
        let (host, _) = base.rsplit_once('/').unwrap();
        Self::new(Some(format!("{host}/{name}?{options}"))).await
    }

    async fn new(database_url: Option<String>) -> Self {
        // Internal errors are in the log, which is shown when a test fails.
        let _ = tracing_subscriber::fmt().with_test_writer().with_max_level(tracing::Level::INFO).try_init();
        let data = tempfile::tempdir().unwrap();
        let settings = ServiceOptions {
            data_dir: data.path().to_owned(),
            database_url,
            feed_url: None,
            jwt_secret: Some("a secret of the tests that is long enough".into()),
            data_key: None,
            setup_code: None,
            throttle_logins: true,
            public_url: "https://chat.example.org".into(),
            mail: None,
            registration: Registration::Open,
            event_retention: 30 * 24 * 60 * 60 * 1000,
            session_idle: 30 * 24 * 60 * 60 * 1000,
            session_lifetime: 180 * 24 * 60 * 60 * 1000,
        };
        let clock = Clock::default();
        let service = Service::start_at(settings.clone(), clock.clone()).await.unwrap();
        Self { service, clock, settings, _data: data }
    }

    /// Starts another node, or the same one again, on the same database.
    pub async fn start_node(&self) -> Arc<Service> {
        Service::start_at(self.settings.clone(), self.clock.clone()).await.unwrap()
    }

    /// Runs a query that returns one number.
    pub async fn count(&self, query: &'static str) -> i64 {
        let Some(url) = &self.settings.database_url else {
            let path = self.settings.data_dir.join("lair.db");
            let pool = sqlx_sqlite::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
            return sqlx::query_scalar(query).fetch_one(&pool).await.unwrap();
        };
        let pool = sqlx_postgres::PgPool::connect(url).await.unwrap();
        sqlx::query_scalar(query).fetch_one(&pool).await.unwrap()
    }

    pub async fn register(&self, username: &str) -> Tokens {
        self.service.register_user(&Client::default(), register_command(username), None).await.unwrap().value
    }

    /// Logs in again, as on another device.
    pub async fn login(&self, login: &str) -> Tokens {
        let command = Login { login: login.into(), password: PASSWORD.into(), totp: None };
        self.service.login_user(&Client::default(), command).await.unwrap()
    }

    /// Registers a user.
    pub async fn create_user(&self, username: &str) -> Caller {
        let tokens = self.register(username).await;
        self.service.authenticate(&tokens.access_token).await.unwrap()
    }

    /// Registers a user with a display name.
    pub async fn create_user_named(&self, username: &str, display_name: &str) -> Caller {
        let command = Register { display_name: Some(display_name.into()), ..register_command(username) };
        let tokens = self.service.register_user(&Client::default(), command, None).await.unwrap().value;
        self.service.authenticate(&tokens.access_token).await.unwrap()
    }

    /// The number of deadlocks so far: the database aborts one transaction, and it is run again.
    pub async fn deadlocks(&self) -> i64 {
        match self.settings.database_url {
            Some(_) => self.count("select deadlocks from pg_stat_database where datname = current_database()").await,
            None => 0,
        }
    }

    /// The column type for bytes.
    pub const fn blob_type(&self) -> &'static str {
        if self.settings.database_url.is_some() { "bytea" } else { "blob" }
    }

    /// Runs SQL directly on the database.
    pub async fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(url) = &self.settings.database_url {
            sqlx_postgres::PgPool::connect(url).await.unwrap().execute(sql).await.unwrap();
        } else {
            let url = format!("sqlite://{}", self.settings.data_dir.join("lair.db").display());
            sqlx_sqlite::SqlitePool::connect(&url).await.unwrap().execute(sql).await.unwrap();
        }
    }

    pub async fn create_room(&self, owner: &Caller, name: &str, visibility: Visibility) -> Room {
        let command = CreateRoom { name: name.into(), visibility, ..CreateRoom::default() };
        self.service.create_room(owner, command, None).await.unwrap().value
    }

    /// Adds a user to a room.
    pub async fn add_member(&self, caller: &Caller, room: RoomId, user: &Caller) -> Result<AddedMembers> {
        self.service.add_members(caller, room, AddMembers { user_ids: vec![user.user_id] }).await
    }

    pub async fn lobby(&self, caller: &Caller) -> Room {
        let page = PageQuery { limit: 200, cursor: None };
        let rooms = self.service.list_rooms(caller, RoomFilter::Mine, page).await.unwrap().items;
        rooms.into_iter().find(|room| room.name == "Lobby").unwrap()
    }

    pub async fn send_message(&self, caller: &Caller, room: RoomId, body: &str) -> Message {
        self.service.send_message(caller, room, message_command(&self.clock, body)).await.unwrap().value
    }
}

/// A real NATS server on a free port, stopped on drop.
pub struct Nats {
    pub url: String,
    server: tokio::process::Child,
}

impl Nats {
    pub async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = tokio::process::Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", &port.to_string()])
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("nats-server is missing: `scripts/setup test` installs it");
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::task::yield_now().await;
        }
        Self { url: format!("nats://127.0.0.1:{port}"), server }
    }

    pub async fn kill(&mut self) {
        self.server.kill().await.unwrap();
    }
}

pub fn register_command(username: &str) -> Register {
    Register {
        username: username.into(),
        email: None,
        password: PASSWORD.into(),
        display_name: None,
        setup_code: None,
        invitation: None,
    }
}

pub fn message_command(clock: &Clock, body: &str) -> SendMessage {
    SendMessage { body: body.into(), client_id: ClientId(clock.id().to_string()) }
}

/// The texts of these frames.
pub fn texts(frames: &[Bytes]) -> Vec<String> {
    let texts = frames.iter().flat_map(|frames| text_frame::texts(frames));
    texts.map(|text| String::from_utf8(text.to_vec()).unwrap()).collect()
}
