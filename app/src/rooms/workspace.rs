//! The common frame of all pages of the chat.

use crate::{api::Failure, browser, pages, rooms::sidebar::Sidebar, session::PageSession, ui::EmptyState};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
    location::Url,
};
use protocol::error::Code;

/// The room list on the left, and the page beside it. Redirects to sign-in if nobody is signed in, and back here
/// afterwards.
#[component]
pub fn Workspace() -> impl IntoView {
    let session = PageSession::provide();
    let sidebar = pages::suspended(move || async move {
        let ready = session.ready().await;
        pages::skip_dry_runs().await;
        Some(match ready {
            Ok(live) => view! { <Sidebar live/> }.into_any(),
            Err(failure) if failure.code() == Code::NotSignedIn => view! { <RedirectToSignIn/> }.into_any(),
            Err(failure) => view! { <ErrorPage failure/> }.into_any(),
        })
    });
    // The router would treat the link as one to another page.
    let skip = move |event: MouseEvent| {
        event.prevent_default();
        browser::focus_on("#main");
    };
    view! {
        <a class="skip-link" href="#main" on:click=skip>"Skip to content"</a>
        <div class="workspace">
            {sidebar}
            <Outlet/>
        </div>
    }
}

#[component]
fn RedirectToSignIn() -> impl IntoView {
    let location = use_location();
    let current_path = location.pathname.get_untracked() + &query(&location.search.get_untracked());
    let path = if current_path == "/" {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={}", Url::escape(&current_path))
    };
    view! { <Redirect path/> }
}

fn query(search: &str) -> String {
    if search.is_empty() { String::new() } else { format!("?{}", search.trim_start_matches('?')) }
}

#[component]
fn ErrorPage(failure: Failure) -> impl IntoView {
    pages::set_error_status(&failure);
    view! {
        <Title text=failure.code().title()/>
        <main class="page" id="main" tabindex="-1">
            <EmptyState whole=true title=failure.code().title() text=failure.to_string()>
                <a class="button primary" href="/" rel="external">"Try again"</a>
            </EmptyState>
        </main>
    }
}
