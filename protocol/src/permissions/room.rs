//! What the members of a room may do: the least room role for each permission, by default and as the room's owner chose.

use crate::{
    Error, Result,
    error::Code,
    permissions::Permission,
    room::{Room, RoomKind, RoomRole, Visibility},
    session::Caller,
    user::Role,
};
use serde::{Deserialize, Serialize};

macro_rules! room_permissions {
    ($($name:ident $field:ident = $meaning:literal,
        public $public:ident, private $private:ident, announcement $announcement:ident, direct $direct:ident,
        $refusal:literal;)+
    ) => {
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
                match self { $(Self::$name => stringify!($field)),+ }
            }

            /// Description of what it allows.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }

            /// The least room role that has the permission in rooms whose owner chose no other.
            pub const fn default_role(self, kind: RoomKind, visibility: Visibility) -> RoomRole {
                match (self, kind, visibility) {
                    $((Self::$name, RoomKind::Channel, Visibility::Public) => RoomRole::$public,
                    (Self::$name, RoomKind::Channel, Visibility::Private) => RoomRole::$private,
                    (Self::$name, RoomKind::Announcement, _) => RoomRole::$announcement,
                    (Self::$name, RoomKind::Group | RoomKind::Direct, _) => RoomRole::$direct,)+
                }
            }

            const fn refusal(self) -> &'static str {
                match self { $(Self::$name => $refusal),+ }
            }
        }

        /// The least room role for each permission in a room.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct RoomPermissions {
            $(#[doc = $meaning] pub $field: RoomRole,)+
        }

        impl RoomPermissions {
            /// The permissions in rooms whose owner chose no others.
            pub const fn defaults(kind: RoomKind, visibility: Visibility) -> Self {
                Self { $($field: RoomPermission::$name.default_role(kind, visibility),)+ }
            }

            /// The least room role that has a permission.
            pub const fn min_role(&self, permission: RoomPermission) -> RoomRole {
                match permission { $(RoomPermission::$name => self.$field),+ }
            }

            /// These permissions, except where the room's owner chose others.
            #[must_use]
            pub fn with(self, overrides: &RoomPermissionOverrides) -> Self {
                Self { $($field: overrides.$field.unwrap_or(self.$field),)+ }
            }

            /// Where these permissions differ from others.
            pub fn differences(&self, from: &Self) -> RoomPermissionOverrides {
                RoomPermissionOverrides { $($field: Some(self.$field).filter(|role| *role != from.$field),)+ }
            }
        }

        /// The permissions of a room that its owner chose; the others have their defaults.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct RoomPermissionOverrides {
            $(#[doc = $meaning] #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<RoomRole>,)+
        }
    };
}

room_permissions! {
    Post post = "Send messages.",
        public Guest, private Guest, announcement Moderator, direct Guest,
        "Only some members of this room can send messages. Ask its owner if you need to.";
    Reply reply = "Reply to messages.",
        public Guest, private Guest, announcement Guest, direct Guest,
        "Only some members of this room can reply to messages. Ask its owner if you need to.";
    React react = "React to messages.",
        public Guest, private Guest, announcement Guest, direct Guest,
        "Only some members of this room can react to messages. Ask its owner if you need to.";
    Upload upload = "Attach files.",
        public Guest, private Guest, announcement Guest, direct Guest,
        "Only some members of this room can attach files. Ask its owner if you need to.";
    Invite invite = "Invite users and create invite links.",
        public Member, private Moderator, announcement Moderator, direct Owner,
        "Only some members of this room can invite people. Ask its owner or a moderator to do it.";
    Add add = "Add members.",
        public Member, private Moderator, announcement Moderator, direct Owner,
        "Only some members of this room can add people. Ask its owner or a moderator to do it.";
    Pin pin = "Pin messages.",
        public Member, private Member, announcement Moderator, direct Guest,
        "Only some members of this room can pin messages. Ask its owner or a moderator to do it.";
    MentionEveryone mention_everyone = "Mention everyone in the room.",
        public Member, private Member, announcement Moderator, direct Guest,
        "Only some members of this room can mention everyone. Ask its owner if you need to.";
    EditRoom edit_room = "Change name, topic, description, emoji and settings of the room.",
        public Moderator, private Moderator, announcement Moderator, direct Owner,
        "Only some members of this room can change it. Ask its owner or a moderator to do it.";
    ManageMembers manage_members = "Remove, ban and mute members with a lesser role, change their roles, revoke others' invitations.",
        public Moderator, private Moderator, announcement Moderator, direct Owner,
        "Only the room's owners and moderators can do this, and only owners to moderators.";
    DeleteMessages delete_messages = "Delete others' messages.",
        public Moderator, private Moderator, announcement Moderator, direct Owner,
        "Only the author and the room's owner and moderators can delete a message.";
}

impl RoomPermission {
    /// Whether a user with this role in the service has the permission in a room, as the room is seen by them.
    pub fn is_granted_in(self, room: &Room, role: Role) -> bool {
        role_in(room, role).is_some_and(|role| role >= room.permissions.min_role(self))
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
    RoomPermission::ManageMembers.is_granted_in(room, role) && role_in(room, role) > Some(target)
}

/// Whether a user with this role in the service may ban or mute another user with a role in the service and in the room.
pub fn can_restrict(room: &Room, role: Role, target: (Role, RoomRole)) -> bool {
    can_remove(room, role, effective_role(target.0, room.visibility, target.1))
}

/// Whether a user with this role in the service may give a new role to a member who has this room role: owners any,
/// others only lesser roles than their own to members with lesser roles.
pub fn can_set_role(room: &Room, role: Role, target: RoomRole, new: RoomRole) -> bool {
    let Some(own) = role_in(room, role) else { return false };
    let outranks = own == RoomRole::Owner || own > target && own > new;
    RoomPermission::ManageMembers.is_granted_in(room, role) && outranks
}

/// The effective role of a user with this role in the service, in a room as the room is seen by them; `None` unless they
/// are a member.
pub fn role_in(room: &Room, role: Role) -> Option<RoomRole> {
    room.membership.as_ref().map(|membership| effective_role(role, room.visibility, membership.role))
}

/// Effective role in a room. In public rooms, server moderators act as room moderators and administrators as owners; in
/// private rooms only the stored role counts. Guests of the service are guests in every room.
pub fn effective_role(role: Role, visibility: Visibility, member_role: RoomRole) -> RoomRole {
    match (role, visibility) {
        (Role::Guest, _) => RoomRole::Guest,
        (Role::Admin, Visibility::Public) => RoomRole::Owner,
        (_, Visibility::Public) if Permission::ModerateRooms.is_granted_to(role) => {
            member_role.max(RoomRole::Moderator)
        }
        _ => member_role,
    }
}

#[cfg(test)]
mod tests;
