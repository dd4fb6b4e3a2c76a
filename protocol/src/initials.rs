//! Initials and a colour for users without an avatar: the same on the server and in every browser.

mod characters;
mod properties;

/// The number of colours; each is a class of the stylesheet, since inline styles are not allowed.
pub const HUES: usize = 12;

/// The colour of a user; the seed must be something that never changes about them.
pub fn hue(seed: &str) -> usize {
    // FNV-1a.
    let hash = seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) as usize % HUES
}

/// The first user-perceived characters of the first and the last word of a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let ends = [words.next(), words.next_back()];
    ends.into_iter().flatten().map(|word| characters::first(word).to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_name() {
        assert_eq!(initials("Mara Okafor"), "MO");
        assert_eq!(initials("ada"), "A");
        assert_eq!(initials("Tomás de la Núñez"), "TN");
        assert_eq!(initials("日本語"), "日");
        assert_eq!(initials(" "), "");
    }

    #[test]
    fn what_is_perceived_as_one_character_stays_whole() {
        assert_eq!(initials("🇩🇪 Team"), "🇩🇪T");
        assert_eq!(initials("🇩🇪🇫🇷 🏴󠁧󠁢󠁳󠁣󠁴󠁿"), "🇩🇪🏴󠁧󠁢󠁳󠁣󠁴󠁿");
        assert_eq!(initials("👍🏽 Bo"), "👍🏽B");
        assert_eq!(initials("👩🏽‍💻x 👨‍👩‍👧"), "👩🏽‍💻👨‍👩‍👧");
        assert_eq!(initials("1️⃣ ❤️"), "1️⃣❤️");
        assert_eq!(initials("e\u{301}va ç\u{327}"), "E\u{301}Ç\u{327}");
        assert_eq!(initials("किरण क्षमा"), "किक्ष");
        assert_eq!(initials("กำพล"), "กำ");
        assert_eq!(initials("\u{1112}\u{1161}\u{11ab}국"), "\u{1112}\u{1161}\u{11ab}");
    }
}
