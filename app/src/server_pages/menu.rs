//! The menu of the settings: one table of all of them.

use crate::{
    sign_out::SignOutForm,
    ui::{Avatar, Icon, Logo, Shape},
    unread_badge,
};
use leptos::prelude::*;
use protocol::{
    permissions::Permission,
    user::{Role, User},
};

/// A page in the menu.
pub struct MenuItem {
    pub path: &'static str,
    pub name: &'static str,
    /// What the page is for, in a few words.
    pub description: &'static str,
    /// What its users need; others are not offered it.
    permission: Permission,
}

const fn item(path: &'static str, name: &'static str, description: &'static str) -> MenuItem {
    admin_item(Permission::Read, path, name, description)
}

const fn admin_item(
    permission: Permission,
    path: &'static str,
    name: &'static str,
    description: &'static str,
) -> MenuItem {
    MenuItem { path, name, description, permission }
}

const PROFILE: &str = "/settings/profile";

/// Pages about the user's own account.
pub const SETTINGS: &[MenuItem] = &[
    item(PROFILE, "Profile", "Your name, picture, status and bio"),
    item("/settings/preferences", "Preferences", "Appearance, privacy, writing"),
    item("/settings/account", "Account", "Your email and password"),
    item("/settings/security", "Two-factor authentication", "Require a code when signing in"),
    item("/settings/sessions", "Sessions", "Devices signed in to your account"),
    item("/settings/tokens", "Access tokens", "For scripts and apps that use the API"),
    item("/settings/blocked", "Blocked people", "People you've blocked"),
    item("/settings/data", "Your data", "Export your data or deactivate your account"),
];

/// Pages about the service.
const SERVICE: &[MenuItem] = &[
    admin_item(Permission::ModerateUsers, "/admin/people", "Accounts", "Roles, sessions and deactivation"),
    admin_item(Permission::InviteUsers, "/admin/invitations", "Invitations", "Invite people with a link"),
    admin_item(Permission::ManageServer, "/admin/settings", "Service settings", "Who can create an account"),
];

/// The pages about the service that a role may open.
pub fn service_items(role: Role) -> impl Iterator<Item = &'static MenuItem> {
    SERVICE.iter().filter(move |item| item.permission.is_granted_to(role))
}

#[component]
pub fn Menu(me: User, here: String) -> impl IntoView {
    let rows = |items: Vec<&'static MenuItem>| {
        let here = here.clone();
        let row = move |item: &'static MenuItem| {
            // The index of the settings shows the profile where the menu is beside it.
            let is_here = item.path == here || (here == "/settings" && item.path == PROFILE);
            let current = is_here.then_some("page");
            view! { <li><a class="sidebar-link" href=item.path aria-current=current>{item.name}</a></li> }
        };
        items.into_iter().map(row).collect_view()
    };
    let unread = me.unread_notifications.unwrap_or_default();
    let items: Vec<_> = service_items(me.role).collect();
    let service = (!items.is_empty()).then(|| view! { <h2>"Service"</h2> <ul>{rows(items)}</ul> }.into_any());
    view! {
        <header class="sidebar">
            <a class="brand" href="/"><Logo/> "Lair Chat"</a>
            <nav class="sidebar-nav" aria-label="Settings">
                <ul>
                    <li><a class="sidebar-link" href="/"><Icon shape=Shape::Back/> "Rooms"</a></li>
                    <li><a class="sidebar-link" href="/people"><Icon shape=Shape::People/> "People"</a></li>
                    <li>
                        <a class="sidebar-link" href="/notifications" data-unread=unread_badge::badge(unread)
                            aria-label=unread_badge::label(unread)>
                            <Icon shape=Shape::Bell/> "Notifications"
                        </a>
                    </li>
                </ul>
                <h2>"Settings"</h2>
                <ul>{rows(SETTINGS.iter().collect())}</ul>
                {service}
            </nav>
            <div class="sidebar-user">
                <Avatar of=me.author() size="medium"/>
                <p class="user-name"><strong>{me.display_name}</strong> <span>"@" {me.username}</span></p>
                <SignOutForm/>
            </div>
        </header>
    }
}
