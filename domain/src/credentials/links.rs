//! Links that are sent or handed over: a token of 256 bits, kept only as a hash, good once and for a while.

use crate::{
    Service,
    fault::Fault,
    ledger::{Log, Write},
    proof::{self, By, require_live},
    store::{
        self, Tx,
        credentials::AccountRow,
        links::{Kind, LinkRow, NewLink},
    },
    tokens,
};
use async_trait::async_trait;
use protocol::{Error, Result, error::Code, id::UserId, notification::Notice, session::Caller, time::Time};

/// Milliseconds for which a link is good.
pub const fn life(kind: Kind) -> i64 {
    const HOUR: i64 = 60 * 60 * 1000;
    match kind {
        Kind::Reset => HOUR,
        Kind::Email => 24 * HOUR,
    }
}

impl Service {
    /// Makes a link in place of the one of this kind that the person had; answers its address and when it ends.
    /// `by` is who asks for it, unless a stranger does.
    pub(super) async fn make_link(
        &self,
        by: Option<&Caller>,
        user: UserId,
        kind: Kind,
        email: Option<String>,
    ) -> Result<(String, Time)> {
        let (token, hash) = tokens::new_secret(&self.clock);
        let expires_at = self.ledger.write(MakeLink { by: by.map(proof::by), user, kind, hash, email }).await?;
        Ok((self.link_url(kind, &token), expires_at))
    }

    /// The token is in the query, which is never logged. Following the link only shows a page: what scans mail uses up
    /// nothing.
    pub(crate) fn link_url(&self, kind: Kind, token: &str) -> String {
        let page = match kind {
            Kind::Reset => "reset",
            Kind::Email => "verify",
        };
        format!("{}/{page}?token={token}", self.public_url)
    }
}

/// What is wrong with a link that is no longer good.
pub fn invalid() -> Error {
    Error::new(Code::InvalidLink, "This link is used up, has expired, or was replaced by a newer one. Ask for another.")
}

/// Whether a link can still be used.
pub fn is_good(link: &LinkRow, now: Time) -> bool {
    link.used_at.is_none() && link.expires_at > now
}

/// Keeps the link that was sent to a new account's address.
pub async fn keep_email(tx: &mut Tx, at: Time, user: UserId, hash: &[u8], email: &str) -> sqlx::Result<()> {
    keep(tx, at, user, Kind::Email, hash, Some(email)).await.map(|_| ())
}

async fn keep(
    tx: &mut Tx,
    at: Time,
    user_id: UserId,
    kind: Kind,
    hash: &[u8],
    email: Option<&str>,
) -> sqlx::Result<Time> {
    let expires_at = at.plus(life(kind));
    let link = NewLink { user_id, kind, hash, email, created_at: at, expires_at };
    store::links::replace(tx, &link).await?;
    Ok(expires_at)
}

/// The link of a token, and its account, which is held: whoever is about to change both takes the account first.
pub async fn hold(tx: &mut Tx, kind: Kind, hash: &[u8]) -> Result<(LinkRow, AccountRow), Fault> {
    let link = store::links::find_in(tx, kind, hash).await?.ok_or_else(invalid)?;
    let account = store::credentials::hold(tx, link.user_id).await?.ok_or_else(invalid)?;
    // Another node may have used it up meanwhile, or put another in its place.
    let link = store::links::find_in(tx, kind, hash).await?.ok_or_else(invalid)?;
    Ok((link, account))
}

struct MakeLink {
    by: Option<By>,
    user: UserId,
    kind: Kind,
    hash: [u8; 32],
    email: Option<String>,
}

#[async_trait]
impl Write for MakeLink {
    type Done = Time;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Time, Fault> {
        if let Some(by) = self.by {
            require_live(tx, log, by).await?;
        }
        if self.kind == Kind::Reset && self.email.is_none() {
            log.notify(tx, self.user, &Notice::ResetLinkMade {}).await?;
        }
        Ok(keep(tx, log.at, self.user, self.kind, &self.hash, self.email.as_deref()).await?)
    }
}
