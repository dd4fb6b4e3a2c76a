//! The only tables of permissions: of the service by role, and in `room` of a room by room role. The domain checks them,
//! and screens use them to decide what to offer. What else a command requires (such as authorship) is checked where it
//! is run.

mod room;

pub use room::{
    RoomPermission, RoomPermissionOverrides, RoomPermissions, can_remove, can_restrict, can_set_role, effective_role,
    role_in,
};

use crate::{
    Error, Result,
    error::Code,
    session::{Access, Caller},
    user::Role,
};
use serde::Serialize;

macro_rules! permissions {
    ($($name:ident = $word:tt, $meaning:literal;)+) => {
        /// A permission that not every caller has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum Permission {
            $(#[doc = $meaning] #[serde(rename = $word)] $name,)+
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

permissions! {
    Read = "read", "See one's own account, rooms and messages.";
    FindUsers = "find_users", "See users one shares no room with.";
    FindRooms = "find_rooms", "See public rooms one is not in.";
    SendMessages = "send_messages", "Send messages; edit and delete one's own.";
    EditOwn = "edit_own", "Change one's own profile, avatar, settings, read markers and room memberships.";
    JoinRooms = "join_rooms", "Join public rooms.";
    CreateRooms = "create_rooms", "Create rooms.";
    ManageMembers = "manage_members", "Add members to rooms and remove them.";
    ManageRooms = "manage_rooms",
        "Change, archive and delete rooms, and decide what their members may do, as far as one's role in the room allows.";
    ModerateRooms = "moderate_rooms", "In public rooms, delete others' messages and remove members, as a room moderator does.";
    ManageCredentials = "manage_credentials",
        "Manage one's own credentials: password, email, second factor, sessions, tokens; deactivate the account.";
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
            Self::JoinRooms | Self::CreateRooms | Self::ManageMembers | Self::ManageRooms => {
                (NON_GUESTS, Access::Write)
            }
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
            return forbidden("You don't have permission to do this. Ask an administrator if you need it.");
        }
        if caller.access < self.min_access() {
            return forbidden("The scope of this access token doesn't allow this. Use a wider scope, or sign in.");
        }
        Ok(())
    }
}

/// Fails unless a caller may manage the account of a user with this role: moderators manage members and guests,
/// administrators everyone.
pub fn require_outranks(caller: Role, target: Role) -> Result<()> {
    if outranks(caller, target) {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden, "Only administrators can do this to administrators and moderators."))
}

impl Role {
    /// The name that users see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Moderator => "Moderator",
            Self::Member => "Member",
            Self::Guest => "Guest",
        }
    }
}

/// Whether a role may manage the accounts of users with another role.
pub fn outranks(role: Role, target: Role) -> bool {
    Permission::ModerateUsers.is_granted_to(role)
        && (Permission::ManageServer.is_granted_to(role) || !Permission::ModerateUsers.is_granted_to(target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SessionId, UserId};
    use uuid::Uuid;

    #[test]
    fn room_permissions_are_denied_to_guests_only() {
        for permission in [Permission::FindRooms, Permission::JoinRooms, Permission::CreateRooms] {
            for role in EVERYONE {
                assert_eq!(permission.is_granted_to(*role), *role != Role::Guest, "{permission:?} {role:?}");
            }
        }
    }

    fn caller(role: Role, access: Access) -> Caller {
        Caller { user_id: UserId(Uuid::nil()), session_id: SessionId(Uuid::nil()), role, access }
    }

    #[test]
    fn a_caller_needs_the_role_and_the_scope() {
        let outcome = |role, access| Permission::InviteUsers.check(&caller(role, access)).map_err(|error| error.code);
        assert_eq!(outcome(Role::Moderator, Access::Admin), Ok(()));
        assert_eq!(outcome(Role::Moderator, Access::Full), Ok(()));
        assert_eq!(outcome(Role::Moderator, Access::Write), Err(Code::Forbidden));
        assert_eq!(outcome(Role::Member, Access::Full), Err(Code::Forbidden));
    }

    #[test]
    fn only_administrators_manage_the_accounts_of_moderators() {
        for role in EVERYONE {
            for target in EVERYONE {
                let manages = match role {
                    Role::Admin => true,
                    Role::Moderator => matches!(target, Role::Member | Role::Guest),
                    Role::Member | Role::Guest => false,
                };
                assert_eq!(outranks(*role, *target), manages, "{role:?} {target:?}");
                assert_eq!(require_outranks(*role, *target).is_ok(), manages, "{role:?} {target:?}");
            }
        }
    }
}
