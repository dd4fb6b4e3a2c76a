//! Several labelled lines of input, with what is wrong with them.

use leptos::prelude::*;

/// Several labelled lines of input. What is wrong with them stands under them and is read out with them.
#[component]
pub fn Area(
    /// What to enter.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What it starts with.
    value: String,
    /// A word of help.
    hint: &'static str,
    /// Characters at most.
    maxlength: usize,
) -> impl IntoView {
    let wrong = error.get_untracked();
    let note = format!("{name}-{}", if wrong.is_some() { "error" } else { "hint" });
    let is_wrong = wrong.is_some().then_some("true");
    let class = if wrong.is_some() { "wrong" } else { "hint" };
    view! {
        <div class="field">
            <label for=name>{label} <span class="aside">" (optional)"</span></label>
            <textarea id=name name=name rows="3" maxlength=maxlength.to_string() aria-describedby=note.clone()
                aria-invalid=is_wrong>{super::raw(value)}</textarea>
            <p class=class id=note>{wrong.unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}
