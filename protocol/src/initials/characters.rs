//! User-perceived characters (extended grapheme clusters, UAX #29): a flag or a letter with its marks is one.

use super::properties;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Control,
    Extend,
    Spacing,
    Prepend,
    Pictograph,
    Consonant,
    Joiner,
    /// One of the two letters of a flag.
    Regional,
    /// Hangul: a leading consonant, a vowel, a trailing consonant, and syllables without and with a trailing one.
    Lead,
    Vowel,
    Trail,
    OpenSyllable,
    ClosedSyllable,
}

const NON_JOINER: char = '\u{200c}';

/// The first user-perceived character of a text.
pub fn first(text: &str) -> &str {
    let mut characters = text.char_indices();
    let Some((_, start)) = characters.next() else { return text };
    let mut cluster = Cluster::start(start);
    let end = characters.find(|(_, next)| !cluster.extend(*next));
    end.map_or(text, |(end, _)| &text[..end])
}

/// What must be known of a character so far to tell whether it continues.
struct Cluster {
    last: Class,
    /// It is a pictograph with nothing after but marks and one joiner, the last.
    pictograph: bool,
    /// It is a consonant with nothing after but marks; and whether one of them is a linker.
    consonant: Option<bool>,
    /// It ends with half a flag.
    half_flag: bool,
}

impl Cluster {
    fn start(start: char) -> Self {
        let last = class(start);
        Self {
            last,
            pictograph: last == Class::Pictograph,
            consonant: (last == Class::Consonant).then_some(false),
            half_flag: last == Class::Regional,
        }
    }

    /// Adds a code point; false if another character starts with it.
    fn extend(&mut self, next: char) -> bool {
        let class = class(next);
        if !self.continues_with(class) {
            return false;
        }
        match class {
            Class::Extend | Class::Joiner => {
                self.pictograph &= self.last != Class::Joiner;
                if next == NON_JOINER {
                    self.consonant = None;
                }
                self.consonant = self.consonant.map(|linked| linked || contains(properties::LINKER, next));
                (self.last, self.half_flag) = (class, false);
            }
            Class::Regional if self.half_flag => (self.last, self.half_flag) = (class, false),
            _ => *self = Self::start(next),
        }
        true
    }

    /// The rules of UAX #29, from GB4 on.
    fn continues_with(&self, next: Class) -> bool {
        use Class::{
            ClosedSyllable, Consonant, Control, Extend, Joiner, Lead, OpenSyllable, Pictograph, Prepend, Regional,
            Spacing, Trail, Vowel,
        };
        match (self.last, next) {
            (Control, _) | (_, Control) => false,
            (_, Extend | Joiner | Spacing)
            | (Prepend, _)
            | (Lead, Lead | Vowel | OpenSyllable | ClosedSyllable)
            | (OpenSyllable | Vowel, Vowel | Trail)
            | (ClosedSyllable | Trail, Trail) => true,
            (_, Consonant) => self.consonant == Some(true),
            (Joiner, Pictograph) => self.pictograph,
            (Regional, Regional) => self.half_flag,
            _ => false,
        }
    }
}

fn class(character: char) -> Class {
    match character {
        ' '..='~' => Class::Other,
        '\u{200d}' => Class::Joiner,
        '\u{1f1e6}'..='\u{1f1ff}' => Class::Regional,
        '\u{1100}'..='\u{115f}' | '\u{a960}'..='\u{a97c}' => Class::Lead,
        '\u{1160}'..='\u{11a7}' | '\u{d7b0}'..='\u{d7c6}' | '\u{16d63}' | '\u{16d67}'..='\u{16d6a}' => Class::Vowel,
        '\u{11a8}'..='\u{11ff}' | '\u{d7cb}'..='\u{d7fb}' => Class::Trail,
        // 28 syllables for each pair of a leading consonant and a vowel, the first without a trailing consonant.
        '가'..='힣' if (u32::from(character) - u32::from('가')).is_multiple_of(28) => Class::OpenSyllable,
        '가'..='힣' => Class::ClosedSyllable,
        _ => {
            let tables = [
                (properties::EXTEND, Class::Extend),
                (properties::SPACING, Class::Spacing),
                (properties::PREPEND, Class::Prepend),
                (properties::PICTOGRAPH, Class::Pictograph),
                (properties::CONSONANT, Class::Consonant),
                (properties::CONTROL, Class::Control),
            ];
            tables.iter().find(|(table, _)| contains(table, character)).map_or(Class::Other, |(_, class)| *class)
        }
    }
}

fn contains(table: &[u32], character: char) -> bool {
    let code = u32::from(character);
    let after = table.partition_point(|range| range >> 8 <= code);
    after > 0 && code - (table[after - 1] >> 8) <= table[after - 1] & 0xff
}

#[cfg(test)]
mod tests {
    use super::first;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    #[track_caller]
    fn check(text: &str) {
        assert_eq!(Some(first(text)), text.graphemes(true).next(), "{text:?} {}", text.escape_unicode());
    }

    /// Every code point in each place that a rule speaks of.
    #[test]
    fn every_code_point_has_the_class_that_the_library_gives_it() {
        let assigned = (0x20..0x20_000).chain(0xe0000..0xe1000).filter_map(char::from_u32);
        for c in assigned {
            for text in [
                format!("a{c}a"),
                format!("{c}a"),
                format!("{c}\u{301}"),
                format!("a{c}\u{301}"),
                format!("©\u{200d}{c}"),
                format!("©{c}\u{200d}©"),
                format!("{c}\u{200d}©"),
                format!("क्{c}"),
                format!("क{c}क"),
                format!("क{c}्क"),
                format!("{c}्क"),
                format!("\u{1100}{c}"),
                format!("가{c}"),
                format!("{c}\u{1160}"),
                format!("{c}\u{11a8}"),
                format!("🇩{c}"),
                format!("{c}🇩"),
            ] {
                check(&text);
            }
        }
    }

    proptest! {
        #[test]
        fn sequences_end_where_the_library_ends_them(
            text in proptest::collection::vec(
                proptest::sample::select(vec![
                    'a', '\u{301}', '\u{200d}', '\u{200c}', '\u{fe0f}', '\u{1f3fd}', '🇩', '👩', '©', 'क', '्', 'ा',
                    '\u{600}', '\u{1100}', '\u{1161}', '\u{11a8}', '가', '각', '\u{7f}', '\u{e0067}',
                ]),
                1..9,
            )
        ) {
            check(&text.into_iter().collect::<String>());
        }
    }
}
