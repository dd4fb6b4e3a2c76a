//! Personal access tokens, for programs that act for a user. They are sessions without a password, limited by their
//! scope and the user's role.

use crate::{
    Service,
    auth::{reauthentication::require_active_session, sessions::EndOwnSession, tokens},
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    idempotency::IdempotencyKey,
    store::{
        self, Tx,
        access_tokens::{NO_EXPIRY, NewToken, TokenRow},
        sessions::SessionKind,
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::CreateToken,
    error::{Code, FieldError},
    id::{ClientId, SessionId},
    limits,
    notification::NotificationKind,
    page::{Created, Page},
    permissions::Permission,
    port::AccessTokens,
    session::{AccessToken, Caller, Scope},
    time::Time,
};

#[async_trait]
impl AccessTokens for Service {
    async fn list_tokens(&self, caller: &Caller) -> Result<Page<AccessToken>> {
        Permission::Read.check(caller)?;
        let limit = i64::try_from(limits::TOKENS_PER_USER).unwrap_or(i64::MAX);
        let rows = store::access_tokens::list(&self.store.read, caller.user_id, self.clock.now(), limit).await;
        Ok(Page { items: rows.or_internal()?.into_iter().map(TokenRow::token).collect(), next_cursor: None })
    }

    async fn create_token(
        &self,
        caller: &Caller,
        command: CreateToken,
        key: Option<ClientId>,
    ) -> Result<Created<AccessToken>> {
        Permission::ManageCredentials.check(caller)?;
        let label = limits::label(&command.label, 1)?;
        let expires_at = command.expires_at.unwrap_or(NO_EXPIRY);
        let key = IdempotencyKey::new(key, &(&label, command.scope, expires_at))?;
        if expires_at <= self.clock.now() || expires_at > NO_EXPIRY {
            return Err(FieldError::new("expires_at", "invalid", "Choose a time in the future.").into());
        }
        if command.scope == Scope::Admin && !Permission::ModerateUsers.is_granted_to(caller.role) {
            return Err(Error::new(Code::Forbidden, "Your role doesn't allow this scope."));
        }
        self.require_recent_password(caller, None).await?;
        let (token, hash) = tokens::new_personal_token(&self.clock);
        let make = CreateAccessToken { label, scope: command.scope, expires_at, hash, key };
        let Created { value, new } = self.ledger.write(caller, make).await?;
        Ok(Created { value: AccessToken { token: new.then_some(token), ..value.token() }, new })
    }

    async fn delete_token(&self, caller: &Caller, id: SessionId) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.ledger.write(caller, EndOwnSession { user: caller.user_id, id, kind: SessionKind::Token }).await?;
        self.sessions.mark_ended(id);
        Ok(())
    }
}

struct CreateAccessToken {
    label: String,
    scope: Scope,
    expires_at: Time,
    hash: [u8; 32],
    key: Option<IdempotencyKey>,
}

#[async_trait]
impl Command for CreateAccessToken {
    type Output = Created<TokenRow>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        if let Some(row) = store::access_tokens::find_in(tx, &self.hash).await? {
            return Ok(Created { value: row, new: true });
        }
        let user_id = require_active_session(tx, ctx).await?;
        if let Some(key) = &self.key
            && let Some(row) = store::access_tokens::find_duplicate(tx, user_id, &key.key).await?
        {
            key.check_repeat(row.request_hash)?;
            let is_valid = row.is_valid(ctx.at);
            return if is_valid {
                Ok(Created { value: row, new: false })
            } else {
                Err(Error::not_found("access token").into())
            };
        }
        let count = store::access_tokens::count(tx, user_id, ctx.at).await?;
        if usize::try_from(count).is_ok_and(|count| count >= limits::TOKENS_PER_USER) {
            let detail = format!("You have {count} access tokens, which is the maximum. Delete one first.");
            return Err(Error::new(Code::TooMany, detail).into());
        }
        let id = SessionId(ctx.clock.id());
        let token = NewToken {
            id,
            user_id,
            label: &self.label,
            access: self.scope.access(),
            hash: &self.hash,
            key: self.key.as_ref(),
            created_at: ctx.at,
            expires_at: self.expires_at,
        };
        store::access_tokens::create(tx, &token).await?;
        let notice = NotificationKind::TokenCreated { session_id: id, label: self.label.clone(), scope: self.scope };
        ctx.notify(tx, user_id, &notice).await?;
        let created = store::access_tokens::find_in(tx, &self.hash).await?;
        created.map(|row| Created { value: row, new: true }).ok_or_else(|| Error::internal().into())
    }
}
