//! The search of a list, by a plain form.

use leptos::prelude::*;

/// The form of a page that lists what matches its query `q`.
pub fn search_form(action: &'static str, label: &'static str, query: String, max_chars: usize) -> AnyView {
    view! {
        <form class="search-form" method="get" action=action role="search">
            <div class="field">
                <label class="visually-hidden" for="q">{label}</label>
                <input id="q" name="q" type="search" value=query maxlength=max_chars.to_string() placeholder=label
                    autocomplete="off" autocapitalize="none" spellcheck="false"/>
            </div>
            <button type="submit" class="button secondary">"Search"</button>
        </form>
    }
    .into_any()
}
