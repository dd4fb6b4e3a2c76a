//! Server-rendered pages: all pages but the chat itself. The server renders them completely, with plain links and
//! forms, so they add no WebAssembly; in the browser they are only enhanced: see `enhance`.

mod admin;
pub mod auth;
mod browse;
mod copy_button;
mod done;
mod fragments;
mod frame;
mod languages;
mod menu;
mod message;
mod not_found;
mod notifications;
mod other_user;
mod people;
mod room;
mod rooms;
mod search_form;
mod settings;
mod timestamp;
mod unsent;
mod username_field;

use crate::server_pages::{
    admin::{AccountsPage, invitations::InvitationsPage},
    auth::{CodePage, ForgotPage, ResetPage, SignInPage, SignUpPage, VerifyPage},
    message::{DeleteMessagePage, EditMessagePage, MarkUnreadPage},
    not_found::NotFound,
    notifications::NotificationsPage,
    other_user::OtherUserPage,
    people::{NewMessagePage, PeoplePage, UserPage},
    room::{MemberPage, ModerationPage, NewRoomPage, PermissionsPage, RoomSettingsPage},
    rooms::YourRoomsPage,
    settings::{account::AccountPage, blocked::BlockedPage, confirm::ConfirmPage, data::DataPage, index::SettingsPage},
    unsent::UnsentPage,
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use crate::server_pages::{
    admin::{reset_link::ResetLinkPage, service_settings::ServiceSettingsPage},
    settings::{
        preferences::PreferencesPage,
        profile::ProfilePage,
        security::{RecoveryCodesPage, SecurityPage, TotpSetupPage},
        sessions::SessionsPage,
        tokens::TokensPage,
    },
};
pub use crate::server_pages::{fragments::fragment_html, other_user::UnsentText, people::profile_card_html};

/// Where the avatar upload form is sent.
pub const UPLOAD_AVATAR: &str = "/do/set-avatar";

/// The routes of all server-rendered pages.
#[component]
pub fn ServerPages() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=crate::title/>
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignInPage/>
                <Route path=path!("/sign-in/code") view=CodePage/>
                <Route path=path!("/sign-up") view=SignUpPage/>
                <Route path=path!("/forgot") view=ForgotPage/>
                <Route path=path!("/reset") view=ResetPage/>
                <Route path=path!("/verify") view=VerifyPage/>
                <Route path=path!("/other-user") view=OtherUserPage/>
                <Route path=path!("/unsent") view=UnsentPage/>
                <Route path=path!("/settings") view=SettingsPage/>
                <Route path=path!("/settings/blocked") view=BlockedPage/>
                <Route path=path!("/settings/data") view=DataPage/>
                <Route path=path!("/people") view=PeoplePage/>
                <Route path=path!("/messages/new") view=NewMessagePage/>
                <Route path=path!("/rooms/mine") view=YourRoomsPage/>
                <Route path=path!("/rooms/new") view=NewRoomPage/>
                <Route path=path!("/rooms/:id/messages/:message/edit") view=EditMessagePage/>
                <Route path=path!("/rooms/:id/messages/:message/delete") view=DeleteMessagePage/>
                <Route path=path!("/rooms/:id/messages/:message/unread") view=MarkUnreadPage/>
                <Route path=path!("/rooms/:id/settings") view=RoomSettingsPage/>
                <Route path=path!("/rooms/:id/permissions") view=PermissionsPage/>
                <Route path=path!("/rooms/:id/moderation") view=ModerationPage/>
                <Route path=path!("/rooms/:id/members/:user") view=MemberPage/>
                <Route path=path!("/people/:username") view=UserPage/>
                <Route path=path!("/settings/confirm") view=ConfirmPage/>
                <Route path=path!("/settings/security") view=SecurityPage/>
                <Route path=path!("/settings/security/app") view=TotpSetupPage/>
                <Route path=path!("/settings/security/codes") view=RecoveryCodesPage/>
                <Route path=path!("/settings/sessions") view=SessionsPage/>
                <Route path=path!("/settings/tokens") view=TokensPage/>
                <Route path=path!("/notifications") view=NotificationsPage/>
                <Route path=path!("/settings/account") view=AccountPage/>
                <Route path=path!("/admin/people") view=AccountsPage/>
                <Route path=path!("/admin/people/:id") view=admin::AccountPage/>
                <Route path=path!("/admin/settings") view=ServiceSettingsPage/>
                <Route path=path!("/admin/invitations") view=InvitationsPage/>
                <Route path=path!("/admin/reset-link") view=ResetLinkPage/>
                <Route path=path!("/settings/profile") view=ProfilePage/>
                <Route path=path!("/settings/preferences") view=PreferencesPage/>
            </Routes>
        </Router>
    }
}
