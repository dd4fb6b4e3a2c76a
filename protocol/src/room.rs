//! Rooms and who is in them.

use crate::{
    column::text_column,
    error::{Code, Error},
    id::{RoomId, UserId},
    time::Time,
    user::Author,
};
use serde::{Deserialize, Serialize};

/// What a room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Open-ended, with a name.
    Channel,
    /// A few people, without one.
    Group,
    /// Two people.
    Direct,
    /// Only moderators of the room write.
    Announcement,
}

/// Who can find a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone may find and join it.
    #[default]
    Public,
    /// To a stranger it does not exist.
    Private,
}

/// What a member may do in one room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    /// Made the room, or was handed it.
    Owner,
    /// Keeps the peace in it.
    Moderator,
    /// Takes part.
    Member,
}

/// What a member wants to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationLevel {
    /// Every message.
    All,
    /// Only what names them.
    Mentions,
    /// Nothing.
    None,
}

text_column!(RoomKind { Channel = "channel", Group = "group", Direct = "direct", Announcement = "announcement" });
text_column!(Visibility { Public = "public", Private = "private" });
text_column!(RoomRole { Owner = "owner", Moderator = "moderator", Member = "member" });
text_column!(NotificationLevel { All = "all", Mentions = "mentions", None = "none" });

/// The caller's place in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    /// What they may do here.
    pub role: RoomRole,
    /// Since when.
    pub joined_at: Time,
    /// The last message they have read.
    pub read_seq: i64,
    /// How many came after it.
    pub unread: i64,
    /// How many of those name them.
    pub mentions: i64,
    /// What they want to be told of.
    pub notifications: NotificationLevel,
    /// Whether they keep it at the top.
    pub favorite: bool,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Room {
    /// Its name for machines.
    pub id: RoomId,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub kind: RoomKind,
    /// Who can find it.
    pub visibility: Visibility,
    /// One line about now.
    pub topic: String,
    /// What the room is about.
    pub description: String,
    /// The `seq` of its last message; 0 when there is none.
    pub head: i64,
    /// How many people are in it.
    pub member_count: i64,
    /// Closed, but still readable.
    pub archived: bool,
    /// When it was made.
    pub created_at: Time,
    /// The caller's place in it; absent for those who are not in it, and in events, which are the same for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
}

/// Someone's place in a room, as others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The room.
    pub room_id: RoomId,
    /// The person.
    pub user: Author,
    /// What they may do in it.
    pub role: RoomRole,
    /// Since when.
    pub joined_at: Time,
    /// The room's last message when they came: what is after it is new to them.
    pub joined_seq: i64,
}

/// What became of adding people to a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddedMembers {
    /// Those who are in the room now, or were already.
    pub added: Vec<Member>,
    /// Those who are asked first, because they left the room or were invited before.
    pub invited: Vec<UserId>,
    /// Those who cannot be added.
    pub refused: Vec<RefusedMember>,
}

/// Someone who cannot be added to a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedMember {
    /// Who.
    pub user_id: UserId,
    /// Why: `not_found`, `forbidden`, `lobby_membership_fixed` or `too_many_rooms`.
    pub code: Code,
}

impl RefusedMember {
    /// The same for people. It does not say who blocks whom.
    pub fn error(&self) -> Error {
        let detail = match self.code {
            Code::NotFound => return Error::not_found("user"),
            Code::LobbyMembershipFixed => {
                "The Lobby is for everyone but guests. Bring them into the rooms they are here for."
            }
            Code::TooManyRooms => "This person is in as many rooms as one can be in.",
            _ => "You cannot bring this person into the room.",
        };
        Error::new(self.code, detail)
    }
}

impl Member {
    /// Whether this is the given person.
    pub fn is(&self, user: UserId) -> bool {
        self.user.id == user
    }
}

crate::from_json! {
    Membership { role, joined_at, read_seq, unread, mentions, notifications, favorite }
    Room { id, name, kind, visibility, topic, description, head, member_count, archived, created_at, membership }
    Member { room_id, user, role, joined_at, joined_seq }
}
