//! The configuration of the server: defaults, then `lair.toml`, then variables, then flags; validated before anything
//! starts.

mod check;
mod raw;

pub use raw::{ConfigError, RawConfig};

use crate::rate_limit::Quotas;
use domain::MailSettings;
use ipnet::IpNet;
use protocol::credentials::Registration;
use serde::Serialize;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Validated settings.
#[derive(Clone)]
pub struct ServerConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The folder of all persistent data.
    pub data: PathBuf,
    /// PostgreSQL instead of `SQLite`.
    pub database_url: Option<String>,
    /// NATS, for several nodes.
    pub feed_url: Option<String>,
    /// The secret that signs access tokens, or the new and the old one, separated by a comma.
    pub jwt_secret: Option<String>,
    /// The key that seals the secrets of second factors, for several nodes.
    pub data_key: Option<String>,
    /// The public URL.
    pub public_url: Option<PublicUrl>,
    /// How email is sent; `None` if it is not.
    pub mail: Option<MailSettings>,
    /// Who can register, until an administrator changes it.
    pub registration: Registration,
    /// Proxies whose forwarding headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Other sites whose scripts may use the API.
    pub allowed_origins: Vec<String>,
    /// Further host names of the server, beside that of the public URL.
    pub allowed_hosts: Vec<String>,
    /// How long a request may take, including its arrival.
    pub time_limit: Duration,
    /// How long events are kept, in milliseconds.
    pub keep_events: i64,
    /// How long a session lasts without being used, in milliseconds.
    pub session_idle: i64,
    /// How long a session lasts altogether, in milliseconds.
    pub session_lifetime: i64,
    /// The rate limits; `None` if there are none.
    pub quotas: Option<Quotas>,
    /// The token with which the metrics can be read; `None` if nobody can.
    pub metrics_token: Option<String>,
    /// The format of the log.
    pub log: LogFormat,
}

/// The public URL of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host and port, as browsers write them in `Origin`.
    pub origin: String,
}

impl PublicUrl {
    /// Host and port, as browsers write them in `Host`.
    pub fn authority(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, authority)| authority)
    }
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text, for people.
    Text,
    /// JSON, for programs.
    Json,
}

impl ServerConfig {
    /// Whether the server is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.origin.starts_with("https://"))
    }

    /// The settings in the format of `lair.toml`, without secrets.
    pub fn print(&self) -> String {
        let secret = |set: &Option<String>| set.as_ref().map(|_| "(set, not shown)".to_owned());
        let printed = PrintableConfig {
            listen: self.listen.to_string(),
            data: self.data.display().to_string(),
            database_url: secret(&self.database_url),
            feed_url: secret(&self.feed_url),
            jwt_secret: secret(&self.jwt_secret),
            data_key: secret(&self.data_key),
            public_url: self.public_url.as_ref().map(|url| url.origin.clone()),
            smtp_url: self.mail.as_ref().map(|_| "(set, not shown)".to_owned()),
            mail_from: self.mail.as_ref().map(MailSettings::from),
            registration: self.registration,
            trusted_proxies: self.trusted_proxies.iter().map(ToString::to_string).collect(),
            allowed_origins: self.allowed_origins.clone(),
            allowed_hosts: self.allowed_hosts.clone(),
            time_limit: format!("{}s", self.time_limit.as_secs()),
            keep_events: format!("{}s", self.keep_events / 1000),
            session_idle: format!("{}s", self.session_idle / 1000),
            session_lifetime: format!("{}s", self.session_lifetime / 1000),
            rate_limits: if self.quotas.is_some() { "on" } else { "off" },
            limit_sign_in: self.quotas.map(|quotas| quotas.sign_in.to_string()),
            limit_write: self.quotas.map(|quotas| quotas.write.to_string()),
            limit_read: self.quotas.map(|quotas| quotas.read.to_string()),
            limit_address: self.quotas.map(|quotas| quotas.address.to_string()),
            limit_account_connections: self.quotas.map(|quotas| quotas.account_connections.to_string()),
            limit_address_connections: self.quotas.map(|quotas| quotas.address_connections.to_string()),
            metrics_token: secret(&self.metrics_token),
            log: if self.log == LogFormat::Json { "json" } else { "text" },
        };
        toml::to_string(&printed).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct PrintableConfig {
    listen: String,
    data: String,
    database_url: Option<String>,
    feed_url: Option<String>,
    jwt_secret: Option<String>,
    data_key: Option<String>,
    public_url: Option<String>,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    registration: Registration,
    trusted_proxies: Vec<String>,
    allowed_origins: Vec<String>,
    allowed_hosts: Vec<String>,
    time_limit: String,
    keep_events: String,
    session_idle: String,
    session_lifetime: String,
    rate_limits: &'static str,
    limit_sign_in: Option<String>,
    limit_write: Option<String>,
    limit_read: Option<String>,
    limit_address: Option<String>,
    limit_account_connections: Option<String>,
    limit_address_connections: Option<String>,
    metrics_token: Option<String>,
    log: &'static str,
}
