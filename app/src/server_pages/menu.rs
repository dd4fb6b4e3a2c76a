//! The menu of the server-rendered pages: one table of all of them.

use crate::{
    sign_out::SignOutForm,
    ui::{Avatar, Icon, Logo, Shape},
    unread_badge,
};
use leptos::prelude::*;
use protocol::user::{Role, User};

/// A server-rendered page in the menu.
pub struct MenuItem {
    pub path: &'static str,
    pub name: &'static str,
    /// What the page is for, in a few words.
    pub description: &'static str,
}

const fn item(path: &'static str, name: &'static str, description: &'static str) -> MenuItem {
    MenuItem { path, name, description }
}

const NOTIFICATIONS: &str = "/notifications";

/// Pages about the user's own account.
pub const SETTINGS: &[MenuItem] = &[
    item("/settings/profile", "Profile", "Your name, picture, status and what you say about yourself"),
    item("/settings/preferences", "Preferences", "How it looks, what you are told of, what others see of you"),
    item("/settings/account", "Account", "Your e-mail address and password"),
    item("/settings/security", "Two-step sign-in", "A code beside your password"),
    item("/settings/sessions", "Sessions", "Where you are signed in"),
    item("/settings/tokens", "Access tokens", "For scripts and apps that act for you"),
    item(NOTIFICATIONS, "Notifications", "What concerned your account"),
    item("/settings/blocked", "Blocked people", "Whom you keep away"),
    item("/settings/data", "Your data", "Download it, or leave"),
];

/// Pages about the service; the last is for administrators only.
const SERVICE: &[MenuItem] = &[
    item("/admin/people", "Accounts", "Roles, sessions, and who can sign in"),
    item("/admin/invitations", "Invitations", "Links with which people make an account"),
    item("/admin/settings", "Service settings", "Who can make an account"),
];

/// The pages about the service that a role may open.
pub fn service_items(role: Role) -> &'static [MenuItem] {
    match role {
        Role::Admin => SERVICE,
        Role::Moderator => SERVICE.split_last().map_or(&[], |(_, rest)| rest),
        Role::Member | Role::Guest => &[],
    }
}

#[component]
pub fn Menu(me: User, here: String) -> impl IntoView {
    let rows = |items: &'static [MenuItem]| {
        let here = here.clone();
        let row = move |item: &'static MenuItem| {
            let current = (item.path == here).then_some("page");
            let unread = (item.path == NOTIFICATIONS).then(|| me.unread_notifications.unwrap_or_default());
            view! {
                <li>
                    <a class="row" href=item.path aria-current=current data-unread=unread.map(unread_badge::badge)
                        aria-label=unread.map(unread_badge::label)>{item.name}</a>
                </li>
            }
        };
        items.iter().map(row).collect_view()
    };
    let people = (here == "/people").then_some("page");
    let items = service_items(me.role);
    let service = (!items.is_empty()).then(|| view! { <h2>"Service"</h2> <ul>{rows(items)}</ul> }.into_any());
    view! {
        <header class="sidebar">
            <a class="brand" href="/"><Logo/> "Lair"</a>
            <nav class="rooms" aria-label="Settings">
                <ul>
                    <li><a class="row" href="/"><Icon shape=Shape::Back/> "Rooms"</a></li>
                    <li><a class="row" href="/people" aria-current=people><Icon shape=Shape::People/> "People"</a></li>
                </ul>
                <h2>"Settings"</h2>
                <ul>{rows(SETTINGS)}</ul>
                {service}
            </nav>
            <div class="me">
                <Avatar of=me.author() size="medium"/>
                <p class="who"><strong>{me.display_name}</strong> <span>"@" {me.username}</span></p>
                <SignOutForm/>
            </div>
        </header>
    }
}
