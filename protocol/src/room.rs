//! Rooms and their members.

mod restriction;
mod settings;

pub use restriction::{MemberMute, MemberRestriction};
pub use settings::RoomSettings;

use crate::{
    column::text_column,
    error::{Code, Error},
    id::{RoomId, UserId},
    permissions::{RoomPermissionOverrides, RoomPermissions},
    time::Time,
    user::Author,
};
use serde::{Deserialize, Serialize};

/// The kind of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Open-ended, with a name.
    #[default]
    Channel,
    /// 3 to 20 users, without a name; the members never change.
    Group,
    /// Two users, or one alone with their notes; without a name, and the members never change.
    Direct,
    /// As a channel, but only moderators and owners send messages, unless the owner chose otherwise.
    Announcement,
}

impl RoomKind {
    /// Whether rooms of this kind are a conversation between users who never change, without a name of its own: direct
    /// and group rooms.
    pub const fn is_direct(self) -> bool {
        matches!(self, Self::Group | Self::Direct)
    }
}

/// Who can find a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone but guests can find and join it.
    #[default]
    Public,
    /// It is not visible to users who are not members.
    Private,
}

/// What a member may do in one room; a greater role may do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    /// May take part in the conversation and little else. Guests of the service are guests in every room.
    Guest,
    /// An ordinary member.
    Member,
    /// Moderates the room.
    Moderator,
    /// Created the room, or was made its owner.
    Owner,
}

/// Which messages a member is notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationLevel {
    /// Every message.
    All,
    /// Only messages that mention the member.
    Mentions,
    /// No messages.
    None,
}

text_column!(RoomKind { Channel = "channel", Group = "group", Direct = "direct", Announcement = "announcement" });
text_column!(Visibility { Public = "public", Private = "private" });
text_column!(RoomRole { Owner = "owner", Moderator = "moderator", Member = "member", Guest = "guest" });
text_column!(NotificationLevel { All = "all", Mentions = "mentions", None = "none" });

/// The caller's membership of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    /// The caller's role in the room.
    pub role: RoomRole,
    /// When the caller joined.
    pub joined_at: Time,
    /// The `seq` of the last message that the caller has read.
    pub read_seq: i64,
    /// How many messages are unread, up to 99; more is 100.
    pub unread: i64,
    /// How many of those mention the caller, up to 99; more is 100.
    pub mentions: i64,
    /// The `seq` of messages after the read marker that do not count as unread: deleted ones, room activity, and those of
    /// blocked users. The newest 100, in ascending order.
    #[serde(default)]
    pub uncounted: Vec<i64>,
    /// How many more there are, older than those listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub uncounted_more: i64,
    /// Which messages the caller is notified of.
    pub notifications: NotificationLevel,
    /// Whether the room is a favorite of the caller.
    pub favorite: bool,
    /// Present if a moderator muted the caller: until it ends, the caller cannot send, edit or react.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute: Option<MemberMute>,
    /// Until when the caller has muted the room; absent if they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Time>,
    /// The place that the caller gave the room in their list; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Whether the room is left out of the caller's list until its next message: a direct or group room that they left,
    /// or that someone else opened and nobody has written in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl Membership {
    /// Whether the caller has muted the room at this time, so that its messages do not stand out.
    pub fn is_muted(&self, now: Time) -> bool {
        self.notifications == NotificationLevel::None || self.muted_until.is_some_and(|until| until > now)
    }
}

/// Whether a number need not be sent.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")
)]
pub(crate) const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// The room's name; empty for direct and group rooms, which have the names of their members.
    pub name: String,
    /// The kind of the room.
    pub kind: RoomKind,
    /// Who can find the room.
    pub visibility: Visibility,
    /// The topic, in one line.
    pub topic: String,
    /// The description.
    pub description: String,
    /// One emoji that stands for the room; empty if none.
    pub emoji: String,
    /// The settings.
    pub settings: RoomSettings,
    /// The least room role for each permission.
    pub permissions: RoomPermissions,
    /// The `seq` of the last message; 0 if there is none.
    pub head: i64,
    /// How many members the room has.
    pub member_count: i64,
    /// Whether the room is read-only and left out of lists.
    pub archived: bool,
    /// Whether nobody joins, leaves, is added or removed: the Lobby.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fixed_members: bool,
    /// When the room was created.
    pub created_at: Time,
    /// The members of a direct or group room, by id; absent for other rooms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Author>,
    /// The caller's membership; absent if the caller is not a member, and in events that are the same for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
}

impl Room {
    /// The seq after which messages are unread: the read marker, or the last message if none is unread. Between the two
    /// there may be messages that do not count.
    pub fn unread_after(&self) -> i64 {
        match &self.membership {
            Some(membership) if membership.unread > 0 => membership.read_seq,
            Some(membership) => membership.read_seq.max(self.head),
            None => 0,
        }
    }

    /// Whose faces stand for a direct or group room: the other members, at most two; alone, the user.
    pub fn faces(&self, me: UserId) -> Vec<Author> {
        let others: Vec<_> = self.members.iter().filter(|member| member.id != me).take(2).cloned().collect();
        if others.is_empty() { self.members.iter().take(1).cloned().collect() } else { others }
    }

    /// The name that a user sees: for direct and group rooms, the names of the other members.
    pub fn title(&self, me: UserId) -> String {
        if !self.kind.is_direct() {
            return self.name.clone();
        }
        let others = self.members.iter().filter(|member| member.id != me);
        let mut names: Vec<_> = others.map(|member| member.display_name.as_str()).collect();
        names.sort_by_cached_key(|name| name.to_lowercase());
        match self.members.first() {
            Some(alone) if names.is_empty() => format!("{} (you)", alone.display_name),
            _ => names.join(", "),
        }
    }
}

/// The places of rooms in a user's list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomOrder {
    /// The rooms that the user gave a place, in order; all others have none.
    pub rooms: Vec<RoomPosition>,
}

/// The place of a room in a user's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomPosition {
    /// The room.
    pub room_id: RoomId,
    /// Its place; places ascend, but may have gaps.
    pub position: i64,
}

/// The order of the results of a room search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomSort {
    /// By name.
    #[default]
    Name,
    /// The room with the newest message first, to the minute.
    Activity,
    /// The room with the most members first.
    Members,
}

/// A member of a room, as others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The room.
    pub room_id: RoomId,
    /// The user.
    pub user: Author,
    /// The user's role in the room.
    pub role: RoomRole,
    /// When the user joined.
    pub joined_at: Time,
    /// The `seq` of the room's last message when the user joined: later messages are new to them.
    pub joined_seq: i64,
    /// Messages up to this `seq` are hidden from the user, who joined later; 0 for none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hidden_until_seq: i64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A room that was deleted: only its id is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedRoom {
    /// The room.
    pub room_id: RoomId,
}

/// Who may do what in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomPermissionTable {
    /// The least room role for each permission.
    pub permissions: RoomPermissions,
    /// The permissions that the room's owner chose.
    pub overrides: RoomPermissionOverrides,
    /// The permissions of such a room where the owner chose none.
    pub defaults: RoomPermissions,
}

impl Room {
    /// Who may do what in the room.
    pub fn permission_table(&self) -> RoomPermissionTable {
        let defaults = RoomPermissions::defaults(self.kind, self.visibility);
        let overrides = self.permissions.differences(&defaults);
        RoomPermissionTable { permissions: self.permissions, overrides, defaults }
    }

    /// Fails if the room is archived.
    pub fn require_active(&self) -> Result<(), Error> {
        if self.archived { Err(Error::room_archived()) } else { Ok(()) }
    }
}

/// The result of adding users to a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddedMembers {
    /// Users who are members now, or were already.
    pub added: Vec<Member>,
    /// Users who are invited and decide: they left or declined before, had an invitation, or are in many rooms.
    pub invited: Vec<UserId>,
    /// Users who cannot be added.
    pub refused: Vec<RefusedMember>,
}

/// A user who cannot be added to a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedMember {
    /// The user.
    pub user_id: UserId,
    /// The reason: `not_found`, `forbidden`, `banned`, `room_full`, `lobby_membership_fixed` or `too_many_rooms`.
    pub code: Code,
}

impl RefusedMember {
    /// The error as a text. It does not reveal blocks between users.
    pub fn error(&self) -> Error {
        let detail = match self.code {
            Code::NotFound => return Error::not_found("user"),
            Code::LobbyMembershipFixed => "Guests can't join the Lobby. Add them to other rooms instead.",
            Code::Banned => "This person is banned from the room. Lift the ban first.",
            Code::RoomFull => "The room has its maximum number of members.",
            Code::TooManyRooms => "This person is already in the maximum number of rooms.",
            // The reason is not given, but what the user can do if it is an invitation that was declined.
            _ => "You can't add this person to the room now. If they declined an invitation, try again after a day.",
        };
        Error::new(self.code, detail)
    }
}

impl Member {
    /// Whether this is the given user.
    pub fn is(&self, user: UserId) -> bool {
        self.user.id == user
    }
}
