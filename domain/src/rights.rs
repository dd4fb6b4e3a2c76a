//! Who may do what: the one table of rights. Every command names the right it needs; what else it needs (being in the
//! room, being its owner) it finds out by looking the thing up through the caller.

use protocol::{
    Error, Result,
    error::Code,
    room::{RoomRole, Visibility},
    session::{Access, Caller},
    user::Role,
};

macro_rules! rights {
    ($($name:ident = $word:literal, $meaning:literal;)+) => {
        /// Something that not everyone may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Right {
            $(#[doc = $meaning] $name,)+
        }

        impl Right {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its stable word.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// What one may do with it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }
    };
}

rights! {
    Read = "look", "See one's own account, rooms and messages.";
    FindUsers = "find_people", "See people one shares no room with.";
    FindRooms = "find_rooms", "See public rooms one is not in.";
    SendMessages = "speak", "Say something, and change or take it back.";
    EditOwn = "change_own", "Change what is one's own: profile, picture, settings, what one has read, which rooms one is in.";
    JoinRooms = "join_rooms", "Enter public rooms.";
    CreateRooms = "make_rooms", "Make rooms.";
    ManageMembers = "manage_members", "Bring people into rooms and show them out.";
    ModerateRooms = "keep_peace", "In public rooms, take back what others said and show people out, as a moderator of the room does.";
    ManageCredentials = "manage_sign_in",
        "Change how one signs in: password, e-mail address, second factor, sessions, tokens; leave the service.";
    InviteUsers = "invite_people", "Invite people to the service.";
    ModerateUsers = "moderate_people",
        "See all accounts; end sessions of members and guests, deactivate their accounts and bring them back.";
    ManageServer = "run_service", "Change configuration.";
    ManageRoles = "give_roles", "Change roles, which is a way to every other right.";
    ResetCredentials = "let_back_in",
        "Give out links that set a password anew, and take second factors away: a way to sign in as anyone.";
}

const EVERYONE: &[Role] = &[Role::Admin, Role::Moderator, Role::Member, Role::Guest];
const NON_GUESTS: &[Role] = &[Role::Admin, Role::Moderator, Role::Member];
const MODERATORS: &[Role] = &[Role::Admin, Role::Moderator];

impl Right {
    /// The table: whose it is, and the least that a proof must reach for it.
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

    /// The least that a proof must reach for it.
    pub const fn min_access(self) -> Access {
        self.requirements().1
    }

    /// Whether the caller's role has this right, whatever they showed.
    pub fn is_granted_to(self, role: Role) -> bool {
        self.requirements().0.contains(&role)
    }

    /// Refuses a caller who may not.
    pub fn check(self, caller: &Caller) -> Result<()> {
        let forbidden = |detail: &str| Err(Error::new(Code::Forbidden, detail));
        if !self.is_granted_to(caller.role) {
            return forbidden("Your role does not allow this. Ask an administrator if you need it.");
        }
        if caller.access < self.min_access() {
            return forbidden("This access token does not reach so far. Use one with a wider scope, or sign in.");
        }
        Ok(())
    }
}

/// What a person counts as in a room they are in. Whoever keeps the peace of the service does so in every public room, the
/// administrators as if it were theirs; guests only ever speak. In a private room nobody has a say but those who have it there.
pub fn effective_role(role: Role, visibility: Visibility, member_role: RoomRole) -> RoomRole {
    match (role, visibility) {
        (Role::Guest, _) => RoomRole::Member,
        (Role::Admin, Visibility::Public) => RoomRole::Owner,
        (_, Visibility::Public) if Right::ModerateRooms.is_granted_to(role) && member_role == RoomRole::Member => {
            RoomRole::Moderator
        }
        _ => member_role,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screens_offer_what_the_table_allows() {
        for right in [Right::FindRooms, Right::JoinRooms, Right::CreateRooms] {
            for role in EVERYONE {
                assert_eq!(right.is_granted_to(*role), role.is_permanent(), "{right:?} {role:?}");
            }
        }
    }
}
