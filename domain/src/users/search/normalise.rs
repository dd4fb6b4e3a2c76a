//! Normalisation of names for search: without case and accents, split into words.

use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic, GeneralCategory, LineBreak, RegionalIndicator,
    },
};
use protocol::limits;

const NFKD: DecomposingNormalizerBorrowed = DecomposingNormalizerBorrowed::new_nfkd();
const COMBINING_CLASSES: CanonicalCombiningClassMapBorrowed = CanonicalCombiningClassMapBorrowed::new();

/// Version of the normalisation; names normalised by an earlier version are reindexed at start.
pub const SEARCH_KEY_VERSION: i64 = 2;
/// Maximum number of words used per name.
const MAX_WORDS: usize = 16;
/// Maximum number of parts used per user: more than the characters of most names.
const MAX_PARTS: usize = 48;

/// Search key of a text; equal for names that match.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in NFKD.normalize(&limits::name_key(text)).chars().filter(|c| !is_accent(*c) && !is_unseen(*c)) {
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

/// What a pasted name may contain without being seen, the joiners that spelling does without, and the frame of a keycap
/// and the skin tone of an emoji.
fn is_unseen(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CodePointSetData::new::<EmojiModifier>().contains(c)
        || category(c) == GeneralCategory::EnclosingMark
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

fn is_mark(c: char) -> bool {
    matches!(category(c), GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark)
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

fn is_emoji(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
        || CodePointSetData::new::<RegionalIndicator>().contains(c)
}

/// The distinct words of a search key: of letters, or of emoji.
pub fn words(key: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let runs = key.split(|c| !is_letter(c) && !is_emoji(c)).flat_map(split_emoji);
    for word in runs.filter(|word| !word.is_empty()) {
        if !words.contains(&word) && words.len() < MAX_WORDS {
            words.push(word);
        }
    }
    words
}

/// Splits a word where letters and emoji meet.
fn split_emoji(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let of_emoji = !is_letter(rest.chars().next()?);
        let end = rest.find(|c| is_letter(c) == of_emoji).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

/// The distinct parts of words in scripts that do not put spaces between words: from each character on in which a given
/// name, say, may begin.
pub fn parts<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut parts = Vec::new();
    for word in words {
        for (at, _) in word.char_indices().filter(|(_, c)| begins_part(*c)) {
            let part = word.get(at..).unwrap_or_default();
            if !parts.contains(&part) && parts.len() < MAX_PARTS {
                parts.push(part);
            }
        }
    }
    parts
}

/// Whether a part of a word may begin with this character: one that stands for a syllable in Chinese and Japanese, the
/// first letter of one in Korean, a letter of Thai, Lao, Khmer, Burmese and others that need a dictionary to be split into
/// words (Unicode Standard Annex 14: ID, JL, SA).
pub fn begins_part(c: char) -> bool {
    let line_break = CodePointMapData::<LineBreak>::new().get(c);
    matches!(line_break, LineBreak::Ideographic | LineBreak::JL | LineBreak::ComplexContext) && !is_mark(c)
}

#[cfg(test)]
mod tests {
    use super::{MAX_PARTS, parts, search_key, words};

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
            ("a\u{200b}d\u{2060}a", "ada"),
            ("علی\u{200c}رضا", "علیرضا"),
            ("👍🏽", "👍"),
            ("🏳️\u{200d}🌈", "🏳🌈"),
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
        assert_eq!(words(&search_key("เล็ก")), ["เล็ก"]);
        assert_eq!(words("ada🔥🚀 🇩🇪 mara"), ["ada", "🔥🚀", "🇩🇪", "mara"]);
        assert!(words("!?").is_empty());
    }

    #[test]
    fn a_word_without_spaces_has_parts() {
        let of = |name: &str| {
            let key = search_key(name);
            parts(&words(&key)).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let keys = |parts: &[&str]| parts.iter().map(|part| search_key(part)).collect::<Vec<_>>();
        assert_eq!(of("田中太郎"), keys(&["田中太郎", "中太郎", "太郎", "郎"]));
        // Syllables, not the letters that they are composed of; letters with their vowel signs and tone marks.
        assert_eq!(of("김철수"), keys(&["김철수", "철수", "수"]));
        assert_eq!(of("がく"), keys(&["がく", "く"]));
        assert_eq!(of("เพื่อน"), keys(&["เพื่อน", "พื่อน", "อน", "น"]));
        assert_eq!(of("Mara田中"), keys(&["田中", "中"]));
        assert_eq!(of("🔥🚀"), ["🔥🚀", "🚀"]);
        for name in ["Ada Lovelace", "Фёдор", "प्रिया", "علی", "!?"] {
            assert!(of(name).is_empty(), "{name}");
        }
        let long: String = ('\u{4e00}'..='\u{4e7f}').collect();
        assert_eq!(of(&long).len(), MAX_PARTS);
    }
}
