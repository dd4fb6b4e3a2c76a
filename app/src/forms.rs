//! Forms: plain ones that the browser sends itself, and the same ones when the page is live.
//!
//! Leptos has `ActionForm` for this. It is drawn once more for every server function, reader and writer included, and
//! weighs a hundred kilobytes of WebAssembly over ten forms; here one function sends them all.

use crate::{api::Failure, browser, page_user::user_field};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use web_sys::HtmlFormElement;

/// A form, and how its last try went. Copies are the same form.
#[derive(Clone, Copy)]
pub struct Form {
    path: &'static str,
    failure: RwSignal<Option<Failure>>,
    pending: RwSignal<bool>,
    done: RwSignal<u32>,
}

impl Form {
    /// A form for a server function. If a plain browser has just sent it in vain, it begins with what went wrong.
    pub fn of<S: ServerFn<Error = Failure>>() -> Self {
        Self::new(S::PATH)
    }

    /// A form that is sent to this path.
    #[cfg(feature = "ssr")]
    pub fn to(path: &'static str) -> Self {
        Self::new(path)
    }

    /// Whether a plain browser has just sent it in vain: then it shows what was typed.
    #[cfg(feature = "ssr")]
    pub fn has_failed(self) -> bool {
        self.failure.with_untracked(Option::is_some)
    }

    /// What is wrong with one field, on a page that does not change.
    #[cfg(feature = "ssr")]
    pub fn initial_field_error(self, field: &str) -> Option<String> {
        self.failure.with_untracked(|failure| failure.as_ref()?.field_error(field))
    }

    /// What a field begins with: what was typed in vain, or else what is so.
    #[cfg(feature = "ssr")]
    pub fn initial_value(self, field: &str, current: &str) -> String {
        if self.has_failed() { query_param(field) } else { current.to_owned() }
    }

    fn new(path: &'static str) -> Self {
        // In the browser, a form begins anew.
        #[cfg(not(feature = "ssr"))]
        let failure = None;
        #[cfg(feature = "ssr")]
        let failure = crate::api::request::form_failure(path);
        Self { path, failure: RwSignal::new(failure), pending: RwSignal::new(false), done: RwSignal::new(0) }
    }

    /// Where it is sent.
    pub const fn path(self) -> &'static str {
        self.path
    }

    /// Whether it is on its way.
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Runs `then` each time it has done its work.
    pub fn on_done(self, then: impl Fn() + 'static) {
        Effect::new(move || {
            if self.done.get() > 0 {
                then();
            }
        });
    }

    /// Forgets how the last try went.
    pub fn clear(self) {
        self.failure.set(None);
    }

    /// What is wrong with one field.
    pub fn field_error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| failure.as_ref()?.field_error(field)))
    }

    /// What went wrong with the form as a whole; what is wrong with its fields stands under them.
    pub fn form_error(self) -> Signal<Option<String>> {
        let form_error = |failure: &Failure| failure.0.errors.is_empty().then(|| failure.to_string());
        Signal::derive(move || self.failure.with(|failure| failure.as_ref().and_then(form_error)))
    }

    /// All that went wrong, in one place.
    pub fn error(self) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| failure.as_ref().map(ToString::to_string)))
    }

    async fn send(self, fields: HtmlFormElement) -> Option<String> {
        self.pending.set(true);
        let answer = browser::post(self.path, &fields).await;
        // A form that was closed meanwhile has nobody to tell.
        self.pending.try_set(false);
        match answer {
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

/// A form that works with and without a live page.
#[component]
pub fn PostForm(
    /// Which.
    form: Form,
    /// What it looks like.
    #[prop(optional)]
    class: &'static str,
    /// Its fields and buttons.
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(fields) = browser::target(&event).filter(|_| !form.pending.get_untracked()) else { return };
        let navigate = navigate.clone();
        spawn_local(async move {
            if let Some(next) = form.send(fields).await {
                navigate(&next, NavigateOptions::default());
            }
        });
    };
    let class = (!class.is_empty()).then_some(class);
    view! { <form class=class action=form.path method="post" on:submit=on_submit>{children()}{user_field()}</form> }
}

/// What was typed into a plain form that failed.
pub fn query_param(field: &str) -> String {
    leptos_router::hooks::use_query_map().read_untracked().get(field).unwrap_or_default()
}

/// Whether the form that led here did its work.
#[cfg(feature = "ssr")]
pub fn is_done() -> bool {
    !query_param("done").is_empty()
}

/// The path of another door that leads on to the same place.
#[cfg(feature = "ssr")]
pub fn with_next(path: &str) -> String {
    let next = query_param("next");
    if next.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?next={}", leptos_router::location::Url::escape(&next))
    }
}
