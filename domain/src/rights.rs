//! Who may do what: the one table of rights. Every command names the right it needs; what else it needs (being in the
//! room, being its owner) it finds out by looking the thing up through the caller.

use protocol::{
    Error, Result,
    error::Code,
    session::{Access, Caller},
    user::Role,
};

/// Something that not everyone may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "the table is whole before all of it is used")]
pub enum Right {
    /// See one's own account, rooms and messages.
    Look,
    /// See people one shares no room with.
    FindPeople,
    /// See public rooms one is not in.
    FindRooms,
    /// Say something, and change or take it back.
    Speak,
    /// Enter public rooms.
    JoinRooms,
    /// Make rooms.
    MakeRooms,
    /// Bring people into rooms and show them out.
    ManageMembers,
    /// Change what is one's own: profile, picture, settings, what one has read, which rooms one is in.
    ChangeOwn,
    /// Change how one signs in: password, e-mail address, second factor, sessions, tokens; leave the service.
    ManageSignIn,
    /// Invite people to the service.
    InvitePeople,
    /// See all accounts, and deactivate or reactivate those of members and guests.
    ModeratePeople,
    /// Change roles and configuration, and give out links that set a password anew.
    RunService,
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
            Self::ManageSignIn => (EVERYONE, Access::Full),
            Self::InvitePeople | Self::ModeratePeople => (KEEPERS, Access::Admin),
            Self::RunService => (&[Role::Admin], Access::Admin),
        }
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
        if caller.access < self.line().1 {
            return forbidden("This access token does not reach so far. Use one with a wider scope, or sign in.");
        }
        Ok(())
    }
}
