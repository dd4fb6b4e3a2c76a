//! Validation of the settings; every error names its key and the fix.

mod duration;
mod limits;
mod network;

use super::{LogFormat, PublicUrl, RawConfig, ServerConfig, raw::ConfigError};
use crate::rate_limit::Quotas;
use domain::{MailConfigError, MailSettings};
use duration::{duration, idle};
use limits::{count, quota};
use network::{host, network};
use protocol::credentials::Registration;
use std::{
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The default time limit of an ordinary request, including its arrival.
const TIME_LIMIT: Duration = Duration::from_secs(30);

impl RawConfig {
    /// Validates all settings, and reports all errors at once.
    pub fn check(self) -> Result<ServerConfig, ConfigError> {
        let mut problems = Vec::new();
        let mut report = |key: &str, complaint: ConfigProblem| problems.push(complaint.for_key(key));
        let listen = checked("listen", self.listen, |text| address(&text), &mut report);
        let database_url = checked("database-url", self.database_url, |text| database(&text), &mut report);
        let jwt_secret = checked("jwt-secret", self.jwt_secret, secret, &mut report);
        let data_key = checked("data-key", self.data_key, long_secret, &mut report);
        let public_url = checked("public-url", self.public_url, |text| url(&text), &mut report);
        let mail = match mail(self.smtp_url, self.mail_from, public_url.as_ref()) {
            Ok(mail) => mail,
            Err((key, complaint)) => {
                report(key, complaint);
                None
            }
        };
        let registration = checked("registration", self.registration, |text| registration(&text), &mut report);
        let time_limit = checked("time-limit", self.time_limit, |text| duration(&text), &mut report);
        let keep_events = checked("keep-events", self.keep_events, |text| duration(&text), &mut report);
        let session_idle = checked("session-idle", self.session_idle, |text| idle(&text), &mut report);
        let session_lifetime = checked("session-lifetime", self.session_lifetime, |text| duration(&text), &mut report);
        let are_limited = checked("rate-limits", self.rate_limits, |text| switch(&text), &mut report);
        let usual = Quotas::default();
        let mut limit = |key, text, usual| checked(key, text, |text| quota(&text), &mut report).unwrap_or(usual);
        let sign_in = limit("limit-sign-in", self.limit_sign_in, usual.sign_in);
        let write = limit("limit-write", self.limit_write, usual.write);
        let read = limit("limit-read", self.limit_read, usual.read);
        let address = limit("limit-address", self.limit_address, usual.address);
        let mut limit = |key, text, usual| checked(key, text, |text| count(&text), &mut report).unwrap_or(usual);
        let account_connections =
            limit("limit-account-connections", self.limit_account_connections, usual.account_connections);
        let address_connections =
            limit("limit-address-connections", self.limit_address_connections, usual.address_connections);
        let quotas = Quotas { sign_in, write, read, address, account_connections, address_connections };
        let metrics_token = checked("metrics-token", self.metrics_token, long_secret, &mut report);
        let log = checked("log", self.log, |text| format(&text), &mut report);
        let mut proxies = Vec::new();
        for text in self.trusted_proxies.unwrap_or_default() {
            proxies.extend(checked("trusted-proxies", Some(text), |text| network(&text), &mut report));
        }
        let mut origins = Vec::new();
        for text in self.allowed_origins.unwrap_or_default() {
            origins
                .extend(checked("allowed-origins", Some(text), |text| url(&text), &mut report).map(|url| url.origin));
        }
        let mut hosts = Vec::new();
        for text in self.allowed_hosts.unwrap_or_default() {
            hosts.extend(checked("allowed-hosts", Some(text), |text| host(&text), &mut report));
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        Ok(ServerConfig {
            listen: listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            data: self.data.unwrap_or_else(|| "data".into()).into(),
            database_url,
            feed_url: self.feed_url,
            jwt_secret,
            data_key,
            public_url,
            mail,
            registration: registration.unwrap_or_default(),
            trusted_proxies: proxies,
            allowed_origins: origins,
            allowed_hosts: hosts,
            time_limit: time_limit.map_or(TIME_LIMIT, |limit| Duration::from_millis(limit.unsigned_abs())),
            keep_events: keep_events.unwrap_or(30 * DAY),
            session_idle: session_idle.unwrap_or(30 * DAY),
            session_lifetime: session_lifetime.unwrap_or(180 * DAY),
            quotas: are_limited.unwrap_or(true).then_some(quotas),
            metrics_token,
            log: log.unwrap_or(LogFormat::Text),
        })
    }
}

/// What is wrong with a value, and what a valid one looks like.
struct ConfigProblem(String);

impl ConfigProblem {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn for_key(&self, key: &str) -> String {
        let file = key.replace('-', "_");
        let variable = file.to_uppercase();
        format!("{key}: {} (flag --{key}, variable LAIR_{variable}, or {file} in lair.toml)", self.0)
    }
}

fn checked<T>(
    key: &str,
    text: Option<String>,
    check: impl FnOnce(String) -> Result<T, ConfigProblem>,
    report: &mut impl FnMut(&str, ConfigProblem),
) -> Option<T> {
    match check(text?) {
        Ok(value) => Some(value),
        Err(complaint) => {
            report(key, complaint);
            None
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, ConfigProblem> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| {
        ConfigProblem::new(format!("\"{text}\" is not a valid address. Use host:port, such as 127.0.0.1:3000."))
    })
}

fn database(text: &str) -> Result<String, ConfigProblem> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(text.to_owned());
    }
    // The value may contain a password, so it is not repeated.
    Err(ConfigProblem::new(
        "This is not a PostgreSQL URL. Use postgres://user:password@host/name, or leave it out to use SQLite in the \
         data folder.",
    ))
}

fn secret(text: String) -> Result<String, ConfigProblem> {
    let secrets: Vec<_> = text.split(',').map(str::trim).collect();
    if secrets.len() > 2 {
        return Err(ConfigProblem::new(
            "There are too many secrets. Use one, or the new and the old one separated by a comma.",
        ));
    }
    secrets.iter().try_for_each(|secret| long_secret((*secret).to_owned()).map(|_| ()))?;
    Ok(text)
}

fn long_secret(text: String) -> Result<String, ConfigProblem> {
    if text.chars().count() >= 32 {
        return Ok(text);
    }
    Err(ConfigProblem::new(
        "The secret is too short. Use at least 32 random characters, such as from: openssl rand -hex 32.",
    ))
}

fn url(text: &str) -> Result<PublicUrl, ConfigProblem> {
    let bare = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://")).unwrap_or_default();
    let fits = !host.is_empty() && !host.contains(|c: char| c == '/' || c == '@' || c.is_whitespace());
    // Browsers leave the default port out of Origin.
    let usual = if bare.starts_with("https://") { ":443" } else { ":80" };
    let origin = bare.strip_suffix(usual).unwrap_or(&bare).to_owned();
    if fits { Ok(PublicUrl { origin }) } else { Err(invalid_url(text)) }
}

/// Validates the settings for email. Links in emails point to the public URL, never to a host named in a request: an
/// attacker who requests a link for another user could set it to anything.
fn mail(
    url: Option<String>,
    from: Option<String>,
    public_url: Option<&PublicUrl>,
) -> Result<Option<MailSettings>, (&'static str, ConfigProblem)> {
    let Some(url) = url else { return Ok(None) };
    let Some(site) = public_url else {
        let text = "Emails contain links, so set public-url too, such as https://chat.example.org.";
        return Err(("smtp-url", ConfigProblem::new(text)));
    };
    let host = site.origin.split("://").nth(1).and_then(|host| host.split(':').next()).unwrap_or_default();
    let from = from.unwrap_or_else(|| format!("Lair Chat <lair@{host}>"));
    MailSettings::new(&url, &from).map(Some).map_err(|bad| match bad {
        // The value may contain a password, so it is not repeated.
        MailConfigError::Url => {
            let text = "This is not an SMTP URL. Use smtp://user:password@host:587 (STARTTLS) or smtps://host.";
            ("smtp-url", ConfigProblem::new(text))
        }
        MailConfigError::From => {
            let text =
                format!("\"{from}\" is not a valid sender. Use an address such as Lair Chat <lair@example.org>.");
            ("mail-from", ConfigProblem::new(text))
        }
    })
}

fn registration(text: &str) -> Result<Registration, ConfigProblem> {
    match text {
        "open" => Ok(Registration::Open),
        "invitation" => Ok(Registration::Invitation),
        "closed" => Ok(Registration::Closed),
        _ => Err(ConfigProblem::new(format!("\"{text}\" is not valid. Use open, invitation or closed."))),
    }
}

fn invalid_url(text: &str) -> ConfigProblem {
    ConfigProblem::new(format!(
        "\"{text}\" is not a valid URL. Use scheme and host without a path, such as https://chat.example.org."
    ))
}

fn switch(text: &str) -> Result<bool, ConfigProblem> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(ConfigProblem::new(format!("\"{text}\" is not valid. Use on or off."))),
    }
}

fn format(text: &str) -> Result<LogFormat, ConfigProblem> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(ConfigProblem::new(format!("\"{text}\" is not a log format. Use text or json."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_settings_are_valid() {
        let config = RawConfig::default().check().unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.keep_events, 30 * 86_400_000);
    }

    #[test]
    fn all_problems_are_reported_at_once_with_key_and_fix() {
        let raw = RawConfig {
            listen: Some("here".into()),
            database_url: Some("mysql://root:hunter2@db".into()),
            jwt_secret: Some("short".into()),
            public_url: Some("chat.example.org".into()),
            trusted_proxies: Some(vec!["10.0.0.0/99".into()]),
            registration: Some("friends".into()),
            allowed_hosts: Some(vec!["http://chat.lan".into()]),
            time_limit: Some("soon".into()),
            keep_events: Some("a month".into()),
            rate_limits: Some("sometimes".into()),
            limit_read: Some("plenty".into()),
            limit_account_connections: Some("0".into()),
            metrics_token: Some("brief".into()),
            log: Some("xml".into()),
            ..RawConfig::default()
        };
        let message = raw.check().err().unwrap().to_string();
        assert_eq!(message.lines().count(), 14, "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        for line in message.lines() {
            assert!(line.contains("flag --") && line.contains("variable LAIR_"), "{line}");
        }
    }

    #[test]
    fn smtp_requires_a_public_url() {
        let raw = |url: &str, from: Option<&str>, public_url: Option<&str>| RawConfig {
            smtp_url: Some(url.into()),
            mail_from: from.map(Into::into),
            public_url: public_url.map(Into::into),
            ..RawConfig::default()
        };
        let site = Some("https://chat.example.org:8443");
        let good = raw("smtps://u:hunter2@mail.example.org", None, site).check().unwrap();
        assert!(
            good.print().contains("lair@chat.example.org") && !good.print().contains("hunter2"),
            "{}",
            good.print()
        );
        for (bad, key) in [
            (raw("smtp://u:hunter2@mail.example.org", None, None), "smtp-url: Emails"),
            (raw("mail.example.org hunter2", None, site), "smtp-url: This"),
            (raw("smtp://localhost", Some("nobody"), site), "mail-from"),
        ] {
            let problems = bad.check().err().unwrap().to_string();
            assert!(problems.starts_with(key) && !problems.contains("hunter2"), "{problems}");
        }
    }
}
