//! Parsed search text, and the rank of a user for it.

use crate::{
    store::search_words::{USERNAME, WORD},
    users::search::{normalise, typos},
};
use serde::{Deserialize, Serialize};

/// Rank of a match, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// The username begins with the typed text; an exact match comes first.
    Username,
    /// Each typed word is a prefix of a word of the name.
    Name,
    /// The same, with a typo in a word.
    Typo,
}

/// Parsed search text.
#[derive(Clone, Debug)]
pub struct Query {
    /// The whole text, if it may be a username.
    username_prefix: Option<String>,
    /// Longest first: it matches the fewest users.
    words: Vec<String>,
}

impl Query {
    pub fn new(text: &str) -> Self {
        let key = normalise::search_key(text.trim().trim_start_matches('@'));
        let mut words: Vec<String> = normalise::words(&key).into_iter().map(str::to_owned).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let whole = Some(key).filter(|folded| !folded.contains(char::is_whitespace));
        Self { username_prefix: whole, words }
    }

    pub fn username_prefix(&self) -> Option<&str> {
        self.username_prefix.as_deref()
    }

    /// The word by which users are looked up.
    pub fn longest_word(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    /// Whether the query is one word, so that every match without a typo has been found at the better rank.
    pub const fn is_one_word(&self) -> bool {
        self.words.len() < 2
    }

    /// Rank of a user with these words, and the word under which they are found: the first that matches.
    pub fn rank<'a>(&self, user_words: &'a [(i64, String)]) -> Option<(Rank, &'a str)> {
        let words_of_kind = |kind| user_words.iter().filter(move |(p, _)| *p == kind).map(|(_, word)| word.as_str());
        if let Some(whole) = &self.username_prefix
            && let Some(name) = words_of_kind(USERNAME).find(|name| name.starts_with(whole.as_str()))
        {
            return Some((Rank::Username, name));
        }
        let longest = self.words.first()?;
        let find = |rank, fits: fn(&str, &str) -> bool| {
            let all = self.words.iter().all(|typed| words_of_kind(WORD).any(|word| fits(typed, word)));
            Some((rank, words_of_kind(WORD).filter(|word| all && fits(longest, word)).min()?))
        };
        find(Rank::Name, |typed, word| word.starts_with(typed)).or_else(|| find(Rank::Typo, matches_word))
    }
}

/// Whether a word begins with the typed text, possibly with a typo.
pub fn matches_word(typed: &str, word: &str) -> bool {
    word.starts_with(typed) || typos::may_have_typo(typed) && typos::matches_with_typo(typed, word)
}

#[cfg(test)]
mod tests {
    use super::{Query, Rank};
    use crate::store::search_words::{USERNAME, WORD};

    #[test]
    fn the_best_match_determines_the_rank() {
        let mara: Vec<(i64, String)> =
            [(USERNAME, "moka"), (WORD, "mara"), (WORD, "okafor"), (WORD, "moka")].map(|(p, w)| (p, w.into())).into();
        for (typed, fit) in [
            ("", Some((Rank::Username, "moka"))),
            ("@Mok", Some((Rank::Username, "moka"))),
            ("m", Some((Rank::Username, "moka"))),
            ("ma", Some((Rank::Name, "mara"))),
            ("oka mar", Some((Rank::Name, "okafor"))),
            ("okafro", Some((Rank::Typo, "okafor"))),
            ("Maar Okafor", Some((Rank::Typo, "okafor"))),
            ("mra", None),
            ("mara lind", None),
            ("!", None),
        ] {
            assert_eq!(Query::new(typed).rank(&mara), fit, "{typed}");
        }
    }
}
