//! The key by which names are compared.

use super::{EMAIL_CHARS, characters::is_invisible};
use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_security::skeleton;

/// The key by which names are compared. It ignores case in any script, the width of letters, ligatures and how accents
/// were typed (Unicode's compatibility caseless matching, without its removal of invisible characters, which names
/// cannot have).
pub fn name_key(name: &str) -> String {
    const CASE: CaseMapperBorrowed = CaseMapperBorrowed::new();
    const NFKC: ComposingNormalizerBorrowed = ComposingNormalizerBorrowed::new_nfkc();
    let mut key = NFKC.normalize(name.trim()).into_owned();
    // Decomposition can produce capitals, and lower-case letters can compose again.
    for _ in 0..2 {
        key = NFKC.normalize(&CASE.fold_string(key.trim())).into_owned();
    }
    key.trim().to_owned()
}

/// The key of a username or email address as people type or paste it to sign in: without the `@` of a mention and
/// without invisible characters. What is longer than both can be is cut, and then takes as long to be refused.
pub fn login_key(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).take(EMAIL_CHARS + 1).collect();
    name_key(&text).trim_start_matches('@').to_owned()
}

/// The key by which names that look alike are the same: `admin` and `admın`, `paypal` and `paypaI` (Unicode Technical
/// Standard 39, 4: the skeleton). What a name looks like is taken before its case is folded, because capitals of several
/// scripts look alike, and after it. White space counts once, as it is shown.
pub fn lookalike_key(name: &str) -> String {
    let shape = |text: &str| skeleton(text).collect::<String>();
    shape(&name_key(&shape(name))).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Composes accents with their letters (NFC).
pub(super) fn compose(text: &str) -> String {
    const NFC: ComposingNormalizerBorrowed = ComposingNormalizerBorrowed::new_nfc();
    NFC.normalize(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{login_key, lookalike_key, name_key};
    use proptest::prelude::*;

    #[test]
    fn variants_of_one_name_have_the_same_key() {
        let same = [
            ("Ada", "ada"),
            ("ＡＤＡ", "ada"),
            ("ﬁnn", "FINN"),
            ("STRASSE", "straße"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Toma\u{301}s", "tomás"),
            ("ﾊﾝｶｸ", "ハンカク"),
            ("x²", "X2"),
            ("ℌans", "hans"),
            (" ada ", "ada"),
        ];
        for (one, other) in same {
            assert_eq!(name_key(one), name_key(other), "{one} {other}");
        }
        for (one, other) in [("ada", "áda"), ("tomas", "tomás"), ("o", "0"), ("ı", "i")] {
            assert_ne!(name_key(one), name_key(other), "{one} {other}");
        }
    }

    #[test]
    fn names_that_look_alike_have_the_same_lookalike_key() {
        for (one, other) in [
            ("ace", "асе"),
            ("scope", "ѕсоре"),
            ("ABE", "ΑΒΕ"),
            ("abe", "ΑΒΕ"),
            ("admin", "admın"),
            ("admin", "ɑdmin"),
            ("PayPal", "paypaI"),
            ("general", "gеneral"),
            ("Lobby", "Lоbby"),
            ("al", "AI"),
            ("علی\u{200c}رضا", "علیرضا"),
            ("two words", "two  words"),
        ] {
            assert_eq!(lookalike_key(one), lookalike_key(other), "{one} {other}");
        }
        for (one, other) in [("ada", "adam"), ("tomas", "tomás"), ("ai", "al"), ("user10", "user11"), ("ада", "ида")]
        {
            assert_ne!(lookalike_key(one), lookalike_key(other), "{one} {other}");
        }
    }

    #[test]
    fn a_login_is_found_as_it_is_pasted() {
        for typed in ["ada", " @ada ", "@Ada", "＠ada", "ad\u{200b}a", "\u{feff}ada", "\u{2068}@ada\u{2069}"] {
            assert_eq!(login_key(typed), "ada", "{typed:?}");
        }
        assert_eq!(login_key(" Ada@Example.org\u{200b}"), "ada@example.org");
        assert_eq!(login_key(&"x".repeat(10_000)).len(), 255);
    }

    proptest! {
        #[test]
        fn computing_a_key_is_idempotent(name in "\\PC{0,40}") {
            let key = name_key(&name);
            prop_assert_eq!(name_key(&key), key);
        }

        #[test]
        fn case_does_not_change_the_key(name in "[\\p{L}\\p{N}]{1,20}") {
            prop_assert_eq!(name_key(&name.to_lowercase()), name_key(&name));
        }
    }
}
