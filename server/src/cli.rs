//! The command line: `--help` is the manual.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Lair Chat: team chat in one binary.
///
/// Without a command, it runs the server. Every setting can be given as a flag, as a LAIR_* variable or in lair.toml;
/// the first of these takes precedence. `lair config print` shows the configuration in effect.
#[derive(Parser)]
#[command(name = "lair", version, max_term_width = 100)]
pub struct Cli {
    /// The settings file; ./lair.toml is read if it exists.
    #[arg(long, env = "LAIR_CONFIG", value_name = "FILE", global = true, hide_env_values = true)]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    /// Settings given as flags or variables.
    pub settings: ConfigArgs,

    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Commands of the binary.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the server until it is stopped (SIGTERM or Ctrl-C).
    Serve,
    /// Print the OpenAPI document of the REST and WebSocket API.
    Openapi,
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Administer a server and its data.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Show or rebuild the followers: the background work that follows the event log or runs from time to time.
    #[command(subcommand)]
    Follower(FollowerCommand),
}

/// Commands for a server and its data.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum AdminCommand {
    /// Rotate the key that signs access tokens, in the data folder. Running servers use the new key within seconds, and
    /// nobody is signed out. After a second rotation, no older access token is valid.
    RotateKey,
}

/// Commands for followers.
#[derive(Clone, Debug, Subcommand)]
pub enum FollowerCommand {
    /// List the followers: the position of each in the event log, how many events it is behind, and the events that it
    /// could not apply. The server may be running.
    List,
    /// Rebuild what a follower stores. On SQLite, stop the server first; the rebuild begins with the next start. With
    /// PostgreSQL it begins at once if a server is running.
    Rebuild {
        /// The name of the follower, as in the list.
        name: String,
    },
}

/// Commands for settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the configuration.
    Check,
    /// Print the configuration in effect, in the format of lair.toml and without secrets.
    Print,
}

/// Settings as flags and variables, not yet validated.
#[expect(clippy::doc_markdown, reason = "--help shows these lines as they are")]
#[derive(Clone, Default, clap::Args)]
pub struct ConfigArgs {
    /// The address to listen on [default: 127.0.0.1:3000]. If other machines can reach it, the first registration
    /// requires the setup code printed in the log at startup.
    #[arg(long, env = "LAIR_LISTEN", value_name = "HOST:PORT", global = true, hide_env_values = true)]
    pub listen: Option<String>,

    /// The folder for the database, the keys and the files [default: ./data].
    #[arg(long, env = "LAIR_DATA", value_name = "FOLDER", global = true, hide_env_values = true)]
    pub data: Option<String>,

    /// A PostgreSQL database, such as postgres://user:password@host/name, instead of lair.db in the data folder.
    #[arg(long, env = "LAIR_DATABASE_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// A NATS server, such as nats://host:4222, for several nodes on one PostgreSQL database.
    #[arg(long, env = "LAIR_FEED_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub feed_url: Option<String>,

    /// The secret that signs access tokens, at least 32 characters [default: generated at first start and kept in the
    /// data folder]. To replace it, give the new and the old one, separated by a comma, until the old tokens have
    /// expired. A flag is visible in the list of processes; prefer the variable.
    #[arg(long, env = "LAIR_JWT_SECRET", value_name = "SECRET", global = true, hide_env_values = true)]
    pub jwt_secret: Option<String>,

    /// The key that seals the secrets of authenticator apps in the database, at least 32 characters; several nodes need
    /// the same one [default: generated at first start and kept in the data folder]. It cannot be replaced. A flag is
    /// visible in the list of processes; prefer the variable.
    #[arg(long, env = "LAIR_DATA_KEY", value_name = "SECRET", global = true, hide_env_values = true)]
    pub data_key: Option<String>,

    /// The public URL, such as https://chat.example.org. With https, cookies are Secure and HSTS is sent.
    #[arg(long, env = "LAIR_PUBLIC_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub public_url: Option<String>,

    /// A mail server, such as smtp://user:password@host:587 (with STARTTLS) or smtps://host, to send verification and
    /// reset links; requires --public-url [default: no email is sent]. A flag is visible in the list of processes;
    /// prefer the variable.
    #[arg(long, env = "LAIR_SMTP_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// The sender of emails, such as "Lair Chat <lair@example.org>" [default: lair at the host of --public-url].
    #[arg(long, env = "LAIR_MAIL_FROM", value_name = "ADDRESS", global = true, hide_env_values = true)]
    pub mail_from: Option<String>,

    /// Who can register: open, invitation or closed [default: open]. Administrators can change it at run time, which
    /// overrides this setting. The first account can always be created.
    #[arg(long, env = "LAIR_REGISTRATION", value_name = "WHO", global = true, hide_env_values = true)]
    pub registration: Option<String>,

    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted: addresses or networks, separated by commas.
    #[arg(long, env = "LAIR_TRUSTED_PROXIES", value_name = "LIST", global = true, hide_env_values = true)]
    pub trusted_proxies: Option<String>,

    /// Other sites whose scripts may use the API with a Bearer token (CORS), such as https://tools.example.org,
    /// separated by commas [default: none].
    #[arg(long, env = "LAIR_ALLOWED_ORIGINS", value_name = "LIST", global = true, hide_env_values = true)]
    pub allowed_origins: Option<String>,

    /// Additional host names of this server, such as chat.lan, separated by commas [default: none]. Otherwise only the
    /// host of --public-url, localhost and IP addresses are accepted, as a protection against DNS rebinding.
    #[arg(long, env = "LAIR_ALLOWED_HOSTS", value_name = "LIST", global = true, hide_env_values = true)]
    pub allowed_hosts: Option<String>,

    /// The maximum duration of a request, including receiving it, such as 30s or 2m [default: 30s].
    #[arg(long, env = "LAIR_TIME_LIMIT", value_name = "TIME", global = true, hide_env_values = true)]
    pub time_limit: Option<String>,

    /// How long a client can be away and still resume, such as 30d, 12h or 90m [default: 30d].
    #[arg(long, env = "LAIR_KEEP_EVENTS", value_name = "TIME", global = true, hide_env_values = true)]
    pub keep_events: Option<String>,

    /// How long a session lasts without being used, such as 30d or 12h [default: 30d].
    #[arg(long, env = "LAIR_SESSION_IDLE", value_name = "TIME", global = true, hide_env_values = true)]
    pub session_idle: Option<String>,

    /// How long a session lasts in total, such as 180d [default: 180d].
    #[arg(long, env = "LAIR_SESSION_LIFETIME", value_name = "TIME", global = true, hide_env_values = true)]
    pub session_lifetime: Option<String>,

    /// Rate limits and connection limits, on or off [default: on].
    #[arg(long, env = "LAIR_RATE_LIMITS", value_name = "on|off", global = true, hide_env_values = true)]
    pub rate_limits: Option<String>,

    /// Rate limit of sign-in attempts per network: N per second, minute or hour (s, min, h), with a burst of M
    /// [default: 60/min burst 300].
    #[arg(long, env = "LAIR_LIMIT_SIGN_IN", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_sign_in: Option<String>,

    /// Rate limit of changes per account [default: 600/min burst 300].
    #[arg(long, env = "LAIR_LIMIT_WRITE", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_write: Option<String>,

    /// Rate limit of reads per account, or per network for users who are not signed in [default: 1200/min burst 600].
    #[arg(long, env = "LAIR_LIMIT_READ", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_read: Option<String>,

    /// Rate limit of all requests per network [default: 12000/min burst 6000].
    #[arg(long, env = "LAIR_LIMIT_ADDRESS", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_address: Option<String>,

    /// Maximum open connections per account: WebSockets and waiting polls [default: 100].
    #[arg(long, env = "LAIR_LIMIT_ACCOUNT_CONNECTIONS", value_name = "NUMBER", global = true, hide_env_values = true)]
    pub limit_account_connections: Option<String>,

    /// Maximum open connections per network [default: 5000].
    #[arg(long, env = "LAIR_LIMIT_ADDRESS_CONNECTIONS", value_name = "NUMBER", global = true, hide_env_values = true)]
    pub limit_address_connections: Option<String>,

    /// The token with which /metrics can be read (Authorization: Bearer ...), at least 32 characters [default: none, and
    /// there is no /metrics]. A flag is visible in the list of processes; prefer the variable.
    #[arg(long, env = "LAIR_METRICS_TOKEN", value_name = "SECRET", global = true, hide_env_values = true)]
    pub metrics_token: Option<String>,

    /// The log format: text or json [default: text]. RUST_LOG sets the log level and filter [default: info].
    #[arg(long, env = "LAIR_LOG", value_name = "FORMAT", global = true, hide_env_values = true)]
    pub log: Option<String>,
}
