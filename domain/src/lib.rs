//! The domain logic and the storage of Lair Chat: no HTTP, no HTML.

/// Registration, administration, export and deactivation of accounts.
mod accounts;
/// Audit log lines about logins, in a fixed format that operators can filter.
pub mod audit;
/// Authentication: passwords, sessions, tokens, two-factor authentication.
mod auth;
/// Initial data for an empty database.
mod bootstrap;
/// Current time, and ids generated from it; tests can move the clock.
mod clock;
/// Hexadecimal text, and hashes of requests.
mod digest;
/// Errors of commands, and their conversion to API errors.
mod error;
/// The write path (ledger) and the event stream: feed, hub, subscriptions, replay, snapshots.
mod events;
/// Data directory: permissions and free space.
mod files;
/// Idempotency keys of requests that create something.
mod idempotency;
/// Sending, editing, deleting and reading messages; Markdown.
mod messages;
/// Network prefix of an IP address, the key for rate limits.
mod network;
/// User notifications and email.
mod notifications;
/// Cursors and pagination.
mod paging;
/// The followers, and those that purge rows past their retention.
mod retention;
/// Rooms, room members and room invitations.
mod rooms;
/// Starting, stopping and checking the service.
mod service;
/// SQL for SQLite and PostgreSQL: one file per entity.
mod store;
/// Time zone names.
mod time_zones;
/// Parses the browser and the device from a `User-Agent`.
mod user_agent;
/// Profiles, avatars, presence, search and blocks.
mod users;
/// Worker threads for CPU-bound work.
mod worker_pool;

pub use crate::{
    accounts::export::Export,
    auth::signing_keys::rotate as rotate_key,
    clock::Clock,
    events::{
        follower::command_line::{FollowerStatus, list_followers, rebuild_follower},
        subscription::Subscription,
    },
    files::is_accessible_to_others,
    network::Network,
    notifications::mail::{MailConfigError, MailSettings},
    service::{NotReady, Service},
};

use protocol::{credentials::Registration, session::Tokens};
use std::path::PathBuf;

/// Options of the service, read at start.
#[derive(Clone)]
pub struct ServiceOptions {
    /// Directory of the database file and the keys; created if it is missing.
    pub data_dir: PathBuf,
    /// PostgreSQL URL; `None` means SQLite in `data_dir`.
    pub database_url: Option<String>,
    /// NATS URL, for several nodes on one PostgreSQL.
    pub feed_url: Option<String>,
    /// Key that signs access tokens, or the new and the old key separated by a comma; `None` uses the keys in
    /// `data_dir`.
    pub jwt_secret: Option<String>,
    /// Key that seals the secrets of second factors, the same on all nodes; `None` uses the one in `data_dir`.
    pub data_key: Option<String>,
    /// Code required from the first registration, when the server is reachable from other machines.
    pub setup_code: Option<String>,
    /// Whether failed password attempts delay the next attempt.
    pub throttle_logins: bool,
    /// Public base URL without a trailing slash. Links use it and ignore the request's host.
    pub public_url: String,
    /// SMTP settings; `None` disables mail.
    pub mail: Option<MailSettings>,
    /// Registration policy, until an administrator changes it.
    pub registration: Registration,
    /// Idle timeout of a session, in milliseconds.
    pub session_idle: i64,
    /// Absolute lifetime of a session, in milliseconds.
    pub session_lifetime: i64,
    /// How long events are kept for replay to disconnected clients, in milliseconds.
    pub event_retention: i64,
}

/// Startup error; the text explains how to fix it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// Kind of client that stores a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// API client: each refresh token can be used once.
    Api,
    /// Browser cookie: a replaced token stays valid for 30 seconds, because two tabs may refresh at the same time.
    Browser,
}

/// Result of a token refresh.
#[derive(Debug)]
pub enum Refreshed {
    /// New token pair; the old refresh token is consumed.
    Pair(Box<Tokens>),
    /// Another tab refreshed just before: a new access token and its lifetime in seconds. The response to that tab has
    /// already replaced the refresh token in the cookie.
    Access(String, i64),
}

/// Why a subscription was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The client read too slowly; it can resume from its cursor.
    TooSlow,
    /// The session has ended.
    SessionEnded,
    /// The server is stopping; the client should reconnect.
    Stopping,
    /// Internal error; the client should reconnect.
    Failed,
}
