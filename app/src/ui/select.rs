//! One labelled choice of several.

use leptos::prelude::*;

/// One of the things to choose from.
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// Something to choose.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// One labelled choice of several.
#[component]
pub fn Select(
    /// What to choose.
    label: &'static str,
    /// Its name in the form.
    name: String,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// What is chosen at first.
    value: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// A word of help.
    hint: &'static str,
) -> impl IntoView {
    let wrong = error.get_untracked();
    let note = format!("{name}-{}", if wrong.is_some() { "error" } else { "hint" });
    let is_wrong = wrong.is_some().then_some("true");
    let class = if wrong.is_some() { "wrong" } else { "hint" };
    let options = choices.into_iter().map(|choice| {
        view! { <option value=choice.value.clone() selected=choice.value == value>{choice.label}</option> }
    });
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <select id=name.clone() name=name aria-describedby=note.clone() aria-invalid=is_wrong>
                {options.collect_view()}
            </select>
            <p class=class id=note>{wrong.unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}
