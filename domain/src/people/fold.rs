//! Names as they are looked for: without case and accents, in words.

use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};
use protocol::limits;

const APART: DecomposingNormalizerBorrowed = DecomposingNormalizerBorrowed::new_nfkd();
const MARKS: CanonicalCombiningClassMapBorrowed = CanonicalCombiningClassMapBorrowed::new();

/// Which way of folding this is; names kept by an earlier one are folded anew at start.
pub const VERSION: i64 = 1;
/// Words of one name that are looked at.
const WORDS: usize = 16;

/// A text by which two spellings are the same.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in APART.normalize(&limits::fold(text)).chars().filter(|c| !is_accent(*c)) {
        match c {
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ŋ' => folded.push('n'),
            'ŧ' => folded.push('t'),
            // O'Brien is looked for as obrien.
            '\'' | '’' | 'ʼ' | 'ʻ' => {}
            c => folded.push(c),
        }
    }
    folded
}

/// Accents, and the points of Hebrew and Arabic, which people leave out. Marks that make another letter or sound, as in
/// Devanagari, Thai and kana, stay.
fn is_accent(c: char) -> bool {
    matches!(MARKS.get_u8(c), 10..=36 | 200..)
}

/// The words of a folded text, each once.
pub fn words(folded: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in folded.split(|c: char| !c.is_alphanumeric() && MARKS.get_u8(c) == 0).filter(|word| !word.is_empty()) {
        if !words.contains(&word) && words.len() < WORDS {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{fold, words};

    #[test]
    fn names_are_found_as_people_type_them() {
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
            assert_eq!(fold(name), fold(typed), "{name}");
        }
        assert_ne!(fold("राम"), fold("रमा"));
        assert_ne!(fold("かな"), fold("がな"));
    }

    #[test]
    fn a_name_has_words() {
        assert_eq!(words("mara.okafor-lind (mara)"), ["mara", "okafor", "lind"]);
        assert_eq!(words(&fold("प्रिया शर्मा")).len(), 2);
        assert!(words("!?").is_empty());
    }
}
