//! Initials and a colour for users without an avatar: the same on the server and in every browser.

/// The number of colours; each is a class of the stylesheet, since inline styles are not allowed.
pub const HUES: usize = 12;

/// The colour of a user; the seed must be something that never changes about them.
pub fn hue(seed: &str) -> usize {
    // FNV-1a.
    let hash = seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) as usize % HUES
}

/// The first letters of the first and the last word of a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
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
}
