//! One typo: a letter too many, too few, wrong, or two that changed places.
//!
//! Two spellings that are one typo apart become the same when each loses at most one letter. So the beginnings of every
//! name's words are kept under each spelling with one letter less (`name_typos`), a typed word is looked up under each of
//! its own, and what meets is compared in full: a handful of exact lookups, however many people there are.

/// A word shorter than this is taken as it is typed.
const SHORTEST: usize = 4;
/// Letters at the beginning of a word that are kept.
const STEM: usize = 6;

/// Whether a typed word may have a typo.
pub fn may_have_typo(word: &str) -> bool {
    word.chars().nth(SHORTEST - 1).is_some()
}

/// The beginnings of a word that are kept: people find it before they have typed all of it.
pub fn stems(word: &str) -> Vec<&str> {
    let ends: Vec<usize> = word.char_indices().skip(1).map(|(at, _)| at).chain([word.len()]).take(STEM).collect();
    match ends.len() {
        // Whole, because a typo may have made four letters of it.
        3 => vec![word],
        _ => ends.into_iter().skip(SHORTEST - 1).filter_map(|end| word.get(..end)).collect(),
    }
}

/// A stem, and the stem without each one of its letters.
pub fn variants(stem: &str) -> Vec<String> {
    let mut variants = vec![stem.to_owned()];
    for (at, letter) in stem.char_indices() {
        let (before, after) =
            (stem.get(..at).unwrap_or_default(), stem.get(at + letter.len_utf8()..).unwrap_or_default());
        variants.push(format!("{before}{after}"));
    }
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// The beginning under whose variants a typed word is looked up.
pub fn head(typed: &str) -> &str {
    typed.char_indices().nth(STEM).map_or(typed, |(end, _)| typed.get(..end).unwrap_or(typed))
}

/// Whether a word that was typed with one typo may begin with a stem that was found; shorter stems of the same word
/// add nothing.
pub fn leads_to(stem: &str, typed: &str) -> bool {
    let (letters, of) = (stem.chars().count(), typed.chars().count());
    letters >= STEM.min(of.saturating_sub(1))
        && (is_near(stem, typed) || is_near(typed, stem) || typed.starts_with(stem))
}

/// Whether a word begins with what was typed, but for one typo.
pub fn is_near(typed: &str, word: &str) -> bool {
    let (typed, word): (Vec<char>, Vec<char>) = (typed.chars().collect(), word.chars().collect());
    let same = typed.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let (typed, word) = (typed.get(same..).unwrap_or_default(), word.get(same..).unwrap_or_default());
    let begins = |word: Option<&[char]>, typed: &[char]| word.is_some_and(|word| word.starts_with(typed));
    match (typed, word) {
        // Begins with it without any typo: that is more than near.
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
    fn a_typo_is_one_letter() {
        for typed in ["lovelaec", "lovlace", "loveelace", "lowelace", "olvelace", "lovelacee", "ovelace", "lovla"] {
            assert!(is_near(typed, "lovelace"), "{typed}");
        }
        for typed in ["lovelace", "love", "lvoelaec", "lolace", "elovlace"] {
            assert!(!is_near(typed, "lovelace"), "{typed}");
        }
        assert!(is_near("adaa", "ada") && is_near("lobe", "loeb"));
    }

    #[test]
    fn a_word_is_kept_under_few_spellings() {
        assert_eq!(stems("lovelace"), ["love", "lovel", "lovela"]);
        assert_eq!(stems("mara"), ["mara"]);
        assert_eq!(stems("ada"), ["ada"]);
        assert!(stems("li").is_empty());
        assert_eq!(variants("anna"), ["ana", "ann", "anna", "nna"]);
        assert_eq!(head("lovelace"), "lovela");
        assert_eq!(head("日本語"), "日本語");
    }

    /// What was meant, and the same with a typo in it.
    fn mistyped() -> impl Strategy<Value = (String, String)> {
        ("[a-dé]{4,12}", 0..4_u8, any::<prop::sample::Index>(), "[a-d]").prop_map(|(word, kind, place, letter)| {
            let mut typed: Vec<char> = word.chars().collect();
            let at = place.index(typed.len());
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
        fn whatever_the_typo_the_word_is_found((word, typed) in mistyped(), shown in 0..3_usize) {
            // People also look for what they have not typed to the end.
            let typed: String = typed.chars().take(typed.chars().count().saturating_sub(shown)).collect();
            prop_assume!(may_have_typo(&typed) && !word.starts_with(&typed));
            prop_assume!(is_near(&typed, &word));
            let looked_up = variants(head(&typed));
            let meets = |stem: &&str| variants(stem).iter().any(|variant| looked_up.contains(variant));
            prop_assert!(stems(&word).into_iter().filter(meets).any(|stem| leads_to(stem, &typed)));
        }
    }
}
