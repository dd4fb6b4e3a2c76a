//! Whether the person is still the one who signed in: acts that could lock them out ask for the password again, unless
//! it was given in this session a short while ago.

use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    sessions::over,
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::{Code, FieldError},
    id::{SessionId, UserId},
    limits::PASSWORD_CHARS,
    session::Caller,
};

/// Milliseconds for which a password that was given is not asked for again.
const RECENT: i64 = 15 * 60 * 1000;

impl Service {
    /// Takes the caller's password as the proof that it is them.
    pub(crate) async fn prove(&self, caller: &Caller, password: String) -> Result<()> {
        let hash = store::users::find_password_hash(&self.store.read, caller.user_id).await.or_broken()?;
        let fits = password.chars().count() <= *PASSWORD_CHARS.end();
        if !fits || !self.is_own_password(caller, password, hash).await? {
            let message = "That is not your password.";
            let errors = vec![FieldError::new("password", "wrong", message)];
            return Err(Error { errors, ..Error::new(Code::PasswordNeeded, message) });
        }
        self.ledger.write(Prove { session: caller.session_id }).await
    }

    /// Refuses a caller who has not given their password in this session lately, and does not give it now: a sensitive
    /// command calls this before it does anything.
    pub(crate) async fn recently_proved(&self, caller: &Caller, password: Option<String>) -> Result<()> {
        if let Some(password) = password {
            return self.prove(caller, password).await;
        }
        let at = store::sessions::find_authenticated_at(&self.store.read, caller.session_id).await.or_broken()?;
        if at.is_some_and(|at| self.clock.now() < at.plus(RECENT)) {
            return Ok(());
        }
        Err(Error::new(Code::PasswordNeeded, "Give your password to go on."))
    }
}

/// Who asks, and in which session.
pub type By = (UserId, SessionId);

/// The two of a caller.
pub const fn by(caller: &Caller) -> By {
    (caller.user_id, caller.session_id)
}

/// Refuses a command whose caller's session has ended since they were let in.
pub async fn require_live(tx: &mut Tx, log: &Log, (user, session): By) -> Result<(), Fault> {
    if store::sessions::hold(tx, user, session, log.at).await? { Ok(()) } else { Err(over().into()) }
}

struct Prove {
    session: SessionId,
}

#[async_trait]
impl Write for Prove {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        Ok(store::sessions::authenticate(tx, self.session, log.at).await?)
    }
}
