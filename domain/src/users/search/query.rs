//! Parsed search text, and the rank of a user for it.

use crate::{
    store::search_words::{PART, USERNAME, WORD},
    users::search::{normalise, typos},
};
use protocol::limits;
use serde::{Deserialize, Serialize};

/// Rank of a match, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// The username begins with the typed text; an exact match comes first.
    Username,
    /// Each typed word is a prefix of a word of the name.
    Name,
    /// Each typed word is a prefix of a part of a word in a script without spaces, or of a word.
    Part,
    /// Each typed word is a prefix of a word of the name, with a typo in a word.
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
        let (key, typed) = (normalise::search_key(text), text);
        let key = key.trim().trim_start_matches('@').to_owned();
        let mut words: Vec<String> = normalise::words(&key).into_iter().map(str::to_owned).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        // An apostrophe alone, say, is not part of any key; it is no reason to find everyone.
        let is_nothing = key.is_empty() && !limits::is_blank(&typed.replace('@', ""));
        let whole = Some(key).filter(|folded| !folded.contains(char::is_whitespace) && !is_nothing);
        Self { username_prefix: whole, words }
    }

    pub fn username_prefix(&self) -> Option<&str> {
        self.username_prefix.as_deref()
    }

    /// The word by which users are looked up.
    pub fn longest_word(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    /// The typed word by whose parts users are looked up.
    pub fn part(&self) -> Option<&str> {
        self.words.iter().map(String::as_str).find(|word| word.starts_with(normalise::begins_part))
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
        let begins = |typed: &str, word: &str| word.starts_with(typed);
        let find_part = || {
            let part = self.part()?;
            let of_kinds = |kinds: &'static [i64]| {
                user_words.iter().filter(move |(kind, _)| kinds.contains(kind)).map(|(_, word)| word.as_str())
            };
            let all = self.words.iter().all(|typed| of_kinds(&[WORD, PART]).any(|word| begins(typed, word)));
            Some((Rank::Part, of_kinds(&[PART]).filter(|word| all && begins(part, word)).min()?))
        };
        find(Rank::Name, begins).or_else(find_part).or_else(|| find(Rank::Typo, matches_word))
    }
}

/// Whether a word begins with the typed text, possibly with a typo.
pub fn matches_word(typed: &str, word: &str) -> bool {
    word.starts_with(typed) || typos::may_have_typo(typed) && typos::matches_with_typo(typed, word)
}

#[cfg(test)]
mod tests {
    use super::{Query, Rank};
    use crate::store::search_words::{PART, USERNAME, WORD};

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
            ("'", None),
            ("@'", None),
            ("🔥", None),
            ("@", Some((Rank::Username, "moka"))),
            ("\u{200b}", Some((Rank::Username, "moka"))),
            ("\u{200b}mo\u{200b}k", Some((Rank::Username, "moka"))),
            ("＠mok", Some((Rank::Username, "moka"))),
        ] {
            assert_eq!(Query::new(typed).rank(&mara), fit, "{typed}");
        }
    }

    #[test]
    fn a_name_without_spaces_is_found_by_its_parts() {
        let tanaka =
            [(USERNAME, "taro"), (WORD, "taro"), (WORD, "田中太郎"), (WORD, "mara")].map(|(p, w)| (p, w.into()));
        let parts = ["田中太郎", "中太郎", "太郎", "郎"].map(|part| (PART, part.to_owned()));
        let words: Vec<(i64, String)> = tanaka.into_iter().chain(parts).collect();
        for (typed, fit) in [
            ("田中", Some((Rank::Name, "田中太郎"))),
            ("太郎", Some((Rank::Part, "太郎"))),
            ("太郎 田中", Some((Rank::Part, "太郎"))),
            ("mara 太", Some((Rank::Part, "太郎"))),
            ("太郎 花子", None),
            ("ara", None),
        ] {
            assert_eq!(Query::new(typed).rank(&words), fit, "{typed}");
        }
    }
}
