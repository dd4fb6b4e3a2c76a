//! Personal access tokens: for programs that act for a person. They are sessions without a password, and reach no
//! further than their scope and the person's role.

use crate::{
    Service,
    accounts::end_session,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    proof::{by, require_live},
    rights::Right,
    store::{
        self, Tx,
        access_tokens::{NEVER, NewToken, TokenRow},
    },
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::CreateToken,
    error::{Code, FieldError},
    id::{SessionId, UserId},
    limits,
    notification::Notice,
    page::Page,
    session::{AccessToken, Caller, Scope},
    time::Time,
};

impl Service {
    pub(crate) async fn list_access_tokens(&self, caller: &Caller) -> Result<Page<AccessToken>> {
        let limit = i64::try_from(limits::TOKENS).unwrap_or(i64::MAX);
        let rows = store::access_tokens::list(&self.store.read, caller.user_id, self.clock.now(), limit).await;
        Ok(Page { items: rows.or_broken()?.into_iter().map(TokenRow::token).collect(), next_cursor: None })
    }

    pub(crate) async fn make_access_token(&self, caller: &Caller, command: CreateToken) -> Result<AccessToken> {
        let label = limits::label(&command.label, 1)?;
        let expires_at = command.expires_at.unwrap_or(NEVER);
        if expires_at <= self.clock.now() || expires_at > NEVER {
            return Err(FieldError::new("expires_at", "invalid", "Choose a time in the future.").into());
        }
        if command.scope == Scope::Admin && !Right::ModeratePeople.is_of(caller.role) {
            return Err(Error::new(Code::Forbidden, "Your role does nothing for which this scope is needed."));
        }
        self.recently_proved(caller, None).await?;
        let (token, hash) = tokens::new_personal(&self.clock);
        let new = Make { caller: *caller, label, scope: command.scope, expires_at, hash };
        let made = self.ledger.write(new).await?;
        Ok(AccessToken { token: Some(token), ..made.token() })
    }

    pub(crate) async fn end_access_token(&self, caller: &Caller, id: SessionId) -> Result<()> {
        self.ledger.write(End { user: caller.user_id, id }).await?;
        self.sessions.end(id);
        Ok(())
    }
}

struct Make {
    caller: Caller,
    label: String,
    scope: Scope,
    expires_at: Time,
    hash: [u8; 32],
}

#[async_trait]
impl Write for Make {
    type Done = TokenRow;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<TokenRow, Fault> {
        if let Some(made) = store::access_tokens::find_in(tx, &self.hash).await? {
            return Ok(made);
        }
        let user_id = self.caller.user_id;
        require_live(tx, log, by(&self.caller)).await?;
        let count = store::access_tokens::count(tx, user_id, log.at).await?;
        if usize::try_from(count).is_ok_and(|count| count >= limits::TOKENS) {
            let detail =
                format!("You have {count} access tokens, which is as many as one can have. Delete some first.");
            return Err(Error::new(Code::TooMany, detail).into());
        }
        let id = SessionId(log.clock.id());
        let token = NewToken {
            id,
            user_id,
            label: &self.label,
            access: self.scope.access(),
            hash: &self.hash,
            created_at: log.at,
            expires_at: self.expires_at,
        };
        store::access_tokens::create(tx, &token).await?;
        let notice = Notice::TokenCreated { session_id: id, label: self.label.clone(), scope: self.scope };
        log.notify(tx, user_id, &notice).await?;
        store::access_tokens::find_in(tx, &self.hash).await?.ok_or_else(|| Error::internal().into())
    }
}

struct End {
    user: UserId,
    id: SessionId,
}

#[async_trait]
impl Write for End {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        if !store::sessions::is_own(tx, self.user, self.id, "token").await? {
            return Err(Error::not_found("access token").into());
        }
        end_session(tx, log, self.user, self.id).await
    }
}
