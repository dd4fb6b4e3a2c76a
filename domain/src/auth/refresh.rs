//! Refreshes a session: each refresh token is exchanged for the next, and reuse of a replaced token is treated as
//! theft.

use crate::{
    ClientKind, Refreshed, Service, audit,
    auth::end_sessions::end_session,
    auth::{session_cache::ACCESS_SECONDS, tokens},
    error::{CommandError, DbResultExt},
    events::ledger::{Actor, Command, CommandContext},
    store::{
        self, Tx,
        sessions::{Lifetimes, RefreshRow},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    id::{SessionId, UserId},
    notification::NotificationKind,
    session::Client,
};

/// Milliseconds for which a browser's replaced refresh token stays valid: two tabs may refresh at once.
const GRACE_PERIOD: i64 = 30_000;
/// Replaced tokens stored per session, so that their reuse is detected.
const MAX_REPLACED_TOKENS: i64 = 400;
/// Milliseconds for which a replaced token is stored at least; refreshes that would purge a newer one are rate limited.
/// Otherwise a thief could refresh until the stolen token is purged and its reuse goes unnoticed.
const MIN_RETENTION: i64 = 60 * 60 * 1000;

impl Service {
    /// Owner of a refresh token, valid or replaced; `None` when the token is unknown.
    pub async fn find_refresh_owner(&self, refresh_token: &str) -> Result<Option<UserId>> {
        store::sessions::find_refresh_owner(&self.store.read, &tokens::hash(refresh_token)).await.or_internal()
    }

    /// Exchanges a refresh token. Reuse of a replaced token ends its session, unless it is a browser's and the response
    /// may have been lost.
    pub async fn refresh(&self, client: &Client, refresh_token: &str, client_kind: ClientKind) -> Result<Refreshed> {
        let (token, new_hash) = tokens::new_secret(&self.clock);
        let old_hash = tokens::hash(refresh_token);
        // Rejects most invalid tokens without a slot in the ledger's queue.
        let owner = store::sessions::find_refresh_owner(&self.store.read, &old_hash).await.or_internal()?;
        let rotate = Rotate { old_hash, new_hash, client_kind, ip: client.ip.clone(), lifetimes: self.lifetimes };
        let outcome =
            if owner.is_some() { self.ledger.write(Actor::Visitor, rotate).await } else { Ok(Rotation::Rejected) };
        let limited = outcome.as_ref().is_err_and(|error| error.code == Code::RateLimited);
        if limited {
            audit::limit_reached("renewals");
        }
        match outcome? {
            Rotation::Done(user, session) => {
                Ok(Refreshed::Pair(Box::new(self.issue_tokens(user, session.into(), token).await?)))
            }
            Rotation::ConcurrentRefresh(user, session) => {
                Ok(Refreshed::Access(self.signer.sign(user, session, self.clock.now())?, ACCESS_SECONDS))
            }
            Rotation::Reuse(user, session) => {
                self.sessions.mark_ended(session);
                audit::credential_rejected("refresh", Some(user), "reused_refresh_token");
                audit::logged_out(user, session);
                Err(invalid_refresh("This refresh token was already used, so its session was ended. Sign in again."))
            }
            Rotation::Rejected => {
                audit::credential_rejected("refresh", owner, &Code::InvalidRefreshToken.word());
                Err(invalid_refresh("Invalid or expired refresh token. Sign in again."))
            }
        }
    }
}

fn invalid_refresh(detail: &str) -> Error {
    Error::new(Code::InvalidRefreshToken, detail)
}

struct Rotate {
    old_hash: [u8; 32],
    new_hash: [u8; 32],
    client_kind: ClientKind,
    ip: String,
    lifetimes: Lifetimes,
}

enum Rotation {
    Done(UserId, SessionId),
    ConcurrentRefresh(UserId, SessionId),
    Reuse(UserId, SessionId),
    Rejected,
}

#[async_trait]
impl Command for Rotate {
    type Output = Rotation;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Rotation, CommandError> {
        let Some(token) = self.lock(tx).await?.filter(|t| t.ended_at.is_none() && t.expires_at > ctx.at) else {
            return Ok(Rotation::Rejected);
        };
        if store::sessions::replace_refresh(tx, &self.old_hash, ctx.at).await? {
            return self.rotate(tx, ctx, &token).await;
        }
        // The database may have committed a batch that it reported as aborted; then this is the command's own token.
        let ours = store::sessions::find_refresh(tx, &self.new_hash).await?;
        if ours.is_some_and(|new| new.session_id == token.session_id) {
            return Ok(Rotation::Done(token.user_id, token.session_id));
        }
        if self.client_kind == ClientKind::Browser {
            if token.replaced_at.is_some_and(|at| ctx.at <= at.plus(GRACE_PERIOD)) {
                return Ok(Rotation::ConcurrentRefresh(token.user_id, token.session_id));
            }
            if store::sessions::replace_lost(tx, &self.old_hash, &token, ctx.at).await? {
                return self.rotate(tx, ctx, &token).await;
            }
        }
        self.end_for_reuse(tx, ctx, token.user_id, token.session_id).await?;
        Ok(Rotation::Reuse(token.user_id, token.session_id))
    }
}

impl Rotate {
    /// Locks the session and reads the token, so that a concurrent refresh or logout on another node is seen.
    async fn lock(&self, tx: &mut Tx) -> sqlx::Result<Option<RefreshRow>> {
        let Some(token) = store::sessions::find_refresh(tx, &self.old_hash).await? else { return Ok(None) };
        store::sessions::lock_tokens(tx, token.user_id, token.session_id).await?;
        store::sessions::find_refresh(tx, &self.old_hash).await
    }

    async fn rotate(&self, tx: &mut Tx, ctx: &CommandContext, token: &RefreshRow) -> Result<Rotation, CommandError> {
        if let Some(surplus) = store::sessions::find_surplus_refresh(tx, token.session_id, MAX_REPLACED_TOKENS).await? {
            let retry_at = surplus.plus(MIN_RETENTION);
            if ctx.at < retry_at {
                let seconds = u32::try_from((retry_at.0 - ctx.at.0 + 999) / 1000).unwrap_or(u32::MAX);
                return Err(Error::rate_limited("This session was refreshed too often.", seconds).into());
            }
            store::sessions::purge_refresh(tx, token.session_id, surplus).await?;
        }
        store::sessions::create_refresh(tx, &self.new_hash, token.session_id).await?;
        store::sessions::touch(tx, &[token.session_id], ctx.at, self.lifetimes).await?;
        store::sessions::update_ip(tx, token.session_id, &self.ip).await?;
        Ok(Rotation::Done(token.user_id, token.session_id))
    }

    async fn end_for_reuse(
        &self,
        tx: &mut Tx,
        ctx: &mut CommandContext,
        user: UserId,
        session_id: SessionId,
    ) -> Result<(), CommandError> {
        let label = store::sessions::find_label(tx, session_id).await?.unwrap_or_default();
        end_session(tx, ctx, user, session_id).await?;
        ctx.notify(tx, user, &NotificationKind::SessionReuse { session_id, label, ip: self.ip.clone() }).await
    }
}
