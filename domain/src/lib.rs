//! The rules and the memory of Lair Chat: no HTTP, no HTML pages.

mod accounts;
mod administration;
mod attempts;
pub mod audit;
mod avatars;
mod clock;
mod credentials;
mod device;
mod export;
mod fault;
mod feed;
mod files;
mod hub;
mod idempotency;
mod keys;
mod leaving;
mod ledger;
mod listener;
mod mail;
mod markdown;
mod members;
mod messages;
mod network;
mod notifications;
mod passwords;
mod people;
mod presence;
mod profiles;
mod proof;
mod rights;
mod rooms;
mod service;
mod sessions;
mod sight;
mod sign_ins;
mod spellings;
mod store;
mod strength;
mod subjects;
mod sync;
mod tokens;
mod turns;
mod zones;

pub use clock::Clock;
pub use export::Export;
pub use files::is_accessible_to_others;
pub use keys::rotate as rotate_key;
pub use listener::Subscription;
pub use mail::{MailConfigError, MailSettings};
pub use network::Network;
pub use rights::Permission;
pub use service::{NotReady, Service};

use protocol::{credentials::Registration, session::Tokens};
use std::path::PathBuf;

/// What the service needs to know at start.
#[derive(Clone)]
pub struct ServiceOptions {
    /// The folder of the database file and the keys; made when it is missing.
    pub data_dir: PathBuf,
    /// A PostgreSQL URL; none means SQLite in `data`.
    pub database_url: Option<String>,
    /// A NATS URL for many nodes on one PostgreSQL.
    pub feed_url: Option<String>,
    /// The key that signs access tokens, or the new and the old one with a comma between; none means those kept in `data`.
    pub jwt_secret: Option<String>,
    /// What the first sign-up must give, when the server can be reached from other machines.
    pub setup_code: Option<String>,
    /// Whether wrong passwords make the next try wait.
    pub throttle_logins: bool,
    /// Where people reach the server, without a slash at the end: links lead there, whatever a request says.
    pub public_url: String,
    /// How mail is sent; none means that none is.
    pub mail: Option<MailSettings>,
    /// Who can make an account, until an administrator changes it.
    pub registration: Registration,
    /// How long a session lives without being used, in milliseconds.
    pub session_idle: i64,
    /// How long a session lives altogether, in milliseconds.
    pub session_lifetime: i64,
    /// How long events are kept for clients that are away, in milliseconds.
    pub event_retention: i64,
}

/// Why the service could not start; the text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// Who holds a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// An API client: a token is good once.
    Api,
    /// A browser's cookie: the token just replaced stays good for 30 seconds, since two tabs may renew at once.
    Browser,
}

/// A renewed sign-in.
#[derive(Debug)]
pub enum Refreshed {
    /// A new pair; the old refresh token is used up.
    Pair(Box<Tokens>),
    /// Another tab renewed just before: a new access token (and its lifetime in seconds), the cookie's refresh token
    /// has been replaced by that other answer.
    Access(String, i64),
}

/// Why a listener hears no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// It read too slowly; it can resume by its cursor.
    TooSlow,
    /// Its session is over.
    SessionEnded,
    /// The server is stopping; reconnect.
    Stopping,
    /// Something failed on our side; reconnect.
    Failed,
}
