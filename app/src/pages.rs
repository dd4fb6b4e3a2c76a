//! Pages that are about pages: not found, gone wrong, on their way.

use crate::{api::Failure, browser, ui::Empty};
use leptos::prelude::*;
use leptos_meta::Title;
use protocol::error::Code;

/// Whatever the live page does not know is the server's: a still page, or one that is not there.
#[component]
pub fn ServerPageFallback() -> impl IntoView {
    Effect::new(|| browser::navigate(&browser::path_and_query()));
}

/// The page for an address that leads nowhere.
#[cfg(feature = "ssr")]
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    view! {
        <Title text="Not found"/>
        <main class="page" id="main" tabindex="-1">
            <Empty whole=true title="Nothing lives here" text="The address may be mistyped, or the page has moved.">
                <a class="button primary" href="/">"Back to your rooms"</a>
            </Empty>
        </main>
    }
}

/// What is drawn once it is there. On the server the page waits for it. Every such place has the same type, whatever is
/// drawn in it: each further type would weigh kilobytes of WebAssembly.
pub fn suspended<F>(draw: impl Fn() -> F + Send + Sync + 'static) -> AnyView
where
    F: Future<Output = Option<AnyView>> + Send + 'static,
{
    let draw = (move || Suspend::new(draw())).into_any();
    view! { <Transition fallback=skeleton>{draw}</Transition> }.into_any()
}

/// The page in place of one that could not be shown.
pub fn error_page(failure: &Failure) -> AnyView {
    view! { <main class="page" id="main" tabindex="-1">{error_view(failure, true)}</main> }.into_any()
}

/// What stands in place of a part of a page that could not be shown.
pub fn error_section(failure: &Failure) -> AnyView {
    error_view(failure, false)
}

fn error_view(failure: &Failure, whole: bool) -> AnyView {
    set_error_status(failure);
    let (title, text) = match failure.code() {
        Code::NotFound => ("Nothing lives here", failure.to_string()),
        code => (code.title(), failure.to_string()),
    };
    view! {
        <Title text=title/>
        <Empty whole title text>
            <a class="button primary" href="/">"Back to your rooms"</a>
        </Empty>
    }
    .into_any()
}

/// Rows that stand in for what is on its way; they appear only when it takes a while.
fn skeleton() -> impl IntoView {
    let row = || view! { <li><span></span><p></p></li> };
    view! { <ul class="skeleton" aria-hidden="true">{row()}{row()}{row()}{row()}</ul> }
}

/// Gives the page that is being rendered the status of a failure, of which the log learns.
pub fn set_error_status(failure: &Failure) {
    set_status(failure.code().status());
    #[cfg(feature = "ssr")]
    crate::api::request::record_refusal(failure);
}

/// Sets the status of the page that is being rendered; a page in the browser has none.
#[cfg(feature = "ssr")]
pub fn set_status(code: u16) {
    let status = axum::http::StatusCode::from_u16(code).ok();
    if let (Some(status), Some(response)) = (status, use_context::<leptos_axum::ResponseOptions>()) {
        response.set_status(status);
    }
}

/// Sets the status of the page that is being rendered; a page in the browser has none.
#[cfg(not(feature = "ssr"))]
pub const fn set_status(_code: u16) {}
