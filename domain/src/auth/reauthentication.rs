//! Sensitive actions, which could lock the user out, require the password again unless it was given recently in this
//! session.

use crate::{
    Service,
    auth::session_cache::session_ended,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::{Code, FieldError},
    id::{SessionId, UserId},
    limits,
    permissions::Permission,
    session::{Access, Caller},
    user::Role,
};

/// Milliseconds for which a password is not required again.
const REAUTH_WINDOW: i64 = 15 * 60 * 1000;

impl Service {
    /// Verifies the caller's password and records the time in the session.
    pub(crate) async fn reauthenticate(&self, caller: &Caller, password: String) -> Result<()> {
        let hash = store::users::find_password_hash(&self.store.read, caller.user_id).await.or_internal()?;
        let fits = limits::password(&password).chars().count() <= *limits::PASSWORD_CHARS.end();
        if !fits || self.verify_own_password(caller, password, hash).await?.is_none() {
            let message = "Wrong password.";
            let errors = vec![FieldError::new("password", "wrong", message)];
            return Err(Error { errors, ..Error::new(Code::PasswordRequired, message) });
        }
        self.ledger.write(caller, RecordAuthentication { session: caller.session_id }).await
    }

    /// Fails unless the caller has given their password recently in this session or gives it now. Sensitive commands
    /// call this before anything else.
    pub(crate) async fn require_recent_password(&self, caller: &Caller, password: Option<String>) -> Result<()> {
        if let Some(password) = password {
            return self.reauthenticate(caller, password).await;
        }
        let at = store::sessions::find_authenticated_at(&self.store.read, caller.session_id).await.or_internal()?;
        if at.is_some_and(|at| self.clock.now() < at.plus(REAUTH_WINDOW)) {
            return Ok(());
        }
        Err(Error::new(Code::PasswordRequired, "Confirm your password to continue."))
    }

    /// The same for acts that personal access tokens may perform too: a program has no password to give, and its token
    /// was created with one, for this very scope.
    pub(crate) async fn require_recent_password_in_session(&self, caller: &Caller) -> Result<()> {
        match caller.access {
            Access::Full => self.require_recent_password(caller, None).await,
            Access::Read | Access::Write | Access::Admin => Ok(()),
        }
    }
}

/// Fails unless the caller still has a permission: their role may have changed, or their account may have been
/// deactivated, since the request was authenticated. Returns the current role.
pub async fn require_current(tx: &mut Tx, ctx: &CommandContext, permission: Permission) -> Result<Role, CommandError> {
    let caller = ctx.caller()?;
    let user = store::users::find_in(tx, caller.user_id).await?.filter(|user| user.deactivated_at.is_none());
    let Some(user) = user else { return Err(session_ended().into()) };
    permission.check(&Caller { role: user.role, ..caller })?;
    Ok(user.role)
}

/// Fails if the caller's session has ended since the caller was authenticated; returns the user.
pub async fn require_active_session(tx: &mut Tx, ctx: &CommandContext) -> Result<UserId, CommandError> {
    let Caller { user_id, session_id, .. } = ctx.caller()?;
    let is_active = store::sessions::lock(tx, user_id, session_id, ctx.at).await?;
    if is_active { Ok(user_id) } else { Err(session_ended().into()) }
}

struct RecordAuthentication {
    session: SessionId,
}

#[async_trait]
impl Command for RecordAuthentication {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        Ok(store::sessions::set_authenticated_at(tx, self.session, ctx.at).await?)
    }
}
