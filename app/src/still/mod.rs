//! Still pages: whatever is not the chat itself. The server renders them whole; they are plain links and plain forms and
//! weigh nothing in WebAssembly. What there is of it only attends: see [`crate::attend`].

mod ask;
mod confirm;
mod frame;
mod index;
mod menu;
mod moment;
mod notifications;
mod people;
mod security;
mod sessions;
mod tokens;

use crate::{
    account::{CodePage, SignInPage, SignUpPage},
    pages::NotFound,
};
use confirm::ConfirmPage;
use index::SettingsPage;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};
use notifications::NotificationsPage;
use people::{BlockedPage, DataPage, PeoplePage, PersonPage};
use security::{AppPage, CodesPage, SecurityPage};
use sessions::SessionsPage;
use tokens::TokensPage;

/// Where the form with a picture in it is sent.
pub const UPLOAD_AVATAR: &str = "/do/avatar";

/// Every still page.
#[component]
pub fn StillApp() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=crate::title/>
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignInPage/>
                <Route path=path!("/sign-in/code") view=CodePage/>
                <Route path=path!("/sign-up") view=SignUpPage/>
                <Route path=path!("/settings") view=SettingsPage/>
                <Route path=path!("/settings/blocked") view=BlockedPage/>
                <Route path=path!("/settings/data") view=DataPage/>
                <Route path=path!("/people") view=PeoplePage/>
                <Route path=path!("/people/:username") view=PersonPage/>
                <Route path=path!("/settings/confirm") view=ConfirmPage/>
                <Route path=path!("/settings/security") view=SecurityPage/>
                <Route path=path!("/settings/security/app") view=AppPage/>
                <Route path=path!("/settings/security/codes") view=CodesPage/>
                <Route path=path!("/settings/sessions") view=SessionsPage/>
                <Route path=path!("/settings/tokens") view=TokensPage/>
                <Route path=path!("/notifications") view=NotificationsPage/>
            </Routes>
        </Router>
    }
}
