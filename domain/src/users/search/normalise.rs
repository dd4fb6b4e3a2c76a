//! Normalisation of names for search: without case and accents, split into words.

use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};
use protocol::limits;

const NFKD: DecomposingNormalizerBorrowed = DecomposingNormalizerBorrowed::new_nfkd();
const COMBINING_CLASSES: CanonicalCombiningClassMapBorrowed = CanonicalCombiningClassMapBorrowed::new();

/// Version of the normalisation; names normalised by an earlier version are reindexed at start.
pub const SEARCH_KEY_VERSION: i64 = 1;
/// Maximum number of words used per name.
const MAX_WORDS: usize = 16;

/// Search key of a text; equal for names that match.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in NFKD.normalize(&limits::name_key(text)).chars().filter(|c| !is_accent(*c)) {
        match c {
            'æ' => key.push_str("ae"),
            'œ' => key.push_str("oe"),
            'þ' => key.push_str("th"),
            'ø' => key.push('o'),
            'ł' => key.push('l'),
            'đ' | 'ð' => key.push('d'),
            'ħ' => key.push('h'),
            'ı' => key.push('i'),
            'ŋ' => key.push('n'),
            'ŧ' => key.push('t'),
            // O'Brien is searched as obrien.
            '\'' | '’' | 'ʼ' | 'ʻ' => {}
            c => key.push(c),
        }
    }
    key
}

/// Accents, and the points of Hebrew and Arabic, which are often omitted. Marks that form another letter or sound, as
/// in Devanagari, Thai and kana, are kept.
fn is_accent(c: char) -> bool {
    matches!(COMBINING_CLASSES.get_u8(c), 10..=36 | 200..)
}

/// The distinct words of a search key.
pub fn words(key: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in
        key.split(|c: char| !c.is_alphanumeric() && COMBINING_CLASSES.get_u8(c) == 0).filter(|word| !word.is_empty())
    {
        if !words.contains(&word) && words.len() < MAX_WORDS {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{search_key, words};

    #[test]
    fn names_are_normalised_for_search() {
        for (name, typed) in [
            ("Tomás Núñez", "tomas nunez"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("Søren Ørsted", "soren orsted"),
            ("Großmann", "grossmann"),
            ("O’Brien", "obrien"),
            ("İbrahim Işık", "ibrahim isik"),
            ("Ａｄａ", "ada"),
            ("Ⅷ", "viii"),
            ("Γιώργος", "γιωργος"),
            ("Фёдор", "федор"),
        ] {
            assert_eq!(search_key(name), search_key(typed), "{name}");
        }
        assert_ne!(search_key("राम"), search_key("रमा"));
        assert_ne!(search_key("かな"), search_key("がな"));
    }

    #[test]
    fn a_name_is_split_into_words() {
        assert_eq!(words("mara.okafor-lind (mara)"), ["mara", "okafor", "lind"]);
        assert_eq!(words(&search_key("प्रिया शर्मा")).len(), 2);
        assert!(words("!?").is_empty());
    }
}
