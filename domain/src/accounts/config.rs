//! Settings that administrators change at runtime. They are read from the database on each use, so that a change
//! applies on every node at once.

use crate::{
    Service,
    auth::reauthentication::require_current,
    error::{CommandError, DbResultExt, internal_error},
    events::ledger::{Command, CommandContext},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Result, credentials::Config, permissions::Permission, port::ServiceConfig, session::Caller, time::Time,
};
use serde_json::{Map, Value};

#[async_trait]
impl ServiceConfig for Service {
    async fn get_config(&self, caller: &Caller) -> Result<Config> {
        Permission::ManageServer.check(caller)?;
        self.read_config().await
    }

    async fn set_config(&self, caller: &Caller, config: Config) -> Result<Config> {
        Permission::ManageServer.check(caller)?;
        self.require_recent_password_in_session(caller).await?;
        let Value::Object(fields) = serde_json::to_value(&config).map_err(|cause| internal_error(&cause))? else {
            return Err(protocol::Error::internal());
        };
        self.ledger.write(caller, SetConfig { fields }).await?;
        tracing::info!(by = %caller.user_id, ?config, "configuration changed");
        Ok(config)
    }

    fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    fn public_url(&self) -> &str {
        &self.public_url
    }

    fn now(&self) -> Time {
        self.clock.now()
    }
}

impl Service {
    pub(super) async fn read_config(&self) -> Result<Config> {
        let changed = store::config::list(&self.store.read).await.or_internal()?;
        Ok(merge(&self.default_config, changed))
    }
}

/// Reads the configuration within a command.
pub async fn read(tx: &mut Tx, default: &Config) -> sqlx::Result<Config> {
    Ok(merge(default, store::config::list_in(tx).await?))
}

/// Applies the stored changes to the operator's defaults. Invalid values, written by an older or newer version, are
/// ignored.
fn merge(default: &Config, changed: Vec<(String, String)>) -> Config {
    let mut config = default.clone();
    for (key, value) in changed {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(&config) else { continue };
        let Ok(value) = serde_json::from_str(&value) else { continue };
        fields.insert(key, value);
        config = serde_json::from_value(Value::Object(fields)).unwrap_or(config);
    }
    config
}

struct SetConfig {
    fields: Map<String, Value>,
}

#[async_trait]
impl Command for SetConfig {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        require_current(tx, ctx, Permission::ManageServer).await?;
        for (key, value) in &self.fields {
            store::config::set(tx, key, &value.to_string()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use protocol::credentials::{Config, Registration};

    #[test]
    fn invalid_stored_settings_are_ignored() {
        let merged = |key: &str, value: &str| merge(&Config::default(), vec![(key.into(), value.into())]).registration;
        assert_eq!(merged("registration", "\"closed\""), Registration::Closed);
        for (key, value) in [("registration", "\"perhaps\""), ("registration", "{"), ("colour", "\"closed\"")] {
            assert_eq!(merged(key, value), Registration::Open, "{key} {value}");
        }
    }
}
