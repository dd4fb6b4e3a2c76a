//! A labelled text area with its error.

use leptos::prelude::*;

/// A labelled text area. Its error is shown below it and is announced by screen readers.
#[component]
pub fn Area(
    /// The label.
    label: &'static str,
    /// Name in the form.
    name: &'static str,
    /// Error of the field.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// Initial value.
    value: String,
    /// Hint below the field.
    hint: &'static str,
    /// Maximum length in characters.
    maxlength: usize,
) -> impl IntoView {
    let wrong = error.get_untracked();
    let description_id = format!("{name}-{}", if wrong.is_some() { "error" } else { "hint" });
    let is_wrong = wrong.is_some().then_some("true");
    let class = if wrong.is_some() { "field-error" } else { "hint" };
    view! {
        <div class="field">
            <label for=name>{label} <span class="muted">" (optional)"</span></label>
            <textarea id=name name=name rows="3" maxlength=maxlength.to_string() aria-describedby=description_id.clone()
                aria-invalid=is_wrong>{super::raw(value)}</textarea>
            <p class=class id=description_id>{wrong.unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}
