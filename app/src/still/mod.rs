//! Still pages: whatever is not the chat itself. The server renders them whole; they are plain links and plain forms and
//! weigh nothing in WebAssembly. What there is of it only attends: see [`crate::attend`].

mod account;
mod frame;
mod index;
mod invitations;
mod menu;
mod reset_link;
mod service_settings;

use crate::{
    account::{ForgotPage, ResetPage, SignInPage, SignUpPage, VerifyPage},
    pages::NotFound,
};
use account::AccountPage;
use index::SettingsPage;
use invitations::InvitationsPage;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};
use reset_link::ResetLinkPage;
use service_settings::ServiceSettingsPage;

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
                <Route path=path!("/sign-up") view=SignUpPage/>
                <Route path=path!("/forgot") view=ForgotPage/>
                <Route path=path!("/reset") view=ResetPage/>
                <Route path=path!("/verify") view=VerifyPage/>
                <Route path=path!("/settings") view=SettingsPage/>
                <Route path=path!("/settings/account") view=AccountPage/>
                <Route path=path!("/admin/settings") view=ServiceSettingsPage/>
                <Route path=path!("/admin/invitations") view=InvitationsPage/>
                <Route path=path!("/admin/reset-link") view=ResetLinkPage/>
            </Routes>
        </Router>
    }
}
