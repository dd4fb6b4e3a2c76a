//! The badge with the number of unread notifications or messages.

use leptos::prelude::document;

/// Text of the link to the notifications.
const LABEL: &str = "Notifications";

/// The badge's text; empty for zero.
pub fn badge(count: i64) -> String {
    match count {
        ..=0 => String::new(),
        1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    }
}

/// The accessible label of the link to the notifications.
pub fn label(count: i64) -> String {
    if count > 0 { [LABEL, ", ", &badge(count), " unread"].concat() } else { LABEL.to_owned() }
}

/// Shows the number of unread notifications on this page. The server renders the link once, on every kind of page, so
/// the attributes are set directly.
pub fn show(count: i64) {
    let link = document().query_selector("[data-unread]").ok().flatten();
    for (attribute, value) in [("data-unread", badge(count)), ("aria-label", label(count))] {
        // Fails only for an invalid attribute name.
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
