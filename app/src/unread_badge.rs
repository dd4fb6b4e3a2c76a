//! The badges with the numbers of unread notifications and messages.

use leptos::prelude::document;
use protocol::{
    state::{room_list::RoomList, sidebar::Badge},
    time::Time,
};

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

/// The class of a room's badge.
pub const fn class(badge: Badge) -> &'static str {
    if badge.for_me { "unread-count for-me" } else { "unread-count" }
}

/// The text of a room's badge.
pub fn text(of: Badge) -> String {
    if of.for_me { badge(of.count) } else { badge(of.count) + " new" }
}

/// What a screen reader says of a room's badge.
pub fn spoken(of: Badge) -> String {
    badge(of.count) + if of.for_me { " unread for you" } else { " unread" }
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

/// Shows in the icon of the browser tab whether there are unread messages, and whether any are for the user.
pub fn show_in_icon(rooms: &RoomList, now: Time) {
    let mut badges = rooms.shown().filter(|room| !room.archived).filter_map(|room| Badge::of(room, now)).peekable();
    let icon = match (badges.peek().is_some(), badges.any(|badge| badge.for_me)) {
        (_, true) => "/favicon-for-me.svg",
        (true, false) => "/favicon-unread.svg",
        (false, false) => "/favicon.svg",
    };
    let link = document().query_selector("link[rel='icon']").ok().flatten();
    if let Some(link) = link.filter(|link| link.get_attribute("href").as_deref() != Some(icon)) {
        // Fails only for an invalid attribute name.
        let _ = link.set_attribute("href", icon);
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
