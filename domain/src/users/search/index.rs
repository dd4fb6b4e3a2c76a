//! The words by which a person is found, kept with their account.

use crate::{
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext, Ledger},
    store::{
        self, Store, Tx,
        search_words::{USERNAME, WORD},
    },
    users::search::{normalise, typos},
};
use async_trait::async_trait;
use protocol::{
    Result,
    id::{RoomId, UserId},
};
use std::{collections::BTreeSet, time::Duration};

/// Accounts whose words are folded anew in one turn.
const BATCH: i64 = 20;
/// How long a database that does not take them is left alone.
const RETRY_DELAY: Duration = Duration::from_mins(1);

/// Notes how a person is called now, so that they are found by it. For whoever makes an account or changes a name; who
/// does holds the Lobby, so that no stem is forgotten on one node while a word that begins with it comes on another.
pub async fn index_user(tx: &mut Tx, user: UserId, username: &str, display_name: &str) -> sqlx::Result<()> {
    let before = store::search_words::list_words_of(tx, user).await?;
    let (username, name) = (normalise::search_key(username), normalise::search_key(display_name));
    let text = format!("{name} {username}");
    let search_words = normalise::words(&text);
    let mut words: Vec<(i64, &str)> = search_words.iter().map(|word| (WORD, *word)).collect();
    words.push((USERNAME, &username));
    store::search_words::replace(tx, user, &normalise::words(&name).join(" "), &words).await?;
    let mut deletions = Vec::new();
    for prefix in search_words.into_iter().flat_map(typos::prefixes) {
        deletions.extend(typos::deletions(prefix).into_iter().map(|variant| (variant, prefix)));
    }
    deletions.sort_unstable();
    deletions.dedup();
    store::search_words::create_typos(tx, &deletions).await?;
    delete_unused_prefixes(tx, &before).await?;
    store::search_words::set_search_key_version(tx, user, normalise::SEARCH_KEY_VERSION).await
}

/// Forgets how a person is called: nobody finds who has left. Under the same lock as [`index_user`].
pub async fn unindex_user(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    let before = store::search_words::list_words_of(tx, user).await?;
    store::search_words::delete(tx, user).await?;
    delete_unused_prefixes(tx, &before).await
}

/// Forgets the stems of these words with which no word begins any more.
async fn delete_unused_prefixes(tx: &mut Tx, words: &[String]) -> sqlx::Result<()> {
    let prefixes: BTreeSet<&str> = words.iter().flat_map(|word| typos::prefixes(word)).collect();
    for prefix in prefixes {
        if !store::search_words::any_with_prefix(tx, prefix).await? {
            store::search_words::delete_typos(tx, prefix, &typos::deletions(prefix)).await?;
        }
    }
    Ok(())
}

/// The same for someone whose name has just been changed. Nobody finds who has left.
pub async fn reindex_user(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    match store::users::find_in(tx, user).await?.filter(|user| user.deactivated_at.is_none()) {
        Some(row) => index_user(tx, user, &row.username, &row.display_name).await,
        None => Ok(()),
    }
}

/// Brings the words of accounts up to date that were made before there were any, or when they were folded otherwise.
pub async fn reindex_outdated(store: Store, ledger: Ledger, lobby: RoomId) {
    loop {
        match reindex_batch(&store, &ledger, lobby).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "cannot update the search index of some users; trying again");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Whether there may be more.
async fn reindex_batch(store: &Store, ledger: &Ledger, lobby: RoomId) -> Result<bool> {
    let users =
        store::search_words::list_outdated(&store.read, normalise::SEARCH_KEY_VERSION, BATCH).await.or_internal()?;
    if users.is_empty() {
        return Ok(false);
    }
    ledger.write(ReindexUsers { lobby, users }).await?;
    Ok(true)
}

struct ReindexUsers {
    lobby: RoomId,
    users: Vec<UserId>,
}

#[async_trait]
impl Command for ReindexUsers {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    async fn run(&self, tx: &mut Tx, _: &mut CommandContext) -> Result<(), CommandError> {
        store::search_words::lock_users(tx, &self.users).await?;
        for id in &self.users {
            reindex_user(tx, *id).await?;
        }
        Ok(())
    }
}
