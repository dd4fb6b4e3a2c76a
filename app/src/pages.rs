//! Pages for special states: not found, error, loading.

use crate::{api::Failure, browser, ui::EmptyState};
use leptos::prelude::*;
use leptos_meta::Title;
use protocol::error::Code;
#[cfg(not(feature = "ssr"))]
use std::future::Ready;
#[cfg(feature = "ssr")]
use std::{future::poll_fn, task::Poll};

/// A route that the client-side app does not have is loaded from the server: a server-rendered page, or a 404.
#[component]
pub fn ServerPageFallback() -> impl IntoView {
    Effect::new(|| browser::navigate(&browser::path_and_query()));
}

/// Content that renders once it is loaded. On the server the page waits for it. All such views have the same type,
/// whatever they render: each further type would add kilobytes of WebAssembly.
pub fn suspended<F>(draw: impl Fn() -> F + Send + Sync + 'static) -> AnyView
where
    F: Future<Output = Option<AnyView>> + Send + 'static,
{
    let draw = (move || Suspend::new(draw())).into_any();
    view! { <Transition fallback=skeleton>{draw}</Transition> }.into_any()
}

/// Before it renders, Leptos runs what is suspended once or twice only to find the resources that it reads: such a run is
/// polled once and dropped. What it had begun by then would happen all the same: a room would be drawn twice, and
/// notifications would be marked as read before the run that shows them. So whatever is suspended waits here once, when
/// it has its resources.
#[cfg(feature = "ssr")]
pub async fn skip_dry_runs() {
    let mut is_polled = false;
    poll_fn(|context| {
        if is_polled {
            return Poll::Ready(());
        }
        is_polled = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The browser has no such runs.
#[cfg(not(feature = "ssr"))]
pub fn skip_dry_runs() -> Ready<()> {
    std::future::ready(())
}

/// The page shown when a page failed to load.
pub fn error_page(failure: &Failure) -> AnyView {
    view! { <main class="page" id="main" tabindex="-1">{error_view(failure, true)}</main> }.into_any()
}

/// Shown in place of a part of a page that failed to load.
pub fn error_section(failure: &Failure) -> AnyView {
    error_view(failure, false)
}

fn error_view(failure: &Failure, whole: bool) -> AnyView {
    set_error_status(failure);
    let (title, text) = match failure.code() {
        Code::NotFound => ("Page not found", failure.to_string()),
        Code::Forbidden => ("You can't open this page", "You don't have permission to view this page.".to_owned()),
        code => (code.title(), failure.to_string()),
    };
    view! {
        <Title text=title/>
        <EmptyState whole title text>
            <a class="button primary" href="/">"Back to your rooms"</a>
        </EmptyState>
    }
    .into_any()
}

/// Placeholder rows while loading; they appear only after a delay.
fn skeleton() -> impl IntoView {
    let row = || view! { <li><span></span><p></p></li> };
    view! { <ul class="skeleton" aria-hidden="true">{row()}{row()}{row()}{row()}</ul> }
}

/// Sets the status of the page being rendered to that of a failure, and records the failure for the log.
pub fn set_error_status(failure: &Failure) {
    set_status(failure.code().status());
    #[cfg(feature = "ssr")]
    crate::api::request::record_refusal(failure);
}

/// Sets the status of the page being rendered; does nothing in the browser.
#[cfg(feature = "ssr")]
pub fn set_status(code: u16) {
    let status = axum::http::StatusCode::from_u16(code).ok();
    if let (Some(status), Some(response)) = (status, use_context::<leptos_axum::ResponseOptions>()) {
        response.set_status(status);
    }
}

/// Sets the status of the page being rendered; does nothing in the browser.
#[cfg(not(feature = "ssr"))]
pub const fn set_status(_code: u16) {}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::skip_dry_runs;
    use futures::FutureExt;

    #[test]
    fn a_run_that_is_polled_only_once_begins_nothing() {
        let mut run = Box::pin(skip_dry_runs());
        assert_eq!(run.as_mut().now_or_never(), None);
        assert_eq!(run.now_or_never(), Some(()));
    }
}
