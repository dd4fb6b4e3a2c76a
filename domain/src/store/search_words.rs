//! Words of the user search.

use crate::store::{Backend, Db, INSERT, Tx, build, chunks, on, push_ids};
use protocol::id::UserId;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

/// A whole username.
pub const USERNAME: i64 = 0;
/// A word of a username or display name.
pub const WORD: i64 = 1;
/// A word of a script without spaces, from any of its characters on.
pub const PART: i64 = 2;

/// One word of one user, with its position in the search order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromRow)]
pub struct SearchWordRow {
    pub word: String,
    pub name_key: String,
    pub user_id: UserId,
}

impl Default for SearchWordRow {
    /// Before all others.
    fn default() -> Self {
        Self { word: String::new(), name_key: String::new(), user_id: UserId(Uuid::nil()) }
    }
}

/// Appends a list of texts to compare with.
macro_rules! push_texts {
    ($query:ident, $texts:expr) => {
        let mut list = $query.separated(", ");
        for text in $texts {
            list.push_bind(text.as_str());
        }
        $query.push(")");
    };
}

/// Replaces the words of a user.
pub async fn replace(tx: &mut Tx, user: UserId, name_key: &str, words: &[(i64, &str)]) -> sqlx::Result<()> {
    delete(tx, user).await?;
    for words in chunks(words) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("search_words (kind, word, name_key, user_id) ");
            query.push_values(words, |mut row, (kind, word)| {
                row.push_bind(*kind).push_bind(*word).push_bind(name_key).push_bind(user);
            });
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

pub async fn delete(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    const DELETE: &str = "delete from search_words where user_id = $1";
    on!(tx, tx => sqlx::query(DELETE).bind(user).execute(&mut **tx).await.map(|_| ()))
}

/// Words of a user's names.
pub async fn list_words_of(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<String>> {
    const LIST: &str = "select word from search_words where user_id = $1 and kind = $2";
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).bind(WORD).fetch_all(&mut **tx).await)
}

/// Whether any word begins with a prefix.
pub async fn any_with_prefix(tx: &mut Tx, prefix: &str) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from search_words where kind = $1 and word >= $2 and word < $3 limit 1";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(WORD).bind(prefix).bind(prefix_end(prefix)).fetch_optional(&mut **tx).await?.is_some()))
}

/// Deletes a prefix under all its deletions.
pub async fn delete_typos(tx: &mut Tx, prefix: &str, deletions: &[String]) -> sqlx::Result<()> {
    build!(tx, tx, query => {
        query.push("delete from search_typos where prefix = ").push_bind(prefix).push(" and deletion in (");
        push_texts!(query, deletions);
    }, query.build().execute(&mut **tx).await.map(|_| ()))
}

/// Stores prefixes under their deletions.
pub async fn create_typos(tx: &mut Tx, typos: &[(String, &str)]) -> sqlx::Result<()> {
    for typos in chunks(typos) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("search_typos (deletion, prefix) ");
            query.push_values(typos, |mut row, (deletion, prefix)| {
                row.push_bind(deletion.as_str()).push_bind(*prefix);
            });
            query.push(" on conflict do nothing");
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Locks these accounts until the end of the transaction, so that their names do not change meanwhile. SQLite has only
/// one writer. Inserts that refer to the accounts, such as messages, are not blocked.
pub async fn lock_users(tx: &mut Tx, users: &[UserId]) -> sqlx::Result<()> {
    let Backend::Postgres(tx) = tx else { return Ok(()) };
    for users in chunks(users) {
        let mut query = sqlx::QueryBuilder::<sqlx_postgres::Postgres>::new("select id from users where id in (");
        push_ids!(query, users);
        query.push(" order by id for no key update");
        query.build().execute(&mut **tx).await?;
    }
    Ok(())
}

/// A batch of users whose words were normalised by another version.
pub async fn list_outdated(db: &Db, version: i64, limit: i64) -> sqlx::Result<Vec<UserId>> {
    const LIST: &str =
        "select id from users where search_key_version <> $1 and deactivated_at is null order by id limit $2";
    on!(db, pool => sqlx::query_scalar(LIST).bind(version).bind(limit).fetch_all(pool).await)
}

pub async fn set_search_key_version(tx: &mut Tx, user: UserId, version: i64) -> sqlx::Result<()> {
    const SET: &str = "update users set search_key_version = $2 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(user).bind(version).execute(&mut **tx).await.map(|_| ()))
}

/// The words to scan.
#[derive(Clone, Debug)]
pub enum WordRange {
    /// Words of a kind with a common prefix.
    Prefix { kind: i64, prefix: String },
    /// These words of names, in order.
    Words(Vec<String>),
}

impl WordRange {
    /// Position before the first word.
    pub fn start(&self) -> SearchWordRow {
        let word = match self {
            Self::Prefix { prefix, .. } => Some(prefix),
            Self::Words(words) => words.first(),
        };
        SearchWordRow { word: word.cloned().unwrap_or_default(), ..SearchWordRow::default() }
    }
}

/// A page of words with their users, after a position.
pub async fn list(
    db: &Db,
    range: &WordRange,
    after: &SearchWordRow,
    shared_with: Option<UserId>,
    limit: usize,
) -> sqlx::Result<Vec<SearchWordRow>> {
    build!(db, pool, query => {
        match shared_with {
            // Starts from the users whom the guest sees, so that the rest of the index, which may be long, is not read.
            Some(guest) => {
                query.push("with near as materialized (select distinct b.user_id from members a \
                    join members b on b.room_id = a.room_id where a.user_id = ").push_bind(guest);
                query.push(" and a.left_at is null and b.left_at is null) select w.word, w.name_key, w.user_id \
                    from near n cross join search_words w where w.user_id = n.user_id and w.kind = ");
            }
            None => {
                query.push("select w.word, w.name_key, w.user_id from search_words w where w.kind = ");
            }
        }
        match range {
            WordRange::Prefix { kind, prefix } => {
                query.push_bind(*kind).push(" and w.word < ").push_bind(prefix_end(prefix));
            }
            WordRange::Words(words) => {
                query.push_bind(WORD).push(" and w.word in (");
                push_texts!(query, words);
            }
        }
        query.push(" and (w.word, w.name_key, w.user_id) > (").push_bind(&after.word).push(", ");
        query.push_bind(&after.name_key).push(", ").push_bind(after.user_id).push(")");
        query.push(" order by w.word, w.name_key, w.user_id limit ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
    }, query.build_query_as().fetch_all(pool).await)
}

/// Upper bound of the texts with a prefix: no text contains this character.
fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// Words that begin with one of these prefixes, none of which begins with another; in order, with a limit per prefix
/// and in total.
pub async fn list_words_with_prefix(db: &Db, prefixes: &[String], limit: usize) -> sqlx::Result<Vec<String>> {
    let max = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut words = Vec::new();
    for prefixes in chunks(prefixes) {
        let found: Vec<String> = build!(db, pool, query => {
            for (n, prefix) in prefixes.iter().enumerate() {
                query.push(if n == 0 { "" } else { " union " });
                query.push("select word from (select distinct word from search_words where kind = 1 and word >= ");
                query.push_bind(prefix).push(" and word < ").push_bind(prefix_end(prefix));
                query.push(" order by word limit ").push_bind(max).push(") as found");
            }
            query.push(" order by 1 limit ").push_bind(max);
        }, query.build_query_scalar().fetch_all(pool).await?);
        words.extend(found);
    }
    words.sort_unstable();
    words.truncate(limit);
    Ok(words)
}

/// All words of these users.
pub async fn list_by_users(db: &Db, users: &[UserId]) -> sqlx::Result<Vec<(UserId, i64, String)>> {
    let mut words = Vec::new();
    for users in chunks(users) {
        let found: Vec<_> = build!(db, pool, query => {
            query.push("select user_id, kind, word from search_words where user_id in (");
            push_ids!(query, users);
        }, query.build_query_as().fetch_all(pool).await?);
        words.extend(found);
    }
    Ok(words)
}

/// Prefixes stored under any of these deletions.
pub async fn list_prefixes(db: &Db, deletions: &[String], limit: i64) -> sqlx::Result<Vec<String>> {
    build!(db, pool, query => {
        query.push("select distinct prefix from search_typos where deletion in (");
        push_texts!(query, deletions);
        query.push(" order by prefix limit ").push_bind(limit);
    }, query.build_query_scalar().fetch_all(pool).await)
}
