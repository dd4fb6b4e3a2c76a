//! The way around the still pages: one table of all of them.

use crate::{
    sign_out::SignOutForm,
    ui::{Avatar, Icon, Mark, Shape},
    unread,
};
use leptos::prelude::*;
use protocol::user::{Role, User};

/// A still page, as the menu names it.
pub struct Place {
    pub path: &'static str,
    pub name: &'static str,
    /// What one does there, in a few words.
    pub what: &'static str,
}

const fn place(path: &'static str, name: &'static str, what: &'static str) -> Place {
    Place { path, name, what }
}

const NOTIFICATIONS: &str = "/notifications";

/// What is about oneself.
pub const SETTINGS: &[Place] = &[
    place("/settings/profile", "Profile", "Your name, picture, status and what you say about yourself"),
    place("/settings/preferences", "Preferences", "How it looks, what you are told of, what others see of you"),
    place("/settings/account", "Account", "Your e-mail address and password"),
    place("/settings/security", "Two-step sign-in", "A code beside your password"),
    place("/settings/sessions", "Sessions", "Where you are signed in"),
    place("/settings/tokens", "Access tokens", "For scripts and apps that act for you"),
    place(NOTIFICATIONS, "Notifications", "What concerned your account"),
    place("/settings/blocked", "Blocked people", "Whom you keep away"),
    place("/settings/data", "Your data", "Download it, or leave"),
];

/// What is about the service; the last is for administrators alone.
const SERVICE: &[Place] = &[
    place("/admin/people", "Accounts", "Roles, sessions, and who can sign in"),
    place("/admin/invitations", "Invitations", "Links with which people make an account"),
    place("/admin/settings", "Service settings", "Who can make an account"),
];

/// What a person may do about the service.
pub fn service(role: Role) -> &'static [Place] {
    match role {
        Role::Admin => SERVICE,
        Role::Moderator => SERVICE.split_last().map_or(&[], |(_, rest)| rest),
        Role::Member | Role::Guest => &[],
    }
}

#[component]
pub fn Menu(me: User, here: String) -> impl IntoView {
    let rows = |places: &'static [Place]| {
        let here = here.clone();
        let row = move |place: &'static Place| {
            let current = (place.path == here).then_some("page");
            let unread = (place.path == NOTIFICATIONS).then(|| me.unread_notifications.unwrap_or_default());
            view! {
                <li>
                    <a class="row" href=place.path aria-current=current data-unread=unread.map(unread::badge)
                        aria-label=unread.map(unread::name)>{place.name}</a>
                </li>
            }
        };
        places.iter().map(row).collect_view()
    };
    let people = (here == "/people").then_some("page");
    let places = service(me.role);
    let service = (!places.is_empty()).then(|| view! { <h2>"Service"</h2> <ul>{rows(places)}</ul> }.into_any());
    view! {
        <header class="sidebar">
            <a class="brand" href="/"><Mark/> "Lair"</a>
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
