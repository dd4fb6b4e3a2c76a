//! Forms of a server-rendered page: submitted in the background, with errors shown on the page.

use crate::{
    api::SignOut,
    browser, drafts,
    enhance::{password, typed},
    fetch,
    form_errors::show_errors,
    live::Live,
    page_user::page_user,
};
use leptos::{server_fn::ServerFn, task::spawn_local};
use web_sys::{Element, Event, HtmlFormElement};

/// Submits a form in the background; forms that are not ours are left to the browser.
pub fn submit(event: &Event, live: Option<Live>) {
    let Some(form) = browser::target::<HtmlFormElement>(event) else { return };
    if form.method() != "post" || event.default_prevented() {
        return;
    }
    // The browser sends files itself.
    if form.enctype() != "application/x-www-form-urlencoded" {
        return typed::keep(&form);
    }
    event.prevent_default();
    password::cancel_rating();
    let button = form.query_selector("[type=submit]").ok().flatten();
    if button.as_ref().is_some_and(|button| button.has_attribute(ARIA_BUSY)) {
        return;
    }
    // The submission may end this very session; the form then redirects by itself.
    let set_ending_session = move |leaving| live.into_iter().for_each(|live| live.set_ending_session(leaving));
    set_ending_session(true);
    let signs_out = form.action().ends_with(SignOut::PATH);
    set_attribute(button.as_ref(), ARIA_BUSY, "true");
    spawn_local(async move {
        match fetch::post(&form.action(), &form).await {
            Ok(next) => {
                if let Some(user) = page_user().filter(|_| signs_out) {
                    drafts::clear(&user);
                } else {
                    typed::keep(&form);
                }
                browser::navigate(&next.unwrap_or_else(browser::path_and_query));
            }
            Err(failure) => {
                set_ending_session(false);
                if let Some(button) = button {
                    drop(button.remove_attribute(ARIA_BUSY));
                }
                show_errors(&form, &failure);
            }
        }
    });
}

const ARIA_BUSY: &str = "aria-busy";

fn set_attribute(element: Option<&Element>, name: &str, value: &str) {
    // Fails only for an invalid attribute name.
    if let Some(element) = element {
        drop(element.set_attribute(name, value));
    }
}
