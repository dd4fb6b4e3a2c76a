//! Personal access tokens: for programs that act for a person. They are sessions without a password, and reach no
//! further than their scope and the person's role.

use super::sessions::End;
use crate::{
    Service,
    fault::{Fault, OrBroken},
    idempotency::IdempotencyKey,
    ledger::{Log, Write},
    proof::{by, require_live},
    rights::Right,
    store::{
        self, Tx,
        access_tokens::{NEVER, NewToken, TokenRow},
        sessions::Kind,
    },
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::CreateToken,
    error::{Code, FieldError},
    id::{ClientId, SessionId},
    limits,
    notification::Notice,
    page::{Created, Page},
    port::AccessTokens,
    session::{AccessToken, Caller, Scope},
    time::Time,
};

#[async_trait]
impl AccessTokens for Service {
    async fn access_tokens(&self, caller: &Caller) -> Result<Page<AccessToken>> {
        Right::Look.check(caller)?;
        let limit = i64::try_from(limits::TOKENS).unwrap_or(i64::MAX);
        let rows = store::access_tokens::list(&self.store.read, caller.user_id, self.clock.now(), limit).await;
        Ok(Page { items: rows.or_broken()?.into_iter().map(TokenRow::token).collect(), next_cursor: None })
    }

    async fn create_access_token(
        &self,
        caller: &Caller,
        command: CreateToken,
        key: Option<ClientId>,
    ) -> Result<Created<AccessToken>> {
        Right::ManageSignIn.check(caller)?;
        let label = limits::label(&command.label, 1)?;
        let expires_at = command.expires_at.unwrap_or(NEVER);
        let key = IdempotencyKey::new(key, &(&label, command.scope, expires_at))?;
        if expires_at <= self.clock.now() || expires_at > NEVER {
            return Err(FieldError::new("expires_at", "invalid", "Choose a time in the future.").into());
        }
        if command.scope == Scope::Admin && !Right::ModeratePeople.is_of(caller.role) {
            return Err(Error::new(Code::Forbidden, "Your role does nothing for which this scope is needed."));
        }
        self.recently_proved(caller, None).await?;
        let (token, hash) = tokens::new_personal(&self.clock);
        let make = Make { caller: *caller, label, scope: command.scope, expires_at, hash, key };
        let Created { thing, new } = self.ledger.write(make).await?;
        Ok(Created { thing: AccessToken { token: new.then_some(token), ..thing.token() }, new })
    }

    async fn delete_access_token(&self, caller: &Caller, id: SessionId) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.ledger.write(End { user: caller.user_id, id, kind: Kind::Token }).await?;
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
    key: Option<IdempotencyKey>,
}

#[async_trait]
impl Write for Make {
    type Done = Created<TokenRow>;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Self::Done, Fault> {
        if let Some(thing) = store::access_tokens::find_in(tx, &self.hash).await? {
            return Ok(Created { thing, new: true });
        }
        let user_id = self.caller.user_id;
        require_live(tx, log, by(&self.caller)).await?;
        if let Some(key) = &self.key
            && let Some(thing) = store::access_tokens::find_repeat(tx, user_id, &key.key).await?
        {
            key.check_repeat(thing.request_hash)?;
            let is_good = thing.is_good(log.at);
            return if is_good {
                Ok(Created { thing, new: false })
            } else {
                Err(Error::not_found("access token").into())
            };
        }
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
            key: self.key.as_ref(),
            created_at: log.at,
            expires_at: self.expires_at,
        };
        store::access_tokens::create(tx, &token).await?;
        let notice = Notice::TokenCreated { session_id: id, label: self.label.clone(), scope: self.scope };
        log.notify(tx, user_id, &notice).await?;
        let made = store::access_tokens::find_in(tx, &self.hash).await?;
        made.map(|thing| Created { thing, new: true }).ok_or_else(|| Error::internal().into())
    }
}
