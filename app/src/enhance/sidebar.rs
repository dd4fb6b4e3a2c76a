//! The rooms beside a server-rendered page: their unread counts follow what happens.

use crate::{browser, live::Live, unread_badge};
use leptos::prelude::*;
use protocol::state::sidebar::Badge;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Keeps the unread counts up to date.
pub fn follow(live: Live) {
    Effect::new(move || {
        let links = document().query_selector_all(".sidebar-link[href^='/rooms/']").ok();
        let links = links.into_iter().flat_map(|links| (0..links.length()).filter_map(move |index| links.get(index)));
        live.rooms.with(|list| {
            unread_badge::show_in_icon(list, browser::now());
            for link in links.filter_map(|link| link.dyn_into::<Element>().ok()) {
                let href = link.get_attribute("href").unwrap_or_default();
                if let Some(room) = href.strip_prefix("/rooms/").and_then(|id| list.room(id.parse().ok()?)) {
                    show_unread(&link, Badge::of(room, browser::now()));
                }
            }
        });
    });
}

/// Shows the count as the server renders it.
fn show_unread(link: &Element, badge: Option<Badge>) {
    while let Some(old) = link.query_selector(".unread-count, .visually-hidden").ok().flatten() {
        old.remove();
    }
    link.set_class_name(if badge.is_some() { "sidebar-link unread" } else { "sidebar-link" });
    if let Some(badge) = badge {
        append(link, unread_badge::class(badge), &unread_badge::text(badge), true);
        append(link, "visually-hidden", &unread_badge::spoken(badge), false);
    }
}

fn append(link: &Element, class: &str, text: &str, hidden_from_readers: bool) {
    let Ok(span) = document().create_element("span") else { return };
    span.set_class_name(class);
    span.set_text_content(Some(text));
    if hidden_from_readers {
        // Fails only for an invalid attribute name.
        let _ = span.set_attribute("aria-hidden", "true");
    }
    // Fails only for a node that cannot have children.
    let _ = link.append_child(&span);
}
