//! Forms that work without JavaScript, where the browser submits them, and on a hydrated page.
//!
//! Leptos has `ActionForm` for this. It is instantiated once for every server function, encoder and decoder included,
//! which takes a hundred kilobytes of WebAssembly for ten forms; here one function sends them all.

use crate::{address, api::Failure, browser, fetch, page_user::user_field};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_router::NavigateOptions;
use web_sys::HtmlFormElement;

/// A form and the result of its last submission. Copies share the same state.
#[derive(Clone, Copy)]
pub struct Form {
    path: &'static str,
    failure: RwSignal<Option<Failure>>,
    pending: RwSignal<bool>,
    done: RwSignal<u32>,
}

impl Form {
    /// The form of a server function. After a failed submission without JavaScript it starts with the error.
    pub fn of<S: ServerFn<Error = Failure>>() -> Self {
        Self::new(S::PATH)
    }

    /// A form that is sent to this path.
    #[cfg(feature = "ssr")]
    pub fn to(path: &'static str) -> Self {
        Self::new(path)
    }

    /// Whether a submission without JavaScript has just failed; the form then shows what was typed.
    #[cfg(feature = "ssr")]
    pub fn has_failed(self) -> bool {
        self.failure.with_untracked(Option::is_some)
    }

    /// Whether a submission has just succeeded, and the page confirms it.
    #[cfg(feature = "ssr")]
    pub fn is_done(self) -> bool {
        crate::api::done::is_done(self.path)
    }

    /// Initial value of a field: what was typed if the submission failed, else the current value.
    #[cfg(feature = "ssr")]
    pub fn initial_value(self, field: &str, current: &str) -> String {
        if self.has_failed() { crate::page_query::query_param(field) } else { current.to_owned() }
    }

    /// What was typed into a field of which nothing may appear in a URL, if the submission failed.
    #[cfg(feature = "ssr")]
    pub fn typed(self, field: &str) -> String {
        crate::api::request::typed_field(self.path, field).unwrap_or_default()
    }

    fn new(path: &'static str) -> Self {
        // In the browser, a form starts without an error.
        #[cfg(not(feature = "ssr"))]
        let failure = None;
        #[cfg(feature = "ssr")]
        let failure = crate::api::request::form_failure(path);
        Self { path, failure: RwSignal::new(failure), pending: RwSignal::new(false), done: RwSignal::new(0) }
    }

    /// The text of this form if it was just refused, submitted without JavaScript.
    #[cfg(feature = "ssr")]
    pub fn refused_text(self) -> Option<String> {
        crate::api::refused_form::refused_text(self.path)
    }

    /// The text of this form if it was just refused, submitted without JavaScript: never in the browser, where the page
    /// that shows it has no scripts.
    #[cfg(not(feature = "ssr"))]
    #[allow(clippy::unused_self, reason = "as on the server")]
    pub const fn refused_text(self) -> Option<String> {
        None
    }

    /// The path that it is sent to.
    pub const fn path(self) -> &'static str {
        self.path
    }

    /// Whether a submission is pending.
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Runs `then` after each successful submission.
    pub fn on_done(self, then: impl Fn() + 'static) {
        Effect::new(move || {
            if self.done.get() > 0 {
                then();
            }
        });
    }

    /// Clears the error of the last submission.
    pub fn clear(self) {
        self.failure.set(None);
    }

    /// The error of one field.
    #[cfg(feature = "ssr")]
    pub fn field_error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| failure.as_ref()?.field_error(field)))
    }

    /// The error of the form as a whole; field errors are shown at the fields.
    #[cfg(feature = "ssr")]
    pub fn form_error(self) -> Signal<Option<String>> {
        let form_error = |failure: &Failure| failure.0.errors.is_empty().then(|| failure.to_string());
        Signal::derive(move || self.failure.with(|failure| failure.as_ref().and_then(form_error)))
    }

    /// All errors in one text.
    pub fn error(self) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| failure.as_ref().map(ToString::to_string)))
    }

    async fn send(self, fields: HtmlFormElement) -> Option<String> {
        self.pending.set(true);
        let response = fetch::post(self.path, &fields).await;
        // The form may have been closed meanwhile.
        self.pending.try_set(false);
        match response {
            Ok(next) => {
                self.failure.try_set(None);
                self.done.try_update(|count| *count += 1);
                next
            }
            Err(failure) => {
                self.failure.try_set(Some(failure));
                None
            }
        }
    }
}

/// A form that works with and without JavaScript.
#[component]
pub fn PostForm(
    /// The form's state.
    form: Form,
    /// CSS class.
    #[prop(optional)]
    class: &'static str,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    let navigate = navigation();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(fields) = browser::target(&event).filter(|_| !form.pending.get_untracked()) else { return };
        let navigate = navigate.clone();
        spawn_local(async move {
            if let Some(next) = form.send(fields).await {
                navigate(&next, NavigateOptions::default());
                address::forget_result();
            }
        });
    };
    let class = (!class.is_empty()).then_some(class);
    view! { <form class=class action=form.path method="post" on:submit=on_submit>{children()}{user_field()}</form> }
}

/// Opens another page.
#[cfg(not(feature = "ssr"))]
fn navigation() -> impl Fn(&str, NavigateOptions) + Clone {
    leptos_router::hooks::use_navigate()
}

/// On the server no form is sent; and parts of pages are drawn outside of the router.
#[cfg(feature = "ssr")]
fn navigation() -> impl Fn(&str, NavigateOptions) + Clone {
    |_: &str, _: NavigateOptions| ()
}
