//! The words by which a person is found, kept with their account.

use super::{fold, typos};
use crate::{
    fault::{Fault, OrBroken},
    ledger::{Ledger, Log, Write},
    store::{
        self, Store, Tx,
        names::{USERNAME, WORD},
    },
};
use async_trait::async_trait;
use protocol::{
    Result,
    id::{RoomId, UserId},
};
use std::{collections::BTreeSet, time::Duration};

/// Accounts whose words are folded anew in one turn.
const AT_ONCE: i64 = 20;
/// How long a database that does not take them is left alone.
const LATER: Duration = Duration::from_mins(1);

/// Notes how a person is called now, so that they are found by it. For whoever makes an account or changes a name; who
/// does holds the Lobby, so that no stem is forgotten on one node while a word that begins with it comes on another.
pub async fn remember(tx: &mut Tx, user: UserId, username: &str, display_name: &str) -> sqlx::Result<()> {
    let before = store::names::list_words_of(tx, user).await?;
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
    misspelt.sort_unstable();
    misspelt.dedup();
    store::names::create_typos(tx, &misspelt).await?;
    forget_stems(tx, &before).await?;
    store::names::set_version(tx, user, fold::VERSION).await
}

/// Forgets how a person is called: nobody finds who has left. Under the same lock as [`remember`].
pub async fn forget(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    let before = store::names::list_words_of(tx, user).await?;
    store::names::delete(tx, user).await?;
    forget_stems(tx, &before).await
}

/// Forgets the stems of these words with which no word begins any more.
async fn forget_stems(tx: &mut Tx, words: &[String]) -> sqlx::Result<()> {
    let stems: BTreeSet<&str> = words.iter().flat_map(|word| typos::stems(word)).collect();
    for stem in stems {
        if !store::names::begins_any(tx, stem).await? {
            store::names::delete_typos(tx, stem, &typos::variants(stem)).await?;
        }
    }
    Ok(())
}

/// The same for someone whose name has just been changed. Nobody finds who has left.
pub async fn rename(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    match store::users::find_in(tx, user).await?.filter(|user| user.deactivated_at.is_none()) {
        Some(row) => remember(tx, user, &row.username, &row.display_name).await,
        None => Ok(()),
    }
}

/// Brings the words of accounts up to date that were made before there were any, or when they were folded otherwise.
pub async fn refresh(store: Store, ledger: Ledger, lobby: RoomId) {
    loop {
        match refresh_some(&store, &ledger, lobby).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "some names cannot be searched yet; trying again");
                tokio::time::sleep(LATER).await;
            }
        }
    }
}

/// Whether there may be more.
async fn refresh_some(store: &Store, ledger: &Ledger, lobby: RoomId) -> Result<bool> {
    let users = store::names::list_stale(&store.read, fold::VERSION, AT_ONCE).await.or_broken()?;
    if users.is_empty() {
        return Ok(false);
    }
    ledger.write(Refresh { lobby, users }).await?;
    Ok(true)
}

struct Refresh {
    lobby: RoomId,
    users: Vec<UserId>,
}

#[async_trait]
impl Write for Refresh {
    type Done = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<(), Fault> {
        store::names::hold_accounts(tx, &self.users).await?;
        for id in &self.users {
            rename(tx, *id).await?;
        }
        Ok(())
    }
}
