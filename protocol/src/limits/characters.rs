//! Characters that names and texts can't contain, or consist of.

use std::ops::RangeInclusive;

/// Characters that are invisible or change the direction of text: names could be forged with them.
pub const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{200B}'..='\u{200B}',
    JOINERS,
    '\u{200E}'..='\u{200F}',
    '\u{2028}'..='\u{202E}',
    '\u{2060}'..='\u{206F}',
    '\u{FEFF}'..='\u{FEFF}',
    '\u{00AD}'..='\u{00AD}',
    '\u{FFF9}'..='\u{FFFB}',
    '\u{E0000}'..='\u{E001F}',
    TAGS,
    // Letters and symbols according to Unicode, but without a visible glyph.
    '\u{034F}'..='\u{034F}',
    '\u{061C}'..='\u{061C}',
    '\u{115F}'..='\u{1160}',
    '\u{17B4}'..='\u{17B5}',
    '\u{180B}'..='\u{180F}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{FFA0}'..='\u{FFA0}',
];

/// The invisible characters that emoji and some scripts need.
pub const JOINERS: RangeInclusive<char> = '\u{200C}'..='\u{200D}';

/// The invisible characters that the flags of some regions need.
pub const TAGS: RangeInclusive<char> = '\u{E0020}'..='\u{E007F}';

/// Pictographs, approximately: the blocks of symbols.
pub const PICTOGRAPHS: &[RangeInclusive<char>] = &[
    '\u{203C}'..='\u{203C}',
    '\u{2049}'..='\u{2049}',
    '\u{2122}'..='\u{2122}',
    '\u{2139}'..='\u{2139}',
    '\u{2190}'..='\u{21FF}',
    '\u{2300}'..='\u{23FF}',
    '\u{2460}'..='\u{27BF}',
    '\u{2900}'..='\u{297F}',
    '\u{2B00}'..='\u{2BFF}',
    '\u{3030}'..='\u{3030}',
    '\u{303D}'..='\u{303D}',
    '\u{3297}'..='\u{3297}',
    '\u{3299}'..='\u{3299}',
    '\u{1F000}'..='\u{1FAFF}',
];

/// What makes a text an emoji: a pictograph, one of two signs, or the frame of a keycap.
pub const EMOJI_BASES: &[RangeInclusive<char>] = &['©'..='©', '®'..='®', '\u{20E3}'..='\u{20E3}'];

/// What else can be in an emoji: joiners, variation selectors, the tags of some flags, and the digits of keycaps.
pub const EMOJI_PARTS: &[RangeInclusive<char>] =
    &['#'..='#', '*'..='*', '0'..='9', '\u{200D}'..='\u{200D}', '\u{FE0F}'..='\u{FE0F}', TAGS];

/// Whether a character is in one of these ranges.
pub fn is_in(ranges: &[RangeInclusive<char>], c: char) -> bool {
    ranges.iter().any(|range| range.contains(&c))
}

/// Whether a character is invisible.
pub fn is_invisible(c: char) -> bool {
    is_in(INVISIBLE, c)
}
