//! Where a line can have the invisible characters that are part of the spelling of some scripts (Unicode Standard Annex
//! 31, 2.3; RFC 5892, appendix A) and of emoji (Unicode Technical Standard 51). Anywhere else they would only make two
//! texts differ that look the same.

use super::characters::TAGS;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{CanonicalCombiningClass, EmojiModifier, ExtendedPictographic, JoiningType},
};

const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';
const EMOJI_STYLE: char = '\u{FE0F}';
const FLAG: char = '\u{1F3F4}';
const END_OF_TAGS: char = '\u{E007F}';

/// Whether the invisible character at this index belongs where it is.
pub fn is_in_place(text: &[char], at: usize) -> bool {
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
    match text.get(at) {
        Some(&NON_JOINER) => before.last().is_some_and(|c| is_virama(*c)) || separates_joining_letters(before, after),
        Some(&JOINER) => shapes_a_conjunct(before, after) || joins_emoji(before, after),
        Some(c) if is_tag(*c) => is_in_flag(before, after, *c),
        _ => false,
    }
}

/// The sign that takes a consonant's vowel away, which a joiner makes visible or not.
fn is_virama(c: char) -> bool {
    CodePointMapData::<CanonicalCombiningClass>::new().get(c) == CanonicalCombiningClass::Virama
}

/// After a virama; in Bengali and Sinhala also before one.
fn shapes_a_conjunct(before: &[char], after: &[char]) -> bool {
    before.last().is_some_and(|c| is_virama(*c))
        || before.last().is_some_and(|c| c.is_alphabetic()) && after.first().is_some_and(|c| is_virama(*c))
}

/// Between letters of a script whose letters join. Of some the joined and the separate form are the same; people type
/// the non-joiner after them too, and what compares names ignores it.
fn separates_joining_letters(before: &[char], after: &[char]) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let joins = |c: &char| {
        matches!(types.get(*c), JoiningType::DualJoining | JoiningType::RightJoining | JoiningType::LeftJoining)
    };
    let is_mark = |c: &&char| types.get(**c) == JoiningType::Transparent;
    before.iter().rev().find(|c| !is_mark(c)).is_some_and(joins)
        && after.iter().find(|c| !is_mark(c)).is_some_and(joins)
}

/// Between two pictographs, the first of which may have a style or a skin tone (Unicode Standard Annex 29, GB11).
fn joins_emoji(before: &[char], after: &[char]) -> bool {
    let pictographs = CodePointSetData::new::<ExtendedPictographic>();
    let modifiers = CodePointSetData::new::<EmojiModifier>();
    let first = before.iter().rev().find(|c| **c != EMOJI_STYLE && !modifiers.contains(**c));
    first.is_some_and(|c| pictographs.contains(*c)) && after.first().is_some_and(|c| pictographs.contains(*c))
}

fn is_tag(c: char) -> bool {
    TAGS.contains(&c)
}

/// Whether a tag is part of the flag of a region: a black flag, the region's tags, and the end of them.
fn is_in_flag(before: &[char], after: &[char], tag: char) -> bool {
    let is_region = |c: &&char| is_tag(**c) && **c != END_OF_TAGS;
    let base = before.iter().rev().find(|c| !is_region(c));
    let end = if tag == END_OF_TAGS { Some(&tag) } else { after.iter().find(|c| !is_region(c)) };
    base == Some(&FLAG) && before.last().is_some_and(|c| tag != END_OF_TAGS || *c != FLAG) && end == Some(&END_OF_TAGS)
}

#[cfg(test)]
mod tests {
    use super::is_in_place;

    /// Whether each invisible character is in its place.
    fn places(text: &str) -> Vec<bool> {
        let chars: Vec<char> = text.chars().collect();
        let is_hidden = |at: &usize| matches!(chars[*at], '\u{200c}' | '\u{200d}' | '\u{e0020}'..='\u{e007f}');
        (0..chars.len()).filter(is_hidden).map(|at| is_in_place(&chars, at)).collect()
    }

    #[test]
    fn spellings_and_emoji_have_joiners() {
        for good in [
            "می\u{200c}خواهم",
            "برادر\u{200c}زاده",
            "عَلِی\u{200c}رِضا",
            "ශ්\u{200d}රී",
            "രാമന്\u{200d}",
            "ക്\u{200c}ഷ",
            "র\u{200d}্যাব",
            "क्\u{200d}ष",
            "🏳️\u{200d}⚧️",
            "👩🏽\u{200d}💻",
            "👨\u{200d}👩\u{200d}👧",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            let places = places(good);
            assert!(!places.is_empty() && places.iter().all(|fits| *fits), "{good}");
        }
    }

    #[test]
    fn joiners_are_out_of_place_elsewhere() {
        for bad in [
            "a\u{200c}b",
            "a\u{200d}b",
            "\u{200c}علی",
            "علی\u{200c}",
            "علی\u{200d}رضا",
            "ab\u{200d}",
            "🔥\u{200d}",
            "\u{200d}🔥",
            "a\u{200d}🔥",
            "日\u{200d}本",
            "\u{e0067}",
            "🏴\u{e0067}",
            "🏴\u{e007f}",
            "🔥\u{e0067}\u{e007f}",
            "🏴x\u{e0067}\u{e007f}",
        ] {
            let places = places(bad);
            assert!(!places.is_empty() && places.iter().all(|fits| !*fits), "{bad:?}");
        }
        // The second of two has nothing to join.
        assert_eq!(places("ശ്\u{200d}\u{200d}"), [true, false]);
    }
}
