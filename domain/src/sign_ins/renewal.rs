//! Renewing a session: each refresh token is exchanged for the next, and one that comes back means theft.

use crate::{
    Holder, Renewed, Service,
    accounts::end_session,
    audit,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    sessions::{ACCESS_SECONDS, Lifetimes},
    store::{self, Tx, sessions::RefreshRow},
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    id::{SessionId, UserId},
    notification::Notice,
    session::Client,
};

/// Milliseconds for which a browser's replaced refresh token stays good: two tabs may renew at once.
const GRACE: i64 = 30_000;
/// Used-up tokens of a session that are kept, so that one that comes back is known.
const KEPT: i64 = 400;
/// Milliseconds in which a session is not renewed so often that a token of then would be forgotten: a thief is to have no
/// way to make us forget whom they took it from.
const KEPT_FOR: i64 = 60 * 60 * 1000;

impl Service {
    /// Whose refresh token it is, used up or not, if it is anyone's.
    pub async fn find_refresh_owner(&self, refresh_token: &str) -> Result<Option<UserId>> {
        store::sessions::find_refresh_owner(&self.store.read, &tokens::hash(refresh_token)).await.or_broken()
    }

    /// Exchanges a refresh token. One that was replaced before ends its session, unless it is a browser's that may have
    /// lost the answer.
    pub async fn refresh(&self, client: &Client, refresh_token: &str, holder: Holder) -> Result<Renewed> {
        let (token, new_hash) = tokens::new_secret(&self.clock);
        let old_hash = tokens::hash(refresh_token);
        // Most of what is no good is refused without taking a place among those who write.
        let owner = store::sessions::find_refresh_owner(&self.store.read, &old_hash).await.or_broken()?;
        let rotate = Rotate { old_hash, new_hash, holder, ip: client.ip.clone(), lifetimes: self.lifetimes };
        let outcome = if owner.is_some() { self.ledger.write(rotate).await } else { Ok(Rotation::Refused) };
        let limited = outcome.as_ref().is_err_and(|error| error.code == Code::RateLimited);
        if limited {
            audit::limit_met("renewals");
        }
        match outcome? {
            Rotation::Done(user, session) => {
                Ok(Renewed::Pair(Box::new(self.tokens(user, session.into(), token).await?)))
            }
            Rotation::ByAnotherTab(user, session) => {
                Ok(Renewed::Access(self.signer.sign(user, session, self.clock.now())?, ACCESS_SECONDS))
            }
            Rotation::Reuse(user, session) => {
                self.sessions.end(session);
                audit::wrong("refresh", Some(user), "reused_refresh_token");
                audit::signed_out(user, session);
                Err(invalid_refresh("This refresh token was used before, so its session was ended. Sign in again."))
            }
            Rotation::Refused => {
                audit::wrong("refresh", owner, &Code::InvalidRefreshToken.word());
                Err(invalid_refresh("The refresh token is unknown or expired. Sign in again."))
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
    holder: Holder,
    ip: String,
    lifetimes: Lifetimes,
}

enum Rotation {
    Done(UserId, SessionId),
    ByAnotherTab(UserId, SessionId),
    Reuse(UserId, SessionId),
    Refused,
}

#[async_trait]
impl Write for Rotate {
    type Done = Rotation;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Rotation, Fault> {
        let Some(token) = self.hold(tx).await?.filter(|t| t.ended_at.is_none() && t.expires_at > log.at) else {
            return Ok(Rotation::Refused);
        };
        if store::sessions::replace_refresh(tx, &self.old_hash, log.at).await? {
            return self.renew(tx, log, &token).await;
        }
        // Our own doing, when the database had kept a batch that it seemed to give up.
        let ours = store::sessions::find_refresh(tx, &self.new_hash).await?;
        if ours.is_some_and(|new| new.session_id == token.session_id) {
            return Ok(Rotation::Done(token.user_id, token.session_id));
        }
        if self.holder == Holder::Browser {
            if token.replaced_at.is_some_and(|at| log.at <= at.plus(GRACE)) {
                return Ok(Rotation::ByAnotherTab(token.user_id, token.session_id));
            }
            if store::sessions::replace_again(tx, &self.old_hash, &token, log.at).await? {
                return self.renew(tx, log, &token).await;
            }
        }
        self.end_for_reuse(tx, log, token.user_id, token.session_id).await?;
        Ok(Rotation::Reuse(token.user_id, token.session_id))
    }
}

impl Rotate {
    /// The token, once nobody else renews or ends its session: what another node did a moment ago is seen.
    async fn hold(&self, tx: &mut Tx) -> sqlx::Result<Option<RefreshRow>> {
        let Some(token) = store::sessions::find_refresh(tx, &self.old_hash).await? else { return Ok(None) };
        store::sessions::hold_tokens(tx, token.user_id, token.session_id).await?;
        store::sessions::find_refresh(tx, &self.old_hash).await
    }

    async fn renew(&self, tx: &mut Tx, log: &Log, token: &RefreshRow) -> Result<Rotation, Fault> {
        if let Some(surplus) = store::sessions::find_surplus_refresh(tx, token.session_id, KEPT).await? {
            let free = surplus.plus(KEPT_FOR);
            if log.at < free {
                let seconds = u32::try_from((free.0 - log.at.0 + 999) / 1000).unwrap_or(u32::MAX);
                return Err(Error::rate_limited("This sign-in was renewed very often.", seconds).into());
            }
            store::sessions::forget_refresh(tx, token.session_id, surplus).await?;
        }
        store::sessions::create_refresh(tx, &self.new_hash, token.session_id).await?;
        store::sessions::note_seen(tx, &[token.session_id], log.at, self.lifetimes).await?;
        store::sessions::note_address(tx, token.session_id, &self.ip).await?;
        Ok(Rotation::Done(token.user_id, token.session_id))
    }

    async fn end_for_reuse(
        &self,
        tx: &mut Tx,
        log: &mut Log,
        user: UserId,
        session_id: SessionId,
    ) -> Result<(), Fault> {
        let label = store::sessions::find_label(tx, session_id).await?.unwrap_or_default();
        end_session(tx, log, user, session_id).await?;
        log.notify(tx, user, &Notice::SessionReuse { session_id, label, ip: self.ip.clone() }).await
    }
}
