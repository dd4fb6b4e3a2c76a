//! Admin pages: the accounts of the service.

mod account;
mod account_list;
pub mod invitations;
pub mod reset_link;
pub mod service_settings;

pub use crate::server_pages::admin::{account::AccountPage, account_list::AccountsPage};

use protocol::user::Role;

/// Name of each role, and its description for those who assign it.
const ROLES: [(Role, &str, &str); 4] = [
    (Role::Admin, "Administrator", "Runs the service: roles, settings, links for new passwords."),
    (Role::Moderator, "Moderator", "Keeps the peace in public rooms, invites people, deactivates members and guests."),
    (Role::Member, "Member", "Sees everyone and every public room, and makes rooms."),
    (Role::Guest, "Guest", "Sees only the rooms they are brought into. Leaves the Lobby."),
];

fn role_name(role: Role) -> &'static str {
    ROLES.iter().find(|(other, ..)| *other == role).map(|(_, name, _)| *name).unwrap_or_default()
}
