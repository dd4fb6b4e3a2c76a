//! The errors of a form that the server drew, shown by the script.

use crate::{api::Failure, browser, enhance::password};
use leptos::prelude::document;
use web_sys::{Element, HtmlFormElement};

const ARIA_DESCRIBEDBY: &str = "aria-describedby";

/// Shows errors at their fields, or above the form.
pub fn show_errors(form: &HtmlFormElement, failure: &Failure) {
    clear_errors(form);
    // What was saved before is no longer what the page is about.
    if let Ok(Some(done)) = document().query_selector(".success-message") {
        done.remove();
    }
    for error in &failure.0.errors {
        // The fields of a form that sends them as one argument are named `fields[name]`.
        let last = error.field.rsplit('.').next().unwrap_or_default();
        let field = find(form, &format!("[name=\"{}\"], [name=\"fields[{last}]\"]", error.field));
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

/// Takes away the errors of the last submission.
pub fn clear_errors(form: &HtmlFormElement) {
    while let Some(old) = find(form, ".field-error, .notice") {
        old.remove();
    }
    while let Some(field) = find(form, "[aria-invalid]") {
        drop(field.remove_attribute("aria-invalid"));
    }
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
