//! The only permission table. Every command checks the permission it needs; its other conditions (room membership, room
//! ownership) are checked when the entity is loaded for the caller.

use protocol::{
    Error, Result,
    error::Code,
    room::{RoomRole, Visibility},
    session::{Access, Caller},
    user::Role,
};

macro_rules! rights {
    ($($name:ident = $word:literal, $meaning:literal;)+) => {
        /// A permission that not every caller has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Permission {
            $(#[doc = $meaning] $name,)+
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// Description of what it allows.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }
    };
}

rights! {
    Read = "read", "See one's own account, rooms and messages.";
    FindUsers = "find_users", "See users one shares no room with.";
    FindRooms = "find_rooms", "See public rooms one is not in.";
    SendMessages = "send_messages", "Send messages; edit and delete one's own.";
    EditOwn = "edit_own", "Change one's own profile, avatar, settings, read markers and room memberships.";
    JoinRooms = "join_rooms", "Join public rooms.";
    CreateRooms = "create_rooms", "Create rooms.";
    ManageMembers = "manage_members", "Add members to rooms and remove them.";
    ModerateRooms = "moderate_rooms", "In public rooms, delete others' messages and remove members, as a room moderator does.";
    ManageCredentials = "manage_credentials",
        "Manage one's own credentials: password, e-mail address, second factor, sessions, tokens; deactivate the account.";
    InviteUsers = "invite_users", "Create invitations to register.";
    ModerateUsers = "moderate_users",
        "See all accounts; end sessions of members and guests, deactivate and reactivate their accounts.";
    ManageServer = "manage_server", "Change configuration.";
    ManageRoles = "manage_roles", "Change roles, which gives every other permission.";
    ResetCredentials = "reset_credentials",
        "Issue password-reset links and remove second factors (equals account takeover).";
}

const EVERYONE: &[Role] = &[Role::Admin, Role::Moderator, Role::Member, Role::Guest];
const NON_GUESTS: &[Role] = &[Role::Admin, Role::Moderator, Role::Member];
const MODERATORS: &[Role] = &[Role::Admin, Role::Moderator];

impl Permission {
    /// The roles that have the permission, and the least access of the credential.
    const fn requirements(self) -> (&'static [Role], Access) {
        match self {
            Self::Read => (EVERYONE, Access::Read),
            Self::FindUsers | Self::FindRooms => (NON_GUESTS, Access::Read),
            Self::SendMessages | Self::EditOwn => (EVERYONE, Access::Write),
            Self::JoinRooms | Self::CreateRooms | Self::ManageMembers => (NON_GUESTS, Access::Write),
            Self::ModerateRooms => (MODERATORS, Access::Write),
            Self::ManageCredentials => (EVERYONE, Access::Full),
            Self::InviteUsers | Self::ModerateUsers => (MODERATORS, Access::Admin),
            Self::ManageServer => (&[Role::Admin], Access::Admin),
            Self::ManageRoles | Self::ResetCredentials => (&[Role::Admin], Access::Full),
        }
    }

    /// The least access that the credential must have.
    pub const fn min_access(self) -> Access {
        self.requirements().1
    }

    /// Whether a role has this permission, regardless of the credential.
    pub fn is_granted_to(self, role: Role) -> bool {
        self.requirements().0.contains(&role)
    }

    /// Fails unless the caller has the permission.
    pub fn check(self, caller: &Caller) -> Result<()> {
        let forbidden = |detail: &str| Err(Error::new(Code::Forbidden, detail));
        if !self.is_granted_to(caller.role) {
            return forbidden("Your role does not allow this. Ask an administrator if you need it.");
        }
        if caller.access < self.min_access() {
            return forbidden(
                "The scope of this access token does not allow this. Use one with a wider scope, or sign in.",
            );
        }
        Ok(())
    }
}

/// Effective role in a room. In public rooms, server moderators act as room moderators and administrators as owners; in
/// private rooms only the stored role counts. Guests are always plain members.
pub fn effective_role(role: Role, visibility: Visibility, member_role: RoomRole) -> RoomRole {
    match (role, visibility) {
        (Role::Guest, _) => RoomRole::Member,
        (Role::Admin, Visibility::Public) => RoomRole::Owner,
        (_, Visibility::Public) if Permission::ModerateRooms.is_granted_to(role) && member_role == RoomRole::Member => {
            RoomRole::Moderator
        }
        _ => member_role,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_permissions_are_denied_to_guests_only() {
        for right in [Permission::FindRooms, Permission::JoinRooms, Permission::CreateRooms] {
            for role in EVERYONE {
                assert_eq!(right.is_granted_to(*role), role.is_permanent(), "{right:?} {role:?}");
            }
        }
    }
}
