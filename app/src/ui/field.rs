//! A labelled line of input, with what is wrong with it.

use leptos::prelude::*;

/// A labelled line of input. What is wrong with it stands under it and is read out with it.
#[component]
pub fn Field(
    /// What to enter.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What kind of input it is.
    #[prop(default = "text")]
    kind: &'static str,
    /// What it starts with.
    #[prop(optional, into)]
    value: String,
    /// A word of help.
    #[prop(optional)]
    hint: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Characters at most.
    maxlength: usize,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether typing starts here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || match (error.with(Option::is_some), hint.is_empty()) {
            (true, _) => Some(error_id.clone()),
            (false, false) => Some(hint_id.clone()),
            (false, true) => None,
        }
    };
    let note = move || match error.get() {
        Some(error) => Some(view! { <p class="wrong" id=error_id.clone()>{error}</p> }.into_any()),
        None => (!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id.clone()>{hint}</p> }.into_any()),
    };
    view! {
        <div class="field">
            <label for=name>{label} {optional.then(|| view! { <span class="aside">" (optional)"</span> }.into_any())}</label>
            <input id=name name=name type=kind value=value maxlength=maxlength.to_string() required=!optional
                autofocus=autofocus autocomplete=autocomplete autocapitalize="none" spellcheck="false"
                aria-describedby=described aria-invalid=move || error.with(Option::is_some).then_some("true")/>
            {note}
        </div>
    }
}
