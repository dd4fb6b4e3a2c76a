//! Password strength.

use protocol::{
    credentials::PasswordRating,
    error::FieldError,
    limits::{self, PASSWORD_CHARS},
};
use zxcvbn::{Entropy, Score, zxcvbn};

/// At least 10^8 guesses: infeasible over the network, costly for someone who stole the Argon2id hashes.
const MIN_SCORE: Score = Score::Three;
/// Characters that are checked: the cost is quadratic, and more characters cannot make a password weaker. (From 33 on,
/// a keyboard path would also overflow the estimate.)
const MAX_CHECKED_CHARS: usize = 32;

/// Rejects a password that is easy to guess, with advice; `user_inputs` is what others know of the user. The length is
/// checked elsewhere.
pub fn check(field: &str, password: &str, user_inputs: &[String]) -> Result<(), FieldError> {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return Ok(());
    }
    let estimate = estimate(password, user_inputs);
    if estimate.score() >= MIN_SCORE {
        return Ok(());
    }
    Err(FieldError::new(field, "too_weak", advice(&estimate)))
}

/// How hard a password is to guess, for the one who is typing it.
pub fn rate(password: &str, user_inputs: &[String]) -> PasswordRating {
    if let Err(error) = limits::new_password("password", password) {
        return PasswordRating { score: 0, advice: error.message };
    }
    let estimate = estimate(password, user_inputs);
    let advice = match estimate.score() {
        score if score < MIN_SCORE => advice(&estimate),
        Score::Three => "This password is good.".to_owned(),
        _ => "This password is very good.".to_owned(),
    };
    PasswordRating { score: estimate.score() as u8, advice }
}

fn estimate(password: &str, user_inputs: &[String]) -> Entropy {
    let known: Vec<&str> = user_inputs.iter().flat_map(|text| parts(text)).chain(["lair", "chat"]).collect();
    let prefix: String = password.chars().take(MAX_CHECKED_CHARS).collect();
    zxcvbn(&prefix, &known)
}

fn advice(estimate: &Entropy) -> String {
    let mut advice = vec!["This password is easy to guess.".to_owned()];
    if let Some(feedback) = estimate.feedback() {
        advice.extend(feedback.warning().map(|warning| warning.to_string()));
        advice.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    advice.join(" ")
}

/// A name or address, whole and in its parts.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    std::iter::once(text).chain(text.split(|c: char| !c.is_alphanumeric())).filter(|part| part.chars().count() > 2)
}

#[cfg(test)]
mod tests {
    use super::{check, rate};

    fn advice(password: &str) -> Option<String> {
        let about = ["grace".into(), "Grace Hopper".into(), "amazing@navy.example".into()];
        check("password", password, &about).err().map(|error| error.message)
    }

    #[test]
    fn weak_passwords_are_rejected_with_advice() {
        for weak in [
            "password1234",
            "qwertyuiop",
            "aaaaaaaaaaaaaaaaaaaa",
            "Summer2024",
            "lairlair",
            "lair-chat",
            "gracehopper",
            "Grace1906",
            "navy.example",
            "amazing@navy.example",
        ] {
            let advice = advice(weak).unwrap_or_else(|| panic!("{weak} is accepted"));
            assert!(advice.len() > 60, "{weak}: {advice}");
        }
        assert!(advice("password1234").unwrap().contains("very common"));
    }

    #[test]
    fn a_rating_agrees_with_the_check_and_gives_advice() {
        let about = ["grace".into()];
        for (password, accepted) in [("password1234", false), ("grace1906", false), ("a den with a hearth", true)] {
            let rating = rate(password, &about);
            assert_eq!(rating.score >= 3, accepted, "{password}: {rating:?}");
            assert_eq!(check("password", password, &about).is_ok(), accepted);
        }
        assert_eq!(rate("short", &about).advice, "Password must be at least 8 characters.");
        assert!(rate("password1234", &about).advice.contains("very common"));
    }

    #[test]
    fn strong_passwords_pass_in_any_script() {
        for strong in
            ["a den with a hearth", "correct-horse-battery", "xK9#vQ2$mL", "тёплый дом зимой", "暖かい巣穴と囲炉裏"]
        {
            assert_eq!(advice(strong), None, "{strong}");
        }
    }

    #[test]
    fn long_repetitive_passwords_can_be_checked() {
        for hard in ["zxcvbnm,./asdfghjkl;'qwertyuiop[]", "e3", "1l|!i", "aA4@", "1q2w3e4r", "19911991", "\u{1F600}"] {
            let _ = advice(&hard.repeat(128).chars().take(128).collect::<String>());
        }
    }
}
