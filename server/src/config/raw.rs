//! Unvalidated settings: from `lair.toml`, flags and variables.

use crate::cli::ConfigArgs;
use serde::Deserialize;
use std::path::Path;

/// The errors in the settings, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// Unvalidated settings; also the format of `lair.toml`.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the same names are explained in cli::Settings and super::Config")]
pub struct RawConfig {
    pub listen: Option<String>,
    pub data: Option<String>,
    pub database_url: Option<String>,
    pub feed_url: Option<String>,
    pub jwt_secret: Option<String>,
    pub data_key: Option<String>,
    pub public_url: Option<String>,
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    pub registration: Option<String>,
    pub trusted_proxies: Option<Vec<String>>,
    pub allowed_origins: Option<Vec<String>>,
    pub allowed_hosts: Option<Vec<String>>,
    pub time_limit: Option<String>,
    pub keep_events: Option<String>,
    pub session_idle: Option<String>,
    pub session_lifetime: Option<String>,
    pub rate_limits: Option<String>,
    pub limit_sign_in: Option<String>,
    pub limit_write: Option<String>,
    pub limit_read: Option<String>,
    pub limit_address: Option<String>,
    pub limit_account_connections: Option<String>,
    pub limit_address_connections: Option<String>,
    pub metrics_token: Option<String>,
    pub log: Option<String>,
}

impl RawConfig {
    /// The settings file that is read if no other is given.
    pub const FILE: &str = "lair.toml";

    /// Whether these settings contain secrets.
    pub const fn has_secrets(&self) -> bool {
        let urls = self.database_url.is_some() || self.feed_url.is_some() || self.smtp_url.is_some();
        urls || self.jwt_secret.is_some() || self.data_key.is_some() || self.metrics_token.is_some()
    }

    /// Reads `lair.toml`, if it exists; a file that was given explicitly must exist.
    pub fn read(given: Option<&Path>) -> Result<Self, ConfigError> {
        let path = given.unwrap_or(Path::new(Self::FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && given.is_none() => return Ok(Self::default()),
            Err(error) => {
                let fix = "Set --config (LAIR_CONFIG) to a readable file, or leave it out.";
                return Err(ConfigError(vec![format!("{}: {error}. {fix}", path.display())]));
            }
        };
        toml::from_str(&text).map_err(|error| ConfigError(vec![format!("{}: {error}", path.display())]))
    }

    /// Flags and variables override the file. An empty variable counts as not set.
    #[must_use]
    pub fn merge(self, given: ConfigArgs) -> Self {
        let or = |given: Option<String>, file| given.filter(|text| !text.trim().is_empty()).or(file);
        let list = |given: Option<String>, file: Option<Vec<String>>| match given {
            Some(text) if !text.trim().is_empty() => Some(text.split(',').map(|part| part.trim().to_owned()).collect()),
            _ => file,
        };
        Self {
            listen: or(given.listen, self.listen),
            data: or(given.data, self.data),
            database_url: or(given.database_url, self.database_url),
            feed_url: or(given.feed_url, self.feed_url),
            jwt_secret: or(given.jwt_secret, self.jwt_secret),
            data_key: or(given.data_key, self.data_key),
            public_url: or(given.public_url, self.public_url),
            smtp_url: or(given.smtp_url, self.smtp_url),
            mail_from: or(given.mail_from, self.mail_from),
            registration: or(given.registration, self.registration),
            trusted_proxies: list(given.trusted_proxies, self.trusted_proxies),
            allowed_origins: list(given.allowed_origins, self.allowed_origins),
            allowed_hosts: list(given.allowed_hosts, self.allowed_hosts),
            time_limit: or(given.time_limit, self.time_limit),
            keep_events: or(given.keep_events, self.keep_events),
            session_idle: or(given.session_idle, self.session_idle),
            session_lifetime: or(given.session_lifetime, self.session_lifetime),
            rate_limits: or(given.rate_limits, self.rate_limits),
            limit_sign_in: or(given.limit_sign_in, self.limit_sign_in),
            limit_write: or(given.limit_write, self.limit_write),
            limit_read: or(given.limit_read, self.limit_read),
            limit_address: or(given.limit_address, self.limit_address),
            limit_account_connections: or(given.limit_account_connections, self.limit_account_connections),
            limit_address_connections: or(given.limit_address_connections, self.limit_address_connections),
            metrics_token: or(given.metrics_token, self.metrics_token),
            log: or(given.log, self.log),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogFormat;

    #[test]
    fn a_flag_overrides_the_file_and_an_empty_variable_does_not() {
        let file = RawConfig { listen: Some("0.0.0.0:1".into()), log: Some("json".into()), ..RawConfig::default() };
        let given = ConfigArgs { listen: Some("0.0.0.0:2".into()), log: Some(" ".into()), ..ConfigArgs::default() };
        let config = file.merge(given).check().unwrap();
        assert_eq!((config.listen.port(), config.log), (2, LogFormat::Json));
    }

    #[test]
    fn unknown_keys_in_the_file_are_rejected() {
        assert!(toml::from_str::<RawConfig>("listen = \"x\"\ntrusted_proxies = [\"10.0.0.1\"]").is_ok());
        let error = toml::from_str::<RawConfig>("lisen = \"x\"").err().unwrap().to_string();
        assert!(error.contains("lisen") && error.contains("listen"), "{error}");
    }
}
