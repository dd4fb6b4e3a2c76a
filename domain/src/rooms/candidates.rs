//! Users to be added to a room, and whether they can be.

use crate::{
    error::CommandError,
    store::{
        self, Tx, members::MemberRow, room_invitations::ResponseRow, room_restrictions::RestrictionKind, users::UserRow,
    },
};
use protocol::{
    error::Code,
    id::{RoomId, UserId},
    limits,
    room::{Member, Room},
    room_invitation::InvitationStatus,
    time::Time,
    user::Role,
};
use std::collections::{HashMap, HashSet};

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// Milliseconds for which a user who declined cannot be invited again.
const DECLINE_COOLDOWN: i64 = DAY;

/// Whether a user can be added to a room.
pub enum Candidate {
    /// Already a member.
    Member(Member),
    /// Can be added.
    Addable,
    /// Needs an invitation: they left voluntarily, declined before, or are in many rooms.
    NeedsInvitation,
    /// Has a pending invitation.
    Invited(ResponseRow),
    /// Cannot be added. `Forbidden` gives no reason, so that nobody learns who blocks them.
    Refused(Code),
}

/// The caller and the room to add to.
pub struct Candidates {
    pub added_by: UserId,
    pub room: RoomId,
    pub lobby: RoomId,
    pub now: Time,
}

/// Data about the users.
struct CandidateData {
    users: HashMap<UserId, UserRow>,
    members: HashMap<UserId, MemberRow>,
    responses: Vec<ResponseRow>,
    blocking: HashSet<UserId>,
    banned: Vec<UserId>,
    /// Invitations that the caller created for them in the last day, in any status.
    invited: HashMap<UserId, i64>,
    rooms: HashMap<UserId, i64>,
}

impl Candidates {
    /// Classifies each of the users.
    pub async fn find(&self, tx: &mut Tx, users: &[UserId]) -> Result<Vec<(UserId, Candidate)>, CommandError> {
        let pairs: Vec<_> = users.iter().map(|user| (self.room, *user)).collect();
        let user_rows = store::users::find_many_in(tx, users).await?;
        let members = store::members::find_many(tx, &pairs).await?;
        let data = CandidateData {
            users: user_rows.into_iter().map(|row| (row.id, row)).collect(),
            members: members.into_iter().map(|row| (row.author.user_id, row)).collect(),
            responses: store::room_invitations::list_responses(tx, self.room, users).await?,
            blocking: store::blocks::list_blocking(tx, users, self.added_by).await?.into_iter().collect(),
            banned: store::room_restrictions::list_users(tx, RestrictionKind::Ban, self.room, users, self.now).await?,
            invited: store::room_invitations::count_since(tx, self.added_by, users, self.now.plus(-DAY)).await?,
            rooms: store::members::count_rooms(tx, users).await?.into_iter().collect(),
        };
        Ok(users.iter().map(|user| (*user, self.classify(*user, &data))).collect())
    }

    fn classify(&self, user: UserId, data: &CandidateData) -> Candidate {
        let Some(user_row) = data.users.get(&user).filter(|user_row| user_row.deactivated_at.is_none()) else {
            return Candidate::Refused(Code::NotFound);
        };
        let row = data.members.get(&user);
        if let Some(row) = row.filter(|row| row.is_member()) {
            return Candidate::Member(row.clone().member());
        }
        if user_row.role == Role::Guest && self.room == self.lobby {
            return Candidate::Refused(Code::LobbyMembershipFixed);
        }
        if data.banned.contains(&user) {
            return Candidate::Refused(Code::Banned);
        }
        let responses = || data.responses.iter().filter(|response| response.user_id == user);
        let declined = |ended_at: Time| self.now < ended_at.plus(DECLINE_COOLDOWN);
        if data.blocking.contains(&user) || responses().filter_map(declined_at).any(declined) {
            return Candidate::Refused(Code::Forbidden);
        }
        let is_pending = |a: &&ResponseRow| a.status == InvitationStatus::Pending && a.expires_at > self.now;
        if let Some(pending) = responses().find(is_pending) {
            return Candidate::Invited(*pending);
        }
        if data.invited.get(&user).is_some_and(|count| *count >= limits::INVITATIONS_PER_DAY) {
            return Candidate::Refused(Code::Forbidden);
        }
        if row.is_some_and(|row| row.removed_by.is_none()) || responses().find_map(declined_at).is_some() {
            return Candidate::NeedsInvitation;
        }
        match data.rooms.get(&user) {
            Some(rooms) if !is_below(*rooms, limits::ROOMS_PER_USER) => Candidate::Refused(Code::TooManyRooms),
            Some(rooms) if !is_below(*rooms, limits::ROOMS_BEFORE_CONSENT) => Candidate::NeedsInvitation,
            _ => Candidate::Addable,
        }
    }
}

fn declined_at(response: &ResponseRow) -> Option<Time> {
    response.ended_at.filter(|_| response.status == InvitationStatus::Declined)
}

/// How many more members the room can have.
pub fn free_places(room: &Room) -> usize {
    let free = room.settings.member_limit.map(|limit| usize::try_from(limit - room.member_count).unwrap_or_default());
    free.unwrap_or(usize::MAX)
}

/// Whether a user in this many rooms can join one more.
pub fn is_below_room_limit(rooms: i64) -> bool {
    is_below(rooms, limits::ROOMS_PER_USER)
}

fn is_below(rooms: i64, limit: usize) -> bool {
    usize::try_from(rooms).is_ok_and(|rooms| rooms < limit)
}
