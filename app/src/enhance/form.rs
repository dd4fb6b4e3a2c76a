//! Forms of a server-rendered page: submitted in the background, with errors shown on the page.

use crate::{
    api::{Failure, SignOut},
    browser, drafts,
    enhance::{password, typed},
    fetch,
    live::Live,
    page_user::page_user,
};
use leptos::{prelude::document, server_fn::ServerFn, task::spawn_local};
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
const ARIA_DESCRIBEDBY: &str = "aria-describedby";

/// Shows errors at their fields, or above the form.
fn show_errors(form: &HtmlFormElement, failure: &Failure) {
    while let Some(old) = find(form, ".field-error, .notice") {
        old.remove();
    }
    // What was saved before is no longer what the page is about.
    if let Ok(Some(done)) = document().query_selector(".success-message") {
        done.remove();
    }
    while let Some(field) = find(form, "[aria-invalid]") {
        drop(field.remove_attribute("aria-invalid"));
    }
    for error in &failure.0.errors {
        let field = find(form, &format!("[name=\"{}\"]", error.field));
        let id = format!("{}-error", error.field);
        if let Some(paragraph) = field
            .as_ref()
            .and_then(|field| field.parent_element())
            .and_then(|parent| append_paragraph(&parent, "field-error", &error.message))
        {
            paragraph.set_id(&id);
        }
        if let Some(field) = &field {
            password::hide_rating(field);
        }
        set_attribute(field.as_ref(), "aria-invalid", "true");
        let hint = field.as_ref().and_then(|field| field.get_attribute(ARIA_DESCRIBEDBY)).unwrap_or_default();
        set_attribute(field.as_ref(), ARIA_DESCRIBEDBY, &[&id, " ", hint.as_str()].concat());
    }
    if find(form, ".field-error").is_none() {
        // What was refused is not shown as if it were so.
        if find(form, "[data-reset-when-refused]").is_some() {
            form.reset();
        }
        let notice = append_paragraph(
            &find(form, ".notices").unwrap_or_else(|| form.clone().into()),
            "notice",
            &failure.to_string(),
        );
        // The button of a long form is far below.
        if let Some(notice) = notice {
            notice.scroll_into_view();
        }
    }
    browser::focus_on("[aria-invalid]");
}

fn find(form: &HtmlFormElement, selector: &str) -> Option<Element> {
    form.query_selector(selector).ok().flatten()
}

fn set_attribute(element: Option<&Element>, name: &str, value: &str) {
    // Fails only for an invalid attribute name.
    if let Some(element) = element {
        drop(element.set_attribute(name, value));
    }
}

fn append_paragraph(parent: &Element, class: &str, text: &str) -> Option<Element> {
    let paragraph = document().create_element("p").ok()?;
    paragraph.set_class_name(class);
    paragraph.set_text_content(Some(text));
    parent.append_child(&paragraph).ok()?;
    Some(paragraph)
}
