//! The address of the page, without what is shown only once.

use crate::browser;
use leptos::prelude::window;

/// Query fields that report the result of a form.
const RESULTS: [&str; 7] = ["done", "unsaved", "invited", "left", "removed", "cleared", "__path"];
/// Query fields that the page of a form needs besides.
const KEPT: [&str; 3] = ["next", "token", "invitation"];

/// Takes the result of a form out of the address, so that it is not shown again when the page is reloaded.
pub fn forget_result() {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    let Some(query) = without_result(search.trim_start_matches('?')) else { return };
    let mut address = location.pathname().unwrap_or_default();
    if !query.is_empty() {
        address.push('?');
        address.push_str(&query);
    }
    let fragment = browser::fragment();
    if fragment != "#done" {
        address.push_str(&fragment);
    }
    if let Ok(history) = window().history() {
        // Fails only for an address of another site.
        let _ = history.replace_state_with_url(&history.state().unwrap_or_default(), "", Some(&address));
    }
}

/// What remains of a query that reports a result; `None` if it reports none.
fn without_result(query: &str) -> Option<String> {
    let is_one_of = |pair: &str, names: &[&str]| names.contains(&pair.split('=').next().unwrap_or_default());
    if !query.split('&').any(|pair| is_one_of(pair, &RESULTS)) {
        return None;
    }
    let kept: Vec<_> = query.split('&').filter(|pair| is_one_of(pair, &KEPT)).collect();
    Some(kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::without_result;

    #[test]
    fn only_the_result_of_a_form_is_taken_out_of_the_address() {
        for (query, kept) in [
            ("done=update-profile", Some("")),
            ("unsaved=1&role=guest", Some("")),
            ("__path=/do/auth/sign-in&__err=x&__signature=y&next=%2Frooms", Some("next=%2Frooms")),
            ("__path=/do/auth/reset-password&__err=x&token=abc", Some("token=abc")),
            ("q=done&role=guest", None),
            ("", None),
        ] {
            assert_eq!(without_result(query).as_deref(), kept, "{query}");
        }
    }
}
