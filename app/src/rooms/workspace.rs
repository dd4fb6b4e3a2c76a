//! What every page behind the door has in common.

use super::sidebar::Sidebar;
use crate::{api::Failure, browser, pages, session::Session, ui::Empty};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
    location::Url,
};
use protocol::error::Code;

/// Rooms on the left, a page beside them. Who is not signed in is sent to the door, and back here afterwards.
#[component]
pub fn Workspace() -> impl IntoView {
    let session = Session::provide();
    let sidebar = pages::awaited(move || async move {
        Some(match session.enter().await {
            Ok(live) => view! { <Sidebar live/> }.into_any(),
            Err(failure) if failure.code() == Code::NotSignedIn => view! { <ToTheDoor/> }.into_any(),
            Err(failure) => view! { <Failed failure/> }.into_any(),
        })
    });
    // The router would take the link for one to another page.
    let skip = move |event: MouseEvent| {
        event.prevent_default();
        browser::focus_on("#main");
    };
    view! {
        <a class="skip" href="#main" on:click=skip>"Skip to content"</a>
        <div class="workspace">
            {sidebar}
            <Outlet/>
        </div>
    }
}

#[component]
fn ToTheDoor() -> impl IntoView {
    let place = use_location();
    let here = place.pathname.get_untracked() + &query(&place.search.get_untracked());
    let path = if here == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", Url::escape(&here)) };
    view! { <Redirect path/> }
}

fn query(search: &str) -> String {
    if search.is_empty() { String::new() } else { format!("?{}", search.trim_start_matches('?')) }
}

#[component]
fn Failed(failure: Failure) -> impl IntoView {
    pages::fail(&failure);
    view! {
        <Title text=failure.code().title()/>
        <main class="page" id="main" tabindex="-1">
            <Empty whole=true title=failure.code().title() text=failure.to_string()>
                <a class="button primary" href="/" rel="external">"Try again"</a>
            </Empty>
        </main>
    }
}
