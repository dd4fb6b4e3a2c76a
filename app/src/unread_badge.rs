//! How much is unread, beside the way to it.

use leptos::prelude::document;

/// The name of the way to the notifications.
const LABEL: &str = "Notifications";

/// A number as a badge shows it; nothing for none.
pub fn badge(count: i64) -> String {
    match count {
        ..=0 => String::new(),
        1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    }
}

/// What the way to the notifications is called, for ears.
pub fn label(count: i64) -> String {
    if count > 0 { [LABEL, ", ", &badge(count), " unread"].concat() } else { LABEL.to_owned() }
}

/// Shows on this page how many there are. Where it is shown is drawn once, by the server, whatever kind of page it is.
pub fn show(count: i64) {
    let link = document().query_selector("[data-unread]").ok().flatten();
    for (attribute, value) in [("data-unread", badge(count)), ("aria-label", label(count))] {
        // Fails only for a name that is no attribute name.
        let _ = link.as_ref().map(|link| link.set_attribute(attribute, &value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_above_99_are_abbreviated() {
        assert_eq!([-1, 0, 1, 99, 100].map(badge), ["", "", "1", "99", "99+"]);
        assert_eq!([0, 2, 100].map(label), ["Notifications", "Notifications, 2 unread", "Notifications, 99+ unread"]);
    }
}
