//! What a signed-in page starts from: the user, and the one copy of the list of their rooms.

use protocol::{
    cursor::Cursor,
    id::{RoomId, UserId},
    permissions::{RoomPermissionOverrides, RoomPermissions},
    room::{MemberMute, Membership, NotificationLevel, Room, RoomKind, RoomRole, RoomSettings, Visibility},
    state::room_list::RoomList,
    time::Time,
    user::{Author, User},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{ops::Not, sync::Arc};

/// A snapshot as a page needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedSnapshot {
    /// The user.
    pub me: User,
    /// The user's rooms, without descriptions and times, which no list shows. Those that the server draws beside the
    /// page come first.
    pub rooms: Arc<Vec<Room>>,
    /// How many of them those are.
    pub drawn: usize,
    /// The users that the user blocks.
    pub blocked: Vec<UserId>,
    /// The position in the stream that the snapshot reflects.
    pub cursor: Cursor,
}

impl PackedSnapshot {
    /// The list of the rooms.
    pub fn room_list(&self) -> RoomList {
        RoomList::of(self.me.id, self.rooms.to_vec(), self.blocked.clone())
    }
}

/// The snapshot as it is sent; a user may be in a thousand rooms.
#[derive(Serialize, Deserialize)]
struct Packed<User, Text, Users> {
    me: User,
    rooms: Vec<PackedRoom<Text>>,
    drawn: usize,
    blocked: Users,
    cursor: Cursor,
}

/// Id, name, topic, head, read position, unread messages and members of a room, and what is not as in most rooms.
type PackedRoom<Text> = (RoomId, Text, Text, i64, i64, i64, i64, Option<Details>);

/// What is the same for most rooms of most users, where it differs from that.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a room and of a membership")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<RoomKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<Visibility>,
    #[serde(skip_serializing_if = "Not::not")]
    archived: bool,
    #[serde(skip_serializing_if = "Not::not")]
    fixed_members: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoomRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mentions: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uncounted: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncounted_more: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notifications: Option<NotificationLevel>,
    #[serde(skip_serializing_if = "Not::not")]
    favorite: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    mute: Option<MemberMute>,
    #[serde(skip_serializing_if = "String::is_empty")]
    emoji: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<RoomSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<RoomPermissionOverrides>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted_until: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    #[serde(skip_serializing_if = "Not::not")]
    hidden: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<Author>,
}

/// What most rooms are, and what most users are in them.
const KIND: RoomKind = RoomKind::Channel;
const VISIBILITY: Visibility = Visibility::Public;
const ROLE: RoomRole = RoomRole::Member;
const NOTIFICATIONS: NotificationLevel = NotificationLevel::All;

impl Serialize for PackedSnapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { me, rooms, drawn, blocked, cursor } = self;
        let rooms = rooms.iter().filter_map(pack).collect();
        Packed { me, rooms, drawn: *drawn, blocked, cursor: *cursor }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PackedSnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Packed { me, rooms, drawn, blocked, cursor } =
            Packed::<User, String, Vec<UserId>>::deserialize(deserializer)?;
        Ok(Self { me, rooms: Arc::new(rooms.into_iter().map(unpack).collect()), drawn, blocked, cursor })
    }
}

/// A room of the list; all of them have a membership.
fn pack(room: &Room) -> Option<PackedRoom<&str>> {
    let membership = room.membership.as_ref()?;
    let details = Details {
        kind: Some(room.kind).filter(|kind| *kind != KIND),
        visibility: Some(room.visibility).filter(|visibility| *visibility != VISIBILITY),
        archived: room.archived,
        fixed_members: room.fixed_members,
        role: Some(membership.role).filter(|role| *role != ROLE),
        mentions: Some(membership.mentions).filter(|mentions| *mentions > 0),
        uncounted: membership.uncounted.clone(),
        uncounted_more: Some(membership.uncounted_more).filter(|more| *more > 0),
        notifications: Some(membership.notifications).filter(|level| *level != NOTIFICATIONS),
        favorite: membership.favorite,
        mute: membership.mute.clone(),
        emoji: room.emoji.clone(),
        settings: Some(room.settings).filter(|settings| *settings != RoomSettings::default()),
        permissions: Some(room.permissions.differences(&RoomPermissions::defaults(room.kind, room.visibility)))
            .filter(|overrides| *overrides != RoomPermissionOverrides::default()),
        muted_until: membership.muted_until,
        position: membership.position,
        hidden: membership.hidden,
        members: room.members.clone(),
    };
    let (read_seq, unread) = (membership.read_seq, membership.unread);
    let details = Some(details).filter(|details| *details != Details::default());
    Some((room.id, &room.name, &room.topic, room.head, read_seq, unread, room.member_count, details))
}

fn unpack((id, name, topic, head, read_seq, unread, member_count, details): PackedRoom<String>) -> Room {
    let details = details.unwrap_or_default();
    let membership = Membership {
        role: details.role.unwrap_or(ROLE),
        joined_at: Time(0),
        read_seq,
        unread,
        mentions: details.mentions.unwrap_or_default(),
        uncounted: details.uncounted,
        uncounted_more: details.uncounted_more.unwrap_or_default(),
        notifications: details.notifications.unwrap_or(NOTIFICATIONS),
        favorite: details.favorite,
        mute: details.mute,
        muted_until: details.muted_until,
        position: details.position,
        hidden: details.hidden,
    };
    let (kind, visibility) = (details.kind.unwrap_or(KIND), details.visibility.unwrap_or(VISIBILITY));
    Room {
        id,
        name,
        kind,
        visibility,
        topic,
        description: String::new(),
        emoji: details.emoji,
        settings: details.settings.unwrap_or_default(),
        permissions: RoomPermissions::defaults(kind, visibility).with(&details.permissions.unwrap_or_default()),
        head,
        member_count,
        archived: details.archived,
        fixed_members: details.fixed_members,
        created_at: Time(0),
        members: details.members,
        membership: Some(membership),
    }
}

#[cfg(feature = "ssr")]
mod server {
    use super::{PackedSnapshot, RoomId, Time};
    use crate::{api::request::chat, last_room};
    use protocol::{
        room::{Membership, Room},
        sync::Snapshot,
    };
    use std::{cmp::Reverse, sync::Arc};

    /// Rooms that the server draws beside a page. Most users have fewer; of more, the browser draws the others.
    const DRAWN: usize = 40;

    impl PackedSnapshot {
        /// The snapshot for the page with this path.
        pub fn new(snapshot: Snapshot, path: &str) -> Self {
            let Snapshot { me, mut rooms, blocked, cursor, .. } = snapshot;
            // A browser whose clock is wrong shows the same rooms as muted.
            let now = chat().map_or(Time(0), |chat| chat.now());
            for membership in rooms.iter_mut().filter_map(|room| room.membership.as_mut()) {
                membership.muted_until.take_if(|until| *until <= now);
            }
            let drawn = rooms.len().min(DRAWN);
            if drawn < rooms.len() {
                let open = path.strip_prefix("/rooms/").and_then(|rest| rest.split('/').next()?.parse().ok());
                let recent = last_room::recall();
                rooms.sort_by_cached_key(|room| rank(room, open, &recent));
            }
            Self { me, rooms: Arc::new(rooms), drawn, blocked, cursor }
        }
    }

    /// The room that is open, then those that are not hidden: favorites, unread rooms with mentions before others, those that were open last in this
    /// browser, and those that the user joined last.
    fn rank(room: &Room, open: Option<RoomId>, recent: &[RoomId]) -> impl Ord + use<> {
        let membership = room.membership.as_ref();
        let is = |holds: fn(&Membership) -> bool| membership.is_some_and(holds);
        (
            Reverse((
                open == Some(room.id),
                is(|membership| !membership.hidden),
                is(|membership| membership.favorite),
                is(|membership| membership.mentions > 0),
                is(|membership| membership.unread > 0),
            )),
            recent.iter().position(|id| *id == room.id).unwrap_or(usize::MAX),
            Reverse((membership.map(|membership| membership.joined_at), room.id)),
        )
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::api::Wire;
    use protocol::user::{Presence, Role};

    fn user() -> User {
        User {
            id: UserId(uuid::Uuid::from_u128(1)),
            username: "ada".into(),
            display_name: "Ada".into(),
            avatar_url: None,
            role: Role::Member,
            status: None,
            presence: Presence::Online,
            deactivated: false,
            created_at: Time(0),
            email: None,
            settings: None,
            unread_notifications: None,
        }
    }

    fn room(number: u128, change: impl Fn(&mut Room, &mut Membership)) -> Room {
        let id = RoomId(uuid::Uuid::from_u128(number));
        let mut room = unpack((id, format!("Room {number}"), "Topic".into(), 9, 4, 5, 3, None));
        let mut membership = room.membership.take().unwrap();
        change(&mut room, &mut membership);
        room.membership = Some(membership);
        room
    }

    #[test]
    fn what_lists_show_of_a_room_survives_the_way_to_the_browser() {
        let rooms = vec![
            room(1, |_, _| ()),
            room(2, |room, _| {
                (room.kind, room.visibility) = (RoomKind::Announcement, Visibility::Private);
                room.permissions = RoomPermissions::defaults(room.kind, room.visibility);
            }),
            room(3, |room, _| (room.archived, room.fixed_members, room.topic) = (true, true, String::new())),
            room(4, |_, mine| (mine.role, mine.mentions, mine.favorite) = (RoomRole::Owner, 2, true)),
            room(8, |_, mine| (mine.muted_until, mine.position, mine.hidden) = (Some(Time(1)), Some(0), true)),
            room(9, |room, _| (room.kind, room.members) = (RoomKind::Direct, vec![user().author()])),
            room(5, |_, mine| mine.notifications = NotificationLevel::Mentions),
            room(6, |_, mine| (mine.uncounted, mine.uncounted_more) = (vec![7, 8], 1)),
            room(7, |room, mine| {
                mine.mute = Some(MemberMute { until: Some(Time(7)), reason: "hush".into() });
                (room.emoji, room.settings.slow_mode_seconds) = ("🦁".into(), 9);
                room.permissions.post = RoomRole::Owner;
            }),
        ];
        let cursor = Cursor { epoch: 1, position: 2 };
        let sent = PackedSnapshot { me: user(), rooms: Arc::new(rooms), drawn: 3, blocked: vec![user().id], cursor };
        let json = serde_json::to_string(&sent).unwrap();
        let Wire(received) = serde_json::from_str::<Wire<PackedSnapshot>>(&json).unwrap();
        assert_eq!(received, sent);
        // A common room is a row of values without names.
        assert!(json.contains(r#","Room 1","Topic",9,4,5,3,null]"#), "{json}");
        assert!(json.contains(r#",{"notifications":"mentions"}]"#), "{json}");
    }
}
