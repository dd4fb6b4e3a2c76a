//! Admin pages: the accounts of the service.

mod account;
mod account_list;
pub mod invitations;
pub mod reset_link;
pub mod service_settings;

pub use crate::server_pages::admin::{account::AccountPage, account_list::AccountsPage};

use protocol::user::Role;

/// Each role, and its description for those who assign it.
const ROLES: [(Role, &str); 4] = [
    (Role::Admin, "Manages roles, service settings and reset links."),
    (Role::Moderator, "Moderates public rooms, invites people, deactivates members and guests."),
    (Role::Member, "Can see everyone, join public rooms and create rooms."),
    (Role::Guest, "Can only see rooms they're added to. Not in the Lobby."),
];
