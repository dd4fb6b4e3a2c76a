//! The rooms beside a server-rendered page: their unread counts follow what happens.

use crate::{live::Live, rooms::unread_in, unread_badge};
use leptos::prelude::*;
use protocol::room::Room;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Keeps the unread counts up to date.
pub fn follow(live: Live) {
    Effect::new(move || {
        let links = document().query_selector_all(".sidebar-link[href^='/rooms/']").ok();
        let links = links.into_iter().flat_map(|links| (0..links.length()).filter_map(move |index| links.get(index)));
        live.rooms.with(|list| {
            for link in links.filter_map(|link| link.dyn_into::<Element>().ok()) {
                let href = link.get_attribute("href").unwrap_or_default();
                if let Some(room) = href.strip_prefix("/rooms/").and_then(|id| list.room(id.parse().ok()?)) {
                    show_unread(&link, room);
                }
            }
        });
    });
}

/// Shows the count as the server renders it.
fn show_unread(link: &Element, room: &Room) {
    while let Some(old) = link.query_selector(".unread-count, .visually-hidden").ok().flatten() {
        old.remove();
    }
    let unread = unread_in(room);
    link.set_class_name(if unread > 0 { "sidebar-link unread" } else { "sidebar-link" });
    if unread > 0 {
        append(link, "unread-count", &[&unread_badge::badge(unread), " new"].concat(), true);
        append(link, "visually-hidden", &format!("{unread} unread"), false);
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
