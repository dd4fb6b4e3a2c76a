//! Browsing and searching rooms. The server draws the list: see `server_pages::rooms`.

use crate::{fragment::Fragment, session::use_page_session};
use leptos::prelude::*;
use leptos_meta::Title;

/// The public rooms and those that the user is in, by name or as searched.
#[component]
pub fn BrowsePage() -> impl IntoView {
    let version = use_page_session().live().members_version;
    view! {
        <Title text="Browse rooms"/>
        <main class="page browse-page" id="main" tabindex="-1">
            <header class="header-bar"><h1>"Browse rooms"</h1></header>
            <div class="content"><Fragment name="browse" room=Signal::stored(None) with_query=true version/></div>
        </main>
    }
}

/// The number of members as text.
pub fn member_count_text(count: i64) -> String {
    if count == 1 { "1 member".into() } else { format!("{count} members") }
}
