//! A user's profile card, over the room. The server renders it: see `server_pages::people`.

use crate::{browser, fetch, ui::localize_times};
use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// The links to users that open a profile card.
const LINKS: &str = ".byline > a, .member-list a:not(.button)";

const LOADING: &str = r#"<h2 id="profile-card-title">Loading…</h2>"#;
const FAILED: &str = r#"<h2 id="profile-card-title">Profile</h2><p class="notice">This profile can't be loaded. Check your connection and try again, or view the full profile.</p>"#;

/// From now on a click on a user opens the profile card, and a click outside the card closes it.
pub fn open_profile_cards() {
    // The listener stays for the lifetime of the page.
    let _ = window_event_listener_untyped("click", |event| on_click(event.unchecked_ref()));
    // Going back leaves the room that the card was opened over.
    let _ = window_event_listener_untyped("popstate", |_| {
        if let Some(card) = document().query_selector(".profile-card").ok().flatten() {
            card.unchecked_ref::<HtmlDialogElement>().close();
        }
    });
}

fn on_click(event: &MouseEvent) {
    let Some(target) = browser::target::<Element>(event) else { return };
    if target.matches(".profile-card").unwrap_or_default() {
        target.unchecked_ref::<HtmlDialogElement>().close();
    }
    // With these keys the browser opens the page itself, in another tab or window.
    if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return;
    }
    let link = target.closest(LINKS).ok().flatten();
    let card = document().query_selector(".profile-card").ok().flatten();
    let (Some(path), Some(card)) = (link.and_then(|link| link.get_attribute("href")), card) else { return };
    event.prevent_default();
    show(&card, path);
    // Fails only for a dialog that is not in the document.
    let _ = card.unchecked_into::<HtmlDialogElement>().show_modal();
}

fn show(card: &Element, path: String) {
    let part = |selector| card.query_selector(selector).ok().flatten();
    let (Some(text), Some(profile_link)) = (part("div"), part("p a")) else { return };
    text.set_inner_html(LOADING);
    // Fails only for an invalid attribute name.
    let _ = profile_link.set_attribute("href", &path);
    spawn_local(async move {
        let url = ["/do/read/profile-card?username=", path.rsplit('/').next().unwrap_or_default()].concat();
        let html = fetch::fetch_text(&url).await;
        // Another card may have been opened meanwhile.
        if profile_link.get_attribute("href") == Some(path) {
            // The server rendered the HTML and escaped user content.
            text.set_inner_html(html.as_deref().unwrap_or(FAILED));
            localize_times();
        }
    });
}

/// The only profile-card dialog of the page. It is outside the app's view, so that it costs no WebAssembly.
#[cfg(feature = "ssr")]
#[component]
pub fn ProfileCardDialog() -> impl IntoView {
    view! {
        <dialog class="dialog profile-card" aria-labelledby="profile-card-title">
            <form method="dialog">
                <div aria-live="polite"></div>
                <p class="actions">
                    <a class="button secondary" href="/people" rel="external">"View profile"</a>
                    <button class="button secondary" autofocus>"Close"</button>
                </p>
            </form>
        </dialog>
    }
}
