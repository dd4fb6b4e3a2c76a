//! A labelled input field with its error.

use leptos::prelude::*;

/// A labelled input field. Its error is shown below it and is announced by screen readers.
#[component]
pub fn Field(
    /// The label.
    label: &'static str,
    /// Name in the form.
    name: &'static str,
    /// Error of the field.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The input's `type`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Initial value.
    #[prop(optional, into)]
    value: String,
    /// Hint below the field.
    #[prop(optional)]
    hint: &'static str,
    /// The `autocomplete` token.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Maximum length in characters.
    maxlength: usize,
    /// Id of the `datalist` with suggestions.
    #[prop(optional, into)]
    list: Option<&'static str>,
    /// Where the script fetches the suggestions for what is typed.
    #[prop(optional, into)]
    suggestions: Option<&'static str>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it has the focus at first.
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
    let hint_or_error = move || match error.get() {
        Some(error) => Some(view! { <p class="field-error" id=error_id.clone()>{error}</p> }.into_any()),
        None => (!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id.clone()>{hint}</p> }.into_any()),
    };
    view! {
        <div class="field">
            <label for=name>{label} {optional.then(|| view! { <span class="muted">" (optional)"</span> }.into_any())}</label>
            <input id=name name=name type=kind value=value maxlength=maxlength.to_string() required=!optional
                autofocus=autofocus autocomplete=autocomplete autocapitalize="none" spellcheck="false"
                list=list data-suggestions=suggestions aria-describedby=described aria-invalid=move || error.with(Option::is_some).then_some("true")/>
            {password_tools(kind, autocomplete)}
            {hint_or_error}
        </div>
    }
}

/// What a password field has besides. It needs a script: `enhance` shows it.
fn password_tools(kind: &str, autocomplete: &str) -> Option<AnyView> {
    // The text beside the meter says the same to screen readers. The lowest rating, 0, shows a part of it too.
    let meter = (autocomplete == "new-password").then(|| {
        view! {
            <div class="password-rating" hidden=true>
                <meter min="-1" max="4" low="2.5" optimum="4" value="0" aria-hidden="true"></meter>
                <p class="hint" role="status"></p>
            </div>
        }
        .into_any()
    });
    (kind == "password").then(|| {
        view! {
            <button type="button" class="button ghost show-password" hidden=true>"Show password"</button>
            {meter}
        }
        .into_any()
    })
}
