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
    Look = "look", "See one's own account, rooms and messages.";
    FindPeople = "find_people", "See people one shares no room with.";
    FindRooms = "find_rooms", "See public rooms one is not in.";
    Speak = "speak", "Say something, and change or take it back.";
    ChangeOwn = "change_own", "Change what is one's own: profile, picture, settings, what one has read, which rooms one is in.";
    JoinRooms = "join_rooms", "Enter public rooms.";
    MakeRooms = "make_rooms", "Make rooms.";
    ManageMembers = "manage_members", "Bring people into rooms and show them out.";
    KeepPeace = "keep_peace", "In public rooms, take back what others said and show people out, as a moderator of the room does.";
    ManageSignIn = "manage_sign_in",
        "Change how one signs in: password, e-mail address, second factor, sessions, tokens; leave the service.";
    InvitePeople = "invite_people", "Invite people to the service.";
    ModeratePeople = "moderate_people",
        "See all accounts; end sessions of members and guests, deactivate their accounts and bring them back.";
    RunService = "run_service", "Change configuration.";
    GiveRoles = "give_roles", "Change roles, which is a way to every other right.";
    LetBackIn = "let_back_in",
        "Give out links that set a password anew, and take second factors away: a way to sign in as anyone.";
}

const EVERYONE: &[Role] = &[Role::Admin, Role::Moderator, Role::Member, Role::Guest];
const PERMANENT: &[Role] = &[Role::Admin, Role::Moderator, Role::Member];
const KEEPERS: &[Role] = &[Role::Admin, Role::Moderator];

impl Right {
    /// The table: whose it is, and the least that a proof must reach for it.
    const fn line(self) -> (&'static [Role], Access) {
        match self {
            Self::Look => (EVERYONE, Access::Read),
            Self::FindPeople | Self::FindRooms => (PERMANENT, Access::Read),
            Self::Speak | Self::ChangeOwn => (EVERYONE, Access::Write),
            Self::JoinRooms | Self::MakeRooms | Self::ManageMembers => (PERMANENT, Access::Write),
            Self::KeepPeace => (KEEPERS, Access::Write),
            Self::ManageSignIn => (EVERYONE, Access::Full),
            Self::InvitePeople | Self::ModeratePeople => (KEEPERS, Access::Admin),
            Self::RunService => (&[Role::Admin], Access::Admin),
            Self::GiveRoles | Self::LetBackIn => (&[Role::Admin], Access::Full),
        }
    }

    /// The least that a proof must reach for it.
    pub const fn reach(self) -> Access {
        self.line().1
    }

    /// Whether the caller's role has this right, whatever they showed.
    pub fn is_of(self, role: Role) -> bool {
        self.line().0.contains(&role)
    }

    /// Refuses a caller who may not.
    pub fn check(self, caller: &Caller) -> Result<()> {
        let forbidden = |detail: &str| Err(Error::new(Code::Forbidden, detail));
        if !self.is_of(caller.role) {
            return forbidden("Your role does not allow this. Ask an administrator if you need it.");
        }
        if caller.access < self.reach() {
            return forbidden("This access token does not reach so far. Use one with a wider scope, or sign in.");
        }
        Ok(())
    }
}

/// What a person counts as in a room they are in. Whoever keeps the peace of the service does so in every public room, the
/// administrators as if it were theirs; guests only ever speak. In a private room nobody has a say but those who have it there.
pub fn standing(role: Role, visibility: Visibility, own: RoomRole) -> RoomRole {
    match (role, visibility) {
        (Role::Guest, _) => RoomRole::Member,
        (Role::Admin, Visibility::Public) => RoomRole::Owner,
        (_, Visibility::Public) if Right::KeepPeace.is_of(role) && own == RoomRole::Member => RoomRole::Moderator,
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screens_offer_what_the_table_allows() {
        for right in [Right::FindRooms, Right::JoinRooms, Right::MakeRooms] {
            for role in EVERYONE {
                assert_eq!(right.is_of(*role), role.is_permanent(), "{right:?} {role:?}");
            }
        }
    }
}
