//! One-time links: a token of 256 bits, stored only as a hash, valid once and for a limited time.

use crate::{
    Service,
    auth::{
        reauthentication::{require_active_session, require_current},
        tokens,
    },
    error::CommandError,
    events::{
        follower::batch_job::BatchJob,
        ledger::{Actor, Command, CommandContext},
    },
    store::{
        self, Tx,
        credentials::AccountCredentialsRow,
        one_time_links::{LinkKind, LinkRow, NewLink},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result, error::Code, id::UserId, notification::NotificationKind, permissions::Permission, session::Caller,
    time::Time,
};

/// Milliseconds for which an expired link is kept.
const EXPIRED_RETENTION: i64 = 7 * 24 * 60 * 60 * 1000;

/// Lifetime of a link, in milliseconds.
pub const fn lifetime(kind: LinkKind) -> i64 {
    const HOUR: i64 = 60 * 60 * 1000;
    match kind {
        LinkKind::Reset => HOUR,
        LinkKind::Email => 24 * HOUR,
    }
}

impl Service {
    /// Creates a link and replaces the user's earlier link of this kind; returns its URL and expiry. `by` is the caller
    /// who requested it; `None` for an unauthenticated request.
    pub(super) async fn create_link(
        &self,
        caller: Option<&Caller>,
        user: UserId,
        kind: LinkKind,
        email: Option<String>,
    ) -> Result<(String, Time)> {
        let (token, hash) = tokens::new_secret(&self.clock);
        let expires_at = self
            .ledger
            .write(caller.map_or(Actor::Visitor, Actor::from), CreateLink { user, kind, hash, email })
            .await?;
        Ok((self.link_url(kind, &token), expires_at))
    }

    /// The token is in the query string, which is never logged. Opening the link only shows a page, so mail scanners do
    /// not consume it.
    pub(crate) fn link_url(&self, kind: LinkKind, token: &str) -> String {
        let page = match kind {
            LinkKind::Reset => "reset",
            LinkKind::Email => "verify",
        };
        format!("{}/{page}?token={token}", self.public_url)
    }
}

/// Error for an invalid link.
pub fn invalid() -> Error {
    Error::new(Code::InvalidLink, "This link was already used, has expired or was replaced by a newer one.")
}

/// Whether a link can still be used.
pub fn is_valid(link: &LinkRow, now: Time) -> bool {
    link.used_at.is_none() && link.expires_at > now
}

/// Stores the link that was sent to a new account's address.
pub async fn create_email_link(tx: &mut Tx, at: Time, user: UserId, hash: &[u8], email: &str) -> sqlx::Result<()> {
    replace_link(tx, at, user, LinkKind::Email, hash, Some(email)).await.map(|_| ())
}

async fn replace_link(
    tx: &mut Tx,
    at: Time,
    user_id: UserId,
    kind: LinkKind,
    hash: &[u8],
    email: Option<&str>,
) -> sqlx::Result<Time> {
    let expires_at = at.plus(lifetime(kind));
    let link = NewLink { user_id, kind, hash, email, created_at: at, expires_at };
    store::one_time_links::replace(tx, &link).await?;
    Ok(expires_at)
}

/// Finds a link by its token and locks its account: commands that change both lock the account first.
pub async fn lock(tx: &mut Tx, kind: LinkKind, hash: &[u8]) -> Result<(LinkRow, AccountCredentialsRow), CommandError> {
    let link = store::one_time_links::find_in(tx, kind, hash).await?.ok_or_else(invalid)?;
    let account = store::credentials::lock(tx, link.user_id).await?.ok_or_else(invalid)?;
    // Another node may have consumed or replaced it meanwhile.
    let link = store::one_time_links::find_in(tx, kind, hash).await?.ok_or_else(invalid)?;
    Ok((link, account))
}

struct CreateLink {
    user: UserId,
    kind: LinkKind,
    hash: [u8; 32],
    email: Option<String>,
}

#[async_trait]
impl Command for CreateLink {
    type Output = Time;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Time, CommandError> {
        if let Actor::Caller(_) = ctx.actor {
            require_active_session(tx, ctx).await?;
        }
        if self.kind == LinkKind::Reset && self.email.is_none() {
            require_current(tx, ctx, Permission::ResetCredentials).await?;
            ctx.notify(tx, self.user, &NotificationKind::ResetLinkCreated {}).await?;
        }
        Ok(replace_link(tx, ctx.at, self.user, self.kind, &self.hash, self.email.as_deref()).await?)
    }
}

/// Purges links that expired long ago.
#[derive(Clone)]
pub struct PurgeLinks;

#[async_trait]
impl BatchJob for PurgeLinks {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        Ok(store::one_time_links::purge(tx, ctx.at.plus(-EXPIRED_RETENTION), limit).await?)
    }
}
