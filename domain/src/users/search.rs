//! User search by name. Each page is a few short index scans in the order of the results; the rank of a match is
//! computed here, word by word.

pub mod index;
pub mod normalise;
pub mod query;
pub mod typos;

use crate::{
    store::{
        self, Db,
        search_words::{PART, SearchWordRow, USERNAME, WORD, WordRange},
    },
    users::search::query::{Query, Rank, matches_word},
};
use protocol::id::UserId;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, mem};

/// Words read per statement, once the first did not fill the page.
const CHUNK: usize = 256;
/// Words scanned per page; at this limit the page ends early, and the next one continues from there.
const MAX_SCANNED: usize = 4096;
/// Prefixes that a typo may match, and words that may be candidates.
const MAX_PREFIXES: i64 = 256;
const MAX_CANDIDATES: usize = 512;
/// Words per statement when users are looked up.
const WORDS_PER_STATEMENT: usize = 16;

/// Where a page ended: the rank of its matches, and the last word scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCursor {
    rank: Rank,
    row: SearchWordRow,
}

/// A user search.
pub struct Search<'a> {
    pub db: &'a Db,
    pub query: Query,
    /// Restricts the results to users who share a room with this guest.
    pub shared_with: Option<UserId>,
}

impl Search<'_> {
    /// Users after a cursor, and the next cursor if there may be more.
    pub async fn find_page(
        &self,
        cursor: Option<SearchCursor>,
        limit: usize,
    ) -> sqlx::Result<(Vec<UserId>, Option<SearchCursor>)> {
        let (mut found, mut scanned) = (Vec::new(), 0);
        let first = cursor.as_ref().map_or(Rank::Username, |cursor| cursor.rank);
        let mut last = cursor;
        for rank in [Rank::Username, Rank::Name, Rank::Part, Rank::Typo].into_iter().filter(|rank| *rank >= first) {
            let after = last.take_if(|cursor| cursor.rank == rank).map(|cursor| cursor.row);
            for range in self.ranges(rank).await? {
                let mut from = range.start().max(after.clone().unwrap_or_default());
                // Most words match: at first only as many are read as fit on the page, and one to know that there are more.
                let mut chunk = CHUNK.min(limit - found.len() + 1);
                loop {
                    let rows = store::search_words::list(self.db, &range, &from, self.shared_with, chunk).await?;
                    let (count, wanted) = (rows.len(), mem::replace(&mut chunk, CHUNK));
                    let words = if rank == Rank::Username { HashMap::new() } else { self.words_of(&rows).await? };
                    for row in rows {
                        // A user has one username, and no rank is better.
                        let fits = rank == Rank::Username || {
                            let best = words.get(&row.user_id).and_then(|words| self.query.rank(words));
                            best == Some((rank, row.word.as_str()))
                        };
                        if fits {
                            if found.len() == limit {
                                return Ok((found, Some(SearchCursor { rank, row: from })));
                            }
                            found.push(row.user_id);
                        }
                        from = row;
                    }
                    scanned += count;
                    if count < wanted {
                        break;
                    }
                    if scanned >= MAX_SCANNED {
                        return Ok((found, Some(SearchCursor { rank, row: from })));
                    }
                }
            }
        }
        Ok((found, None))
    }

    /// Ranges of words to scan for matches of a rank, in their order.
    async fn ranges(&self, rank: Rank) -> sqlx::Result<Vec<WordRange>> {
        let with_prefix = |kind, word: &str| vec![WordRange::Prefix { kind, prefix: word.to_owned() }];
        Ok(match rank {
            Rank::Username => self.query.username_prefix().map_or_else(Vec::new, |whole| with_prefix(USERNAME, whole)),
            Rank::Name => self.query.longest_word().map_or_else(Vec::new, |word| with_prefix(WORD, word)),
            Rank::Part => self.query.part().map_or_else(Vec::new, |part| with_prefix(PART, part)),
            Rank::Typo => match self.query.longest_word().filter(|word| typos::may_have_typo(word)) {
                Some(word) => self
                    .candidates(word)
                    .await?
                    .chunks(WORDS_PER_STATEMENT)
                    .map(|words| WordRange::Words(words.into()))
                    .collect(),
                None => Vec::new(),
            },
        })
    }

    /// Words that a word with a typo may mean, in their order.
    async fn candidates(&self, typed: &str) -> sqlx::Result<Vec<String>> {
        let mut prefixes =
            store::search_words::list_prefixes(self.db, &typos::deletions(typos::lookup_prefix(typed)), MAX_PREFIXES)
                .await?;
        prefixes.retain(|stem| typos::prefix_matches(stem, typed));
        if !self.query.is_one_word() {
            // The typo may be in another word.
            prefixes.push(typed.to_owned());
        }
        prefixes.sort_unstable();
        // Words that begin with a longer prefix also begin with the shorter one.
        prefixes.dedup_by(|longer, shorter| longer.starts_with(shorter.as_str()));
        let mut candidates = store::search_words::list_words_with_prefix(self.db, &prefixes, MAX_SCANNED).await?;
        let is_candidate =
            |word: &String| matches_word(typed, word) && !(self.query.is_one_word() && word.starts_with(typed));
        candidates.retain(is_candidate);
        candidates.truncate(MAX_CANDIDATES);
        Ok(candidates)
    }

    async fn words_of(&self, rows: &[SearchWordRow]) -> sqlx::Result<HashMap<UserId, Vec<(i64, String)>>> {
        let mut ids: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut words: HashMap<UserId, Vec<_>> = HashMap::with_capacity(ids.len());
        for (user, kind, word) in store::search_words::list_by_users(self.db, &ids).await? {
            words.entry(user).or_default().push((kind, word));
        }
        Ok(words)
    }
}
