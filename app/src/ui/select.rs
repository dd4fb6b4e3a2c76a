//! A labelled select.

use leptos::prelude::*;

/// One option of a select.
pub struct Choice {
    /// The value that is sent.
    pub value: String,
    /// The text that is shown.
    pub label: String,
}

impl Choice {
    /// An option with a value and a label.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A labelled select.
#[component]
pub fn Select(
    /// The label.
    label: &'static str,
    /// Name in the form.
    name: String,
    /// The options.
    choices: Vec<Choice>,
    /// Initial value.
    value: String,
    /// Error of the field.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Hint below the field; may be empty.
    hint: &'static str,
) -> impl IntoView {
    let wrong = error.get_untracked();
    let is_wrong = wrong.is_some().then_some("true");
    let (class, suffix) = if wrong.is_some() { ("field-error", "error") } else { ("hint", "hint") };
    let description = wrong.or_else(|| Some(hint.to_owned()).filter(|hint| !hint.is_empty()));
    let description_id = description.is_some().then(|| format!("{name}-{suffix}"));
    let options = choices.into_iter().map(|choice| {
        view! { <option value=choice.value.clone() selected=choice.value == value>{choice.label}</option> }
    });
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <select id=name.clone() name=name aria-describedby=description_id.clone() aria-invalid=is_wrong>
                {options.collect_view()}
            </select>
            {description.map(|text| view! { <p class=class id=description_id>{text}</p> }.into_any())}
        </div>
    }
}
