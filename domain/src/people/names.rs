//! The words by which a person is found, kept with their account.

use super::{fold, typos};
use crate::{
    fault::Fault,
    ledger::{Ledger, Log, Write},
    store::{
        self, Store, Tx,
        names::{USERNAME, WORD},
    },
};
use async_trait::async_trait;
use protocol::id::UserId;

/// Accounts whose words are folded anew in one turn.
const AT_ONCE: i64 = 20;

/// Notes how a person is called now, so that they are found by it. For whoever makes an account or changes a name.
pub async fn remember(tx: &mut Tx, user: UserId, username: &str, display_name: &str) -> sqlx::Result<()> {
    let (username, name) = (fold::fold(username), fold::fold(display_name));
    let both = format!("{name} {username}");
    let found_by = fold::words(&both);
    let mut words: Vec<(i64, &str)> = found_by.iter().map(|word| (WORD, *word)).collect();
    words.push((USERNAME, &username));
    store::names::replace(tx, user, &fold::words(&name).join(" "), &words).await?;
    let mut misspelt = Vec::new();
    for stem in found_by.into_iter().flat_map(typos::stems) {
        misspelt.extend(typos::variants(stem).into_iter().map(|variant| (variant, stem)));
    }
    // In one order everywhere, so that two nodes do not wait for each other.
    misspelt.sort_unstable();
    misspelt.dedup();
    store::names::create_typos(tx, &misspelt).await?;
    store::names::set_version(tx, user, fold::VERSION).await
}

/// The same for someone whose name has just been changed. Nobody finds who has left.
pub async fn rename(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    match store::users::find_in(tx, user).await?.filter(|user| user.deactivated_at.is_none()) {
        Some(row) => remember(tx, user, &row.username, &row.display_name).await,
        None => Ok(()),
    }
}

/// Brings the words of accounts up to date that were made before there were any, or when they were folded otherwise.
pub async fn refresh(store: Store, ledger: Ledger) {
    loop {
        let stale = match store::names::list_stale(&store.read, fold::VERSION, AT_ONCE).await {
            Ok(stale) if stale.is_empty() => return,
            Ok(stale) => stale,
            Err(error) => return tracing::warn!(%error, "some names cannot be searched until the next start"),
        };
        if let Err(error) = ledger.write(Refresh { users: stale }).await {
            return tracing::warn!(%error, "some names cannot be searched until the next start");
        }
    }
}

struct Refresh {
    users: Vec<UserId>,
}

#[async_trait]
impl Write for Refresh {
    type Done = ();

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<(), Fault> {
        store::names::hold_accounts(tx, &self.users).await?;
        for id in &self.users {
            rename(tx, *id).await?;
        }
        Ok(())
    }
}
