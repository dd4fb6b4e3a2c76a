//! The rules and the memory of Lair Chat: no HTTP, no HTML pages.

/// Registering, administrating, exporting and deactivating accounts.
mod accounts;
/// Log lines about sign-ins, in a fixed form that operators can filter.
pub mod audit;
/// Signing in: passwords, sessions, tokens, two-factor authentication.
mod auth;
/// The first start on an empty database.
mod bootstrap;
/// The time, and ids made of it; tests can move it.
mod clock;
/// Errors of commands, and how they reach the caller.
mod error;
/// The write path (ledger) and the event stream: feed, hub, subscriptions, replay, snapshots.
mod events;
/// The data folder: permissions and free space.
mod files;
/// Idempotency keys of requests that create something.
mod idempotency;
/// Sending, editing, deleting and reading messages; Markdown.
mod messages;
/// The network of an address, by which limits count.
mod network;
/// Notifications to a user, and email.
mod notifications;
/// Cursors and pages.
mod paging;
/// The one table of permissions.
mod permissions;
/// Deleting what is older than it is kept.
mod retention;
/// Rooms, their members and the invitations into them.
mod rooms;
/// Starting, stopping and checking the service.
mod service;
/// SQL on SQLite and PostgreSQL: one file for each noun.
mod store;
/// Names of time zones.
mod time_zones;
/// Browser and device out of a `User-Agent`.
mod user_agent;
/// Profiles, avatars, presence, search and blocks.
mod users;
/// Threads for work that takes long.
mod worker_pool;

pub use crate::{
    accounts::export::Export,
    auth::signing_keys::rotate as rotate_key,
    clock::Clock,
    events::subscription::Subscription,
    files::is_accessible_to_others,
    network::Network,
    notifications::mail::{MailConfigError, MailSettings},
    permissions::Permission,
    service::{NotReady, Service},
};

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
