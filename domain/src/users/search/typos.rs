//! Matching with one typo: a letter inserted, missing or wrong, or two adjacent letters swapped.
//!
//! Two words that are one typo apart become equal when each loses at most one letter. So the prefixes of every
//! name's words are stored under each variant with one letter deleted (`name_typos`), a typed word is looked up under
//! each of its own deletions, and the matches are compared in full: a handful of exact lookups, whatever the number of
//! users.

/// A word shorter than this is matched exactly.
const MIN_WORD_CHARS: usize = 4;
/// Maximum letters of a stored prefix.
const MAX_PREFIX_CHARS: usize = 6;

/// Whether a typed word may have a typo.
pub fn may_have_typo(word: &str) -> bool {
    word.chars().nth(MIN_WORD_CHARS - 1).is_some()
}

/// Prefixes of a word to store, so that it is found before it is typed completely.
pub fn prefixes(word: &str) -> Vec<&str> {
    let ends: Vec<usize> =
        word.char_indices().skip(1).map(|(at, _)| at).chain([word.len()]).take(MAX_PREFIX_CHARS).collect();
    match ends.len() {
        // The whole word, because a typo may have shortened it to four letters.
        3 => vec![word],
        _ => ends.into_iter().skip(MIN_WORD_CHARS - 1).filter_map(|end| word.get(..end)).collect(),
    }
}

/// A prefix, and the prefix without each one of its letters.
pub fn deletions(prefix: &str) -> Vec<String> {
    let mut deletions = vec![prefix.to_owned()];
    for (at, letter) in prefix.char_indices() {
        let (before, after) =
            (prefix.get(..at).unwrap_or_default(), prefix.get(at + letter.len_utf8()..).unwrap_or_default());
        deletions.push(format!("{before}{after}"));
    }
    deletions.sort_unstable();
    deletions.dedup();
    deletions
}

/// Prefix of a typed word whose deletions are looked up.
pub fn lookup_prefix(typed: &str) -> &str {
    typed.char_indices().nth(MAX_PREFIX_CHARS).map_or(typed, |(end, _)| typed.get(..end).unwrap_or(typed))
}

/// Whether a word typed with one typo may begin with this stored prefix; shorter prefixes of the same word add nothing.
pub fn prefix_matches(prefix: &str, typed: &str) -> bool {
    let (letters, typed_letters) = (prefix.chars().count(), typed.chars().count());
    letters >= MAX_PREFIX_CHARS.min(typed_letters.saturating_sub(1))
        && (matches_with_typo(prefix, typed) || matches_with_typo(typed, prefix) || typed.starts_with(prefix))
}

/// Whether a word begins with the typed text, except for one typo.
pub fn matches_with_typo(typed: &str, word: &str) -> bool {
    let (typed, word): (Vec<char>, Vec<char>) = (typed.chars().collect(), word.chars().collect());
    let common = typed.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let (typed, word) = (typed.get(common..).unwrap_or_default(), word.get(common..).unwrap_or_default());
    let begins = |word: Option<&[char]>, typed: &[char]| word.is_some_and(|word| word.starts_with(typed));
    match (typed, word) {
        // It begins with the typed text without any typo: that is a better rank.
        ([], _) => false,
        ([_, rest @ ..], _) if begins(Some(word), rest) => true,
        ([_, rest @ ..], _) if begins(word.get(1..), rest) => true,
        (typed, _) if begins(word.get(1..), typed) => true,
        ([a, b, rest @ ..], [c, d, ..]) => a == d && b == c && begins(word.get(2..), rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_edit_counts_as_a_typo() {
        for typed in ["lovelaec", "lovlace", "loveelace", "lowelace", "olvelace", "lovelacee", "ovelace", "lovla"] {
            assert!(matches_with_typo(typed, "lovelace"), "{typed}");
        }
        for typed in ["lovelace", "love", "lvoelaec", "lolace", "elovlace"] {
            assert!(!matches_with_typo(typed, "lovelace"), "{typed}");
        }
        assert!(matches_with_typo("adaa", "ada") && matches_with_typo("lobe", "loeb"));
    }

    #[test]
    fn a_word_is_indexed_under_few_prefixes() {
        assert_eq!(prefixes("lovelace"), ["love", "lovel", "lovela"]);
        assert_eq!(prefixes("mara"), ["mara"]);
        assert_eq!(prefixes("ada"), ["ada"]);
        assert!(prefixes("li").is_empty());
        assert_eq!(deletions("anna"), ["ana", "ann", "anna", "nna"]);
        assert_eq!(lookup_prefix("lovelace"), "lovela");
        assert_eq!(lookup_prefix("日本語"), "日本語");
    }

    /// A word, and the same word with a typo.
    fn mistyped() -> impl Strategy<Value = (String, String)> {
        ("[a-dé]{4,12}", 0..4_u8, any::<prop::sample::Index>(), "[a-d]").prop_map(|(word, kind, index, letter)| {
            let mut typed: Vec<char> = word.chars().collect();
            let at = index.index(typed.len());
            let letter = letter.chars().next().unwrap_or('a');
            match kind {
                0 => typed.insert(at, letter),
                1 => drop(typed.remove(at)),
                2 => typed[at] = letter,
                _ if at > 0 => typed.swap(at, at - 1),
                _ => {}
            }
            (word, typed.into_iter().collect())
        })
    }

    proptest! {
        #[test]
        fn every_word_with_one_typo_is_found((word, typed) in mistyped(), omitted in 0..3_usize) {
            // Users also search with an incomplete word.
            let typed: String = typed.chars().take(typed.chars().count().saturating_sub(omitted)).collect();
            prop_assume!(may_have_typo(&typed) && !word.starts_with(&typed));
            prop_assume!(matches_with_typo(&typed, &word));
            let looked_up = deletions(lookup_prefix(&typed));
            let meets = |stem: &&str| deletions(stem).iter().any(|variant| looked_up.contains(variant));
            prop_assert!(prefixes(&word).into_iter().filter(meets).any(|stem| prefix_matches(stem, &typed)));
        }
    }
}
