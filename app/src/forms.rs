//! What a form shows of the server function behind it.

use crate::api::Failure;
use leptos::{
    prelude::*,
    server_fn::{ServerFn, serde::de::DeserializeOwned},
};

/// How the last try of a form failed, whether it was sent by the live page or by a plain browser.
pub fn failure<S>(action: ServerAction<S>) -> Signal<Option<Failure>>
where
    S: ServerFn<Error = Failure> + Clone + Send + Sync + DeserializeOwned + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())))
}

/// What is wrong with one field.
pub fn wrong(failure: Signal<Option<Failure>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || failure.with(|failure| failure.as_ref()?.of_field(field)))
}

/// What went wrong with the form as a whole; what is wrong with its fields stands under them.
pub fn overall(failure: Signal<Option<Failure>>) -> Signal<Option<String>> {
    Signal::derive(move || {
        failure.with(|failure| failure.as_ref().filter(|failure| failure.0.errors.is_empty()).map(ToString::to_string))
    })
}

/// All that went wrong, in one place.
pub fn told(failure: Signal<Option<Failure>>) -> Signal<Option<String>> {
    Signal::derive(move || failure.with(|failure| failure.as_ref().map(ToString::to_string)))
}

/// What was typed into a plain form that failed.
pub fn typed(field: &str) -> String {
    leptos_router::hooks::use_query_map().read_untracked().get(field).unwrap_or_default()
}
