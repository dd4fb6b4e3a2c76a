//! Search index: the words of each user's names.

use crate::{
    error::{CommandError, DbResultExt},
    events::ledger::{Actor, Command, CommandContext, Ledger},
    store::{
        self, Store, Tx,
        search_words::{PART, USERNAME, WORD},
    },
    users::search::{normalise, typos},
};
use async_trait::async_trait;
use protocol::{
    Result,
    id::{RoomId, UserId},
};
use std::{collections::BTreeSet, time::Duration};

/// Accounts reindexed per command.
const BATCH: i64 = 20;
/// Delay before a retry when the database rejects the update.
const RETRY_DELAY: Duration = Duration::from_mins(1);

/// Indexes a user's current names; called when an account is created or a name changes. The caller holds the lock of
/// the Lobby, so that no prefix is deleted on one node while a word that begins with it is added on another.
pub async fn index_user(tx: &mut Tx, user: UserId, username: &str, display_name: &str) -> sqlx::Result<()> {
    let before = store::search_words::list_words_of(tx, user).await?;
    let (username, name) = (normalise::search_key(username), normalise::search_key(display_name));
    let text = format!("{name} {username}");
    let search_words = normalise::words(&text);
    let mut words: Vec<(i64, &str)> = search_words.iter().map(|word| (WORD, *word)).collect();
    words.push((USERNAME, &username));
    words.extend(normalise::parts(&search_words).into_iter().map(|part| (PART, part)));
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

/// Removes a deactivated user from the index, under the same lock as [`index_user`].
pub async fn unindex_user(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    let before = store::search_words::list_words_of(tx, user).await?;
    store::search_words::delete(tx, user).await?;
    delete_unused_prefixes(tx, &before).await
}

/// Deletes the prefixes of these words with which no word begins any more.
async fn delete_unused_prefixes(tx: &mut Tx, words: &[String]) -> sqlx::Result<()> {
    let prefixes: BTreeSet<&str> = words.iter().flat_map(|word| typos::prefixes(word)).collect();
    for prefix in prefixes {
        if !store::search_words::any_with_prefix(tx, prefix).await? {
            store::search_words::delete_typos(tx, prefix, &typos::deletions(prefix)).await?;
        }
    }
    Ok(())
}

/// Reindexes a user whose name has changed. Deactivated users are not indexed.
pub async fn reindex_user(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    match store::users::find_in(tx, user).await?.filter(|user| user.deactivated_at.is_none()) {
        Some(row) => index_user(tx, user, &row.username, &row.display_name).await,
        None => Ok(()),
    }
}

/// Indexes accounts that have no words yet, or whose words were normalised by an earlier version.
pub async fn reindex_outdated(store: Store, ledger: Ledger, lobby: RoomId) {
    loop {
        match reindex_batch(&store, &ledger, lobby).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "cannot update the search index; retrying");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Reindexes one batch; returns whether there may be more.
async fn reindex_batch(store: &Store, ledger: &Ledger, lobby: RoomId) -> Result<bool> {
    let users =
        store::search_words::list_outdated(&store.read, normalise::SEARCH_KEY_VERSION, BATCH).await.or_internal()?;
    if users.is_empty() {
        return Ok(false);
    }
    ledger.write(Actor::System, ReindexUsers { lobby, users }).await?;
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
