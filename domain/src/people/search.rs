//! Finding people by what they are called. Each page is a few short scans of an index, in the order in which people are
//! shown; how well each fits is decided here, word by word.

use super::{
    typed::{Rank, Typed, is_like},
    typos,
};
use crate::store::{
    self, Db,
    names::{Among, NameRow, USERNAME, WORD},
};
use protocol::id::UserId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Words read in one statement.
const CHUNK: usize = 256;
/// Words looked at for one page: then it ends early, and the next goes on from there.
const LOOKED_AT: usize = 4096;
/// Stems that a typo may lead to, and words that may be meant.
const STEMS: i64 = 256;
const MEANT: usize = 512;
/// Words of which people are looked up in one statement.
const TOGETHER: usize = 16;

/// Where a page ended: how good what it found was, and the last word looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    rank: Rank,
    row: NameRow,
}

/// A search for people.
pub struct Search<'a> {
    pub db: &'a Db,
    pub typed: Typed,
    /// Only people with whom this guest shares a room.
    pub shared_with: Option<UserId>,
}

impl Search<'_> {
    /// The people after a place, and where the page ends if there may be more.
    pub async fn page(&self, place: Option<Place>, limit: usize) -> sqlx::Result<(Vec<UserId>, Option<Place>)> {
        let (mut found, mut looked_at) = (Vec::new(), 0);
        let first = place.as_ref().map_or(Rank::Username, |place| place.rank);
        let mut last = place;
        for rank in [Rank::Username, Rank::Name, Rank::Typo].into_iter().filter(|rank| *rank >= first) {
            let after = last.take_if(|place| place.rank == rank).map(|place| place.row);
            for among in self.stretches(rank).await? {
                let mut from = among.start().max(after.clone().unwrap_or_default());
                loop {
                    let rows = store::names::list(self.db, &among, &from, self.shared_with, CHUNK).await?;
                    let (count, words) = (rows.len(), self.words_of(&rows).await?);
                    for row in rows {
                        let fits = words.get(&row.user_id).and_then(|words| self.typed.rank(words));
                        if fits == Some((rank, row.word.as_str())) {
                            if found.len() == limit {
                                return Ok((found, Some(Place { rank, row: from })));
                            }
                            found.push(row.user_id);
                        }
                        from = row;
                    }
                    looked_at += count;
                    if count < CHUNK {
                        break;
                    }
                    if looked_at >= LOOKED_AT {
                        return Ok((found, Some(Place { rank, row: from })));
                    }
                }
            }
        }
        Ok((found, None))
    }

    /// Among which words those who may be of a rank are found, in their order.
    async fn stretches(&self, rank: Rank) -> sqlx::Result<Vec<Among>> {
        let begins = |place, word: &str| vec![Among::Beginning { place, with: word.to_owned() }];
        Ok(match rank {
            Rank::Username => self.typed.whole().map_or_else(Vec::new, |whole| begins(USERNAME, whole)),
            Rank::Name => self.typed.longest().map_or_else(Vec::new, |word| begins(WORD, word)),
            Rank::Typo => match self.typed.longest().filter(|word| typos::may_have_typo(word)) {
                Some(word) => {
                    self.meant_by(word).await?.chunks(TOGETHER).map(|words| Among::Words(words.into())).collect()
                }
                None => Vec::new(),
            },
        })
    }

    /// The words that may be meant by one with a typo, in their order.
    async fn meant_by(&self, typed: &str) -> sqlx::Result<Vec<String>> {
        let mut stems = store::names::list_stems(self.db, &typos::variants(typos::head(typed)), STEMS).await?;
        stems.retain(|stem| typos::leads_to(stem, typed));
        if !self.typed.is_one_word() {
            // The typo may be in another word.
            stems.push(typed.to_owned());
        }
        stems.sort_unstable();
        // What begins with a longer stem begins with the shorter one too.
        stems.dedup_by(|longer, shorter| longer.starts_with(shorter.as_str()));
        let mut meant = store::names::list_words(self.db, &stems, LOOKED_AT).await?;
        let is_meant = |word: &String| is_like(typed, word) && !(self.typed.is_one_word() && word.starts_with(typed));
        meant.retain(is_meant);
        meant.truncate(MEANT);
        Ok(meant)
    }

    async fn words_of(&self, rows: &[NameRow]) -> sqlx::Result<HashMap<UserId, Vec<(i64, String)>>> {
        let mut ids: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut words: HashMap<UserId, Vec<_>> = HashMap::with_capacity(ids.len());
        for (user, place, word) in store::names::list_of(self.db, &ids).await? {
            words.entry(user).or_default().push((place, word));
        }
        Ok(words)
    }
}
