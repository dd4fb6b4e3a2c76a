//! The user interface of Lair Chat: rendered on the server, hydrated in the browser. See `docs/architecture.md`.

#![recursion_limit = "512"]
#![allow(
    clippy::large_types_passed_by_value,
    clippy::needless_pass_by_value,
    reason = "so components take their props"
)]

/// Address of the page.
mod address;
/// Server functions, one file per noun.
mod api;
/// Wrappers of browser APIs.
mod browser;
/// Ids of messages, generated in the browser.
mod client_id;
/// Button that asks before it submits.
#[cfg(feature = "ssr")]
mod confirm_button;
/// Texts that are not sent or saved yet.
mod drafts;
/// Progressive enhancement of server-rendered pages.
mod enhance;
/// Requests that are not server functions.
mod fetch;
/// Files that are dropped or pasted.
mod files;
/// Forms with and without JavaScript.
mod form_errors;
mod forms;
mod fragment;
/// Rooms that were open last.
mod last_room;
/// Live state: connection, outbox, event handling.
mod live;
/// What a signed-in page starts from.
mod packed_snapshot;
/// Query parameters of the page.
#[cfg(feature = "ssr")]
mod page_query;
/// User that the page was rendered for.
mod page_user;
/// Error pages and loading.
mod pages;
/// A page whose code has failed.
mod panic_notice;
/// An open room: timeline, composer, panes.
mod room;
/// Room list, browsing and creating rooms.
mod rooms;
/// Pages that only the server renders: auth, settings, people, admin.
#[cfg(feature = "ssr")]
mod server_pages;
/// Session of the page.
mod session;
/// HTML document around the pages.
#[cfg(feature = "ssr")]
mod shell;
/// Sign-out form.
mod sign_out;
/// Components without knowledge of the chat.
mod ui;
/// Count of unread notifications.
mod undo_notice;
mod unread_badge;

#[cfg(feature = "ssr")]
pub use crate::api::done::done_url;
#[cfg(feature = "ssr")]
pub use crate::api::refused_form::{RefusedForm, RefusedFormSlot, UNSENT};
#[cfg(feature = "ssr")]
pub use crate::api::request::error_url;
#[cfg(feature = "ssr")]
pub use crate::page_user::OTHER_USER;
#[cfg(feature = "ssr")]
pub use crate::server_pages::ServerPages;
#[cfg(feature = "ssr")]
pub use crate::server_pages::UPLOAD_AVATAR;
#[cfg(feature = "ssr")]
pub use crate::server_pages::UnsentText;
#[cfg(feature = "ssr")]
pub use crate::shell::server_shell;
#[cfg(feature = "ssr")]
pub use crate::shell::shell;

pub use crate::{api::Failure, enhance::enhance, panic_notice::show as show_panic_notice};

use crate::{
    pages::ServerPageFallback,
    room::{DetailsPane, MembersPane, RoomPage},
    rooms::{BrowsePage, HomePage, Workspace},
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// All pages of the chat itself; the others are in `server_pages`. All pages are rendered completely, with their
/// content, so that they work as plain HTML.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::provide_clock();
    Effect::new(|| {
        room::open_profile_cards();
        files::stay_on_page();
        address::forget_result();
        browser::set_data_attribute("hydrated", "true");
    });
    view! {
        <Title formatter=title/>
        <Router>
            <Routes fallback=ServerPageFallback>
                <ParentRoute path=path!("/") view=Workspace ssr=SsrMode::Async>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/rooms") view=BrowsePage ssr=SsrMode::Async/>
                    <ParentRoute path=path!("/rooms/:id") view=RoomPage ssr=SsrMode::Async>
                        <Route path=path!("/") view=|| () ssr=SsrMode::Async/>
                        <Route path=path!("/members") view=MembersPane ssr=SsrMode::Async/>
                        <Route path=path!("/details") view=DetailsPane ssr=SsrMode::Async/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

fn title(page: String) -> String {
    ui::raw(if page.is_empty() { "Lair Chat".to_owned() } else { format!("{page} · Lair Chat") })
}
