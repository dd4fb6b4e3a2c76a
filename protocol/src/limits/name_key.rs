//! The key by which names are compared.

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::ComposingNormalizerBorrowed;

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

/// Composes accents with their letters (NFC).
pub(super) fn compose(text: &str) -> String {
    const NFC: ComposingNormalizerBorrowed = ComposingNormalizerBorrowed::new_nfc();
    NFC.normalize(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::name_key;
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
