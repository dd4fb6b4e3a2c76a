//! The command line: `--help` is the manual.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Lair Chat: team chat in one binary.
///
/// Without a command it serves. Every setting can be given as a flag, as a LAIR_* variable or in lair.toml; the first of
/// these that names it wins. Try `lair config print` to see what is in force.
#[derive(Parser)]
#[command(name = "lair", version, max_term_width = 100)]
pub struct Cli {
    /// The settings file; ./lair.toml is read when it is there.
    #[arg(long, env = "LAIR_CONFIG", value_name = "FILE", global = true, hide_env_values = true)]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    /// Settings given as flags or variables.
    pub settings: ConfigArgs,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the binary can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Serve the chat until told to stop (SIGTERM or Ctrl-C).
    Serve,
    /// Print the OpenAPI document of the REST and WebSocket API.
    Openapi,
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after a server and its data.
    #[command(subcommand)]
    Admin(AdminCommand),
}

/// What can be done for a server and its data.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum AdminCommand {
    /// Put a new key before the one in the data folder that signs access tokens. Running servers take it up within
    /// seconds, and nobody is signed out; do it twice, and no older access token is good.
    RotateKey,
}

/// What can be done with settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether the settings are good, and if not, what to change.
    Check,
    /// Print the settings in force, as lair.toml would have them; secrets are left out.
    Print,
}

/// Settings as flags and variables, unchecked.
#[expect(clippy::doc_markdown, reason = "--help shows these lines as they are")]
#[derive(Clone, Default, clap::Args)]
pub struct ConfigArgs {
    /// Where to listen [default: 127.0.0.1:3000]. Beyond this machine, the first sign-up asks for a set-up code that is
    /// printed at start.
    #[arg(long, env = "LAIR_LISTEN", value_name = "HOST:PORT", global = true, hide_env_values = true)]
    pub listen: Option<String>,

    /// The folder of the database, the keys and the files [default: ./data].
    #[arg(long, env = "LAIR_DATA", value_name = "FOLDER", global = true, hide_env_values = true)]
    pub data: Option<String>,

    /// A PostgreSQL database, as postgres://user:password@host/name, instead of lair.db in the data folder.
    #[arg(long, env = "LAIR_DATABASE_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// A NATS server, as nats://host:4222, for several nodes on one PostgreSQL database.
    #[arg(long, env = "LAIR_FEED_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub feed_url: Option<String>,

    /// What signs access tokens, at least 32 characters [default: made at first start and kept in the data folder]. To
    /// replace it, give the new one and the old one with a comma between for as long as old tokens are about.
    /// A flag shows in the list of processes; prefer the variable.
    #[arg(long, env = "LAIR_JWT_SECRET", value_name = "SECRET", global = true, hide_env_values = true)]
    pub jwt_secret: Option<String>,

    /// The address people use, as https://chat.example.org. With https, cookies are Secure and browsers are told to
    /// stay on TLS.
    #[arg(long, env = "LAIR_PUBLIC_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub public_url: Option<String>,

    /// A mail server, as smtp://user:password@host:587 (with STARTTLS) or smtps://host, to send links with which people
    /// confirm addresses and set passwords anew; needs --public-url [default: no mail is sent]. A flag shows in the list
    /// of processes; prefer the variable.
    #[arg(long, env = "LAIR_SMTP_URL", value_name = "URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// The sender of mail, as "Lair <lair@example.org>" [default: lair at the host of --public-url].
    #[arg(long, env = "LAIR_MAIL_FROM", value_name = "ADDRESS", global = true, hide_env_values = true)]
    pub mail_from: Option<String>,

    /// Who can make an account: open, invitation or closed [default: open]. Administrators can change it while the chat
    /// runs; that wins. The first account can always be made.
    #[arg(long, env = "LAIR_REGISTRATION", value_name = "WHO", global = true, hide_env_values = true)]
    pub registration: Option<String>,

    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks, with commas between.
    #[arg(long, env = "LAIR_TRUSTED_PROXIES", value_name = "LIST", global = true, hide_env_values = true)]
    pub trusted_proxies: Option<String>,

    /// Other sites whose scripts may use the API with a Bearer token (CORS), as https://tools.example.org, with commas
    /// between [default: none].
    #[arg(long, env = "LAIR_ALLOWED_ORIGINS", value_name = "LIST", global = true, hide_env_values = true)]
    pub allowed_origins: Option<String>,

    /// Further names under which this server is reached, as chat.lan, with commas between [default: none]. Beside these,
    /// it answers only to the host of --public-url, to localhost and to addresses in digits: a page elsewhere that gives
    /// its own name our address gets nothing.
    #[arg(long, env = "LAIR_ALLOWED_HOSTS", value_name = "LIST", global = true, hide_env_values = true)]
    pub allowed_hosts: Option<String>,

    /// How long a request may take, its arrival included, as 30s or 2m [default: 30s].
    #[arg(long, env = "LAIR_TIME_LIMIT", value_name = "TIME", global = true, hide_env_values = true)]
    pub time_limit: Option<String>,

    /// How long a client may be away and still be told exactly what it missed, as 30d, 12h or 90m [default: 30d].
    #[arg(long, env = "LAIR_KEEP_EVENTS", value_name = "TIME", global = true, hide_env_values = true)]
    pub keep_events: Option<String>,

    /// How long a sign-in lives without being used, as 30d or 12h [default: 30d].
    #[arg(long, env = "LAIR_SESSION_IDLE", value_name = "TIME", global = true, hide_env_values = true)]
    pub session_idle: Option<String>,

    /// How long a sign-in lives altogether, as 180d [default: 180d].
    #[arg(long, env = "LAIR_SESSION_LIFETIME", value_name = "TIME", global = true, hide_env_values = true)]
    pub session_lifetime: Option<String>,

    /// Whether anyone is limited in how fast they ask and how many connections they open, on or off [default: on].
    #[arg(long, env = "LAIR_RATE_LIMITS", value_name = "on|off", global = true, hide_env_values = true)]
    pub rate_limits: Option<String>,

    /// How many tries to sign in come from one network: so many in a second, minute or hour (s, min, h), and so many at
    /// once [default: 60/min burst 300].
    #[arg(long, env = "LAIR_LIMIT_SIGN_IN", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_sign_in: Option<String>,

    /// How much one account changes [default: 600/min burst 300].
    #[arg(long, env = "LAIR_LIMIT_WRITE", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_write: Option<String>,

    /// How much one account reads, or everyone in one network who is not signed in [default: 1200/min burst 600].
    #[arg(long, env = "LAIR_LIMIT_READ", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_read: Option<String>,

    /// How much comes from one network altogether [default: 12000/min burst 6000].
    #[arg(long, env = "LAIR_LIMIT_ADDRESS", value_name = "LIMIT", global = true, hide_env_values = true)]
    pub limit_address: Option<String>,

    /// How many connections one account has open at once: sockets, and polls while they wait [default: 100].
    #[arg(long, env = "LAIR_LIMIT_ACCOUNT_CONNECTIONS", value_name = "NUMBER", global = true, hide_env_values = true)]
    pub limit_account_connections: Option<String>,

    /// How many of these are open at once from one network [default: 5000].
    #[arg(long, env = "LAIR_LIMIT_ADDRESS_CONNECTIONS", value_name = "NUMBER", global = true, hide_env_values = true)]
    pub limit_address_connections: Option<String>,

    /// How to write the log: text or json [default: text]. What to write is said by RUST_LOG [default: info].
    #[arg(long, env = "LAIR_LOG", value_name = "FORMAT", global = true, hide_env_values = true)]
    pub log: Option<String>,
}
