//! The only tables of permissions: of the service by role, and of a room by room role. The domain checks them, and
//! screens use them to decide what to offer. What else a command requires (such as authorship) is checked where it is
//! run.

use crate::{
    Error, Result,
    error::Code,
    room::{Room, RoomRole, Visibility},
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

macro_rules! room_permissions {
    ($($name:ident = $word:literal, $meaning:literal, public $public:ident, private $private:ident, $refusal:literal;)+) => {
        /// A permission in a room that not every member has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RoomPermission {
            $(#[doc = $meaning] $name,)+
        }

        impl RoomPermission {
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

            /// The least room role that has the permission.
            pub const fn min_role(self, visibility: Visibility) -> RoomRole {
                match (self, visibility) {
                    $((Self::$name, Visibility::Public) => RoomRole::$public,
                    (Self::$name, Visibility::Private) => RoomRole::$private,)+
                }
            }

            const fn refusal(self) -> &'static str {
                match self { $(Self::$name => $refusal),+ }
            }
        }
    };
}

room_permissions! {
    AddMembers = "add_members", "Add and invite members.", public Member, private Moderator,
        "Only the owner and the moderators of a private room can add members.";
    RemoveMembers = "remove_members", "Remove members; only the owner can remove moderators.", public Moderator, private Moderator,
        "Only the owner can remove moderators; moderators can remove members.";
    DeleteMessages = "delete_messages", "Delete others' messages.", public Moderator, private Moderator,
        "Only the author and the room's owner and moderators can delete a message.";
    RevokeInvitations = "revoke_invitations", "Revoke others' invitations to the room.", public Moderator, private Moderator,
        "Only the inviter and the room's owner and moderators can revoke an invitation.";
}

impl RoomPermission {
    /// Whether a user with this role in the service has the permission in a room, as the room is seen by them.
    pub fn is_granted_in(self, room: &Room, role: Role) -> bool {
        role_in(room, role).is_some_and(|role| role >= self.min_role(room.visibility))
    }

    /// Fails unless the caller is a member of the room and has the permission.
    pub fn check(self, room: &Room, caller: &Caller) -> Result<()> {
        if room.membership.is_none() {
            return Err(Error::not_a_member());
        }
        if self.is_granted_in(room, caller.role) { Ok(()) } else { Err(self.refused()) }
    }

    /// The error for a caller who lacks the permission.
    pub fn refused(self) -> Error {
        Error::new(Code::Forbidden, self.refusal())
    }
}

/// Whether a user with this role in the service may remove a member with this room role.
pub fn can_remove(room: &Room, role: Role, target: RoomRole) -> bool {
    RoomPermission::RemoveMembers.is_granted_in(room, role) && role_in(room, role) > Some(target)
}

/// The effective role of a user with this role in the service, in a room as the room is seen by them; `None` unless they
/// are a member.
pub fn role_in(room: &Room, role: Role) -> Option<RoomRole> {
    room.membership.as_ref().map(|membership| effective_role(role, room.visibility, membership.role))
}

/// Effective role in a room. In public rooms, server moderators act as room moderators and administrators as owners; in
/// private rooms only the stored role counts. Guests are always plain members.
fn effective_role(role: Role, visibility: Visibility, member_role: RoomRole) -> RoomRole {
    match (role, visibility) {
        (Role::Guest, _) => RoomRole::Member,
        (Role::Admin, Visibility::Public) => RoomRole::Owner,
        (_, Visibility::Public) if Permission::ModerateRooms.is_granted_to(role) => {
            member_role.max(RoomRole::Moderator)
        }
        _ => member_role,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{RoomId, SessionId, UserId},
        room::{Membership, RoomKind},
        time::Time,
    };
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

    fn room(visibility: Visibility, role: Option<RoomRole>) -> Room {
        let membership = role.map(|role| Membership::joined(role, Time(0), 0));
        Room {
            id: RoomId(Uuid::nil()),
            name: "den".into(),
            kind: RoomKind::Channel,
            visibility,
            topic: String::new(),
            description: String::new(),
            head: 0,
            member_count: 1,
            archived: false,
            fixed_members: false,
            created_at: Time(0),
            membership,
        }
    }

    #[test]
    fn a_room_permission_needs_the_room_role_or_a_greater_one() {
        let roles = [RoomRole::Member, RoomRole::Moderator, RoomRole::Owner];
        for permission in RoomPermission::ALL {
            for visibility in [Visibility::Public, Visibility::Private] {
                for role in roles {
                    let room = room(visibility, Some(role));
                    let granted = roles.iter().position(|other| *other == role)
                        >= roles.iter().position(|other| *other == permission.min_role(visibility));
                    assert_eq!(permission.is_granted_in(&room, Role::Member), granted, "{permission:?} {role:?}");
                    let outcome = permission.check(&room, &caller(Role::Member, Access::Full));
                    let expected = if granted { Ok(()) } else { Err(Code::Forbidden) };
                    assert_eq!(outcome.map_err(|error| error.code), expected, "{permission:?} {role:?}");
                }
                let outcome = permission.check(&room(visibility, None), &caller(Role::Admin, Access::Full));
                assert_eq!(outcome.map_err(|error| error.code), Err(Code::NotAMember));
            }
        }
    }

    #[test]
    fn members_are_removed_only_by_greater_roles() {
        let roles = [RoomRole::Member, RoomRole::Moderator, RoomRole::Owner];
        for (own, removable) in [
            (None, [false, false, false]),
            (Some(RoomRole::Member), [false, false, false]),
            (Some(RoomRole::Moderator), [true, false, false]),
            (Some(RoomRole::Owner), [true, true, false]),
        ] {
            let room = room(Visibility::Private, own);
            assert_eq!(roles.map(|target| can_remove(&room, Role::Member, target)), removable, "{own:?}");
        }
    }

    #[test]
    fn server_roles_count_in_public_rooms_only() {
        use RoomRole::{Member, Moderator, Owner};
        use Visibility::{Private, Public};
        for (role, stored, public, private) in [
            (Role::Admin, Member, Owner, Member),
            (Role::Moderator, Member, Moderator, Member),
            (Role::Moderator, Owner, Owner, Owner),
            (Role::Member, Moderator, Moderator, Moderator),
            (Role::Member, Member, Member, Member),
            (Role::Guest, Owner, Member, Member),
        ] {
            assert_eq!(effective_role(role, Public, stored), public, "{role:?} {stored:?}");
            assert_eq!(effective_role(role, Private, stored), private, "{role:?} {stored:?}");
        }
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
