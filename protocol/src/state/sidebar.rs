//! The order of a user's rooms in the sidebar, the same on the server and in the browser.

use crate::{
    id::{RoomId, UserId},
    room::Room,
    time::Time,
};

/// The rooms of a sidebar, in its sections from top to bottom. Each room is in one of them; hidden and archived rooms are
/// in none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sidebar {
    /// Favorites.
    pub favorites: Vec<RoomId>,
    /// Rooms with unread messages: first those that mention the user. Muted rooms only if they mention the user.
    pub unread: Vec<RoomId>,
    /// Other rooms with a name.
    pub rooms: Vec<RoomId>,
    /// Other direct and group rooms.
    pub direct: Vec<RoomId>,
}

impl Sidebar {
    /// Arranges the rooms of a user, given in any order. In each section the rooms that the user gave a place come first,
    /// the others follow by title.
    pub fn new<'a>(me: UserId, rooms: impl IntoIterator<Item = &'a Room>, now: Time) -> Self {
        let shown = rooms.into_iter().filter(|room| !room.archived);
        let mut shown: Vec<_> = shown
            .filter_map(|room| Some((room, room.membership.as_ref().filter(|membership| !membership.hidden)?)))
            .collect();
        shown.sort_by_cached_key(|(room, membership)| {
            (membership.position.unwrap_or(i64::MAX), room.title(me).to_lowercase(), room.id)
        });
        let mut sidebar = Self::default();
        let mut mentions = Vec::new();
        for (room, membership) in shown {
            let section = if membership.favorite {
                &mut sidebar.favorites
            } else if membership.mentions > 0 {
                &mut mentions
            } else if membership.unread > 0 && !membership.is_muted(now) {
                &mut sidebar.unread
            } else if room.kind.is_direct() {
                &mut sidebar.direct
            } else {
                &mut sidebar.rooms
            };
            section.push(room.id);
        }
        mentions.append(&mut sidebar.unread);
        sidebar.unread = mentions;
        sidebar
    }

    /// Keeps a room among the unread ones if it was one of them before: while it is open it stays where the user found it.
    pub fn keep_unread(&mut self, room: RoomId, before: &Self) {
        let Some(place) = before.unread.iter().position(|id| *id == room) else { return };
        let sections = [&mut self.rooms, &mut self.direct];
        for section in sections {
            if let Some(found) = section.iter().position(|id| *id == room) {
                section.remove(found);
                self.unread.insert(place.min(self.unread.len()), room);
                return;
            }
        }
    }

    /// All rooms, from top to bottom.
    pub fn iter(&self) -> impl Iterator<Item = RoomId> {
        [&self.favorites, &self.unread, &self.rooms, &self.direct].into_iter().flatten().copied()
    }
}

/// The number beside a room in the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Up to 99; more is 100.
    pub count: i64,
    /// Whether it counts what is for the user: mentions, and messages in direct and group rooms.
    pub for_me: bool,
}

impl Badge {
    /// The badge of a room; a muted room has one only if the user is mentioned in it.
    pub fn of(room: &Room, now: Time) -> Option<Self> {
        let membership = room.membership.as_ref()?;
        let is_direct = room.kind.is_direct();
        let badge = match (membership.mentions, membership.unread) {
            (mentions, _) if mentions > 0 && !is_direct => Self { count: mentions, for_me: true },
            (mentions, unread) if unread > 0 && (mentions > 0 || !membership.is_muted(now)) => {
                Self { count: unread, for_me: is_direct }
            }
            _ => return None,
        };
        Some(badge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        permissions::RoomPermissions,
        room::{Membership, NotificationLevel, RoomKind, RoomRole, RoomSettings, Visibility},
        user::Author,
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Time = Time(1_000);
    const ME: UserId = UserId(Uuid::from_u128(1));

    fn author(n: u128, display_name: String) -> Author {
        Author { id: UserId(Uuid::from_u128(n)), username: format!("user{n}"), display_name, avatar_url: None }
    }

    fn any_room() -> impl Strategy<Value = Room> {
        let kind = prop_oneof![Just(RoomKind::Channel), Just(RoomKind::Direct), Just(RoomKind::Group)];
        let place = (any::<bool>(), prop_oneof![Just(None), (0..4_i64).prop_map(Some)]);
        let state = (0..3_i64, 0..2_i64, prop_oneof![Just(None), Just(Some(Time(2_000))), Just(Some(Time(500)))]);
        (kind, "[a-cA-C]{1,2}", place, state, 0..8_u8).prop_map(|(kind, name, (favorite, position), state, rare)| {
            let (unread, mentions, muted_until) = state;
            let level = if rare == 1 { NotificationLevel::None } else { NotificationLevel::All };
            let membership = Membership {
                unread,
                mentions,
                notifications: level,
                favorite,
                muted_until,
                position,
                hidden: rare == 2,
                ..Membership::joined(RoomRole::Member, Time(0), 0)
            };
            Room {
                id: RoomId(Uuid::nil()),
                members: if kind.is_direct() { vec![author(1, "Me".into()), author(2, name.clone())] } else { vec![] },
                name: if kind.is_direct() { String::new() } else { name },
                kind,
                visibility: Visibility::Private,
                topic: String::new(),
                description: String::new(),
                emoji: String::new(),
                settings: RoomSettings::default(),
                permissions: RoomPermissions::defaults(kind, Visibility::Private),
                head: unread,
                member_count: 2,
                archived: rare == 3,
                fixed_members: false,
                created_at: Time(0),
                membership: Some(membership),
            }
        })
    }

    fn any_rooms() -> impl Strategy<Value = Vec<Room>> {
        let numbered = |rooms: Vec<Room>| {
            (100..).zip(rooms).map(|(n, room)| Room { id: RoomId(Uuid::from_u128(n)), ..room }).collect()
        };
        prop::collection::vec(any_room(), 0..12).prop_map(numbered)
    }

    proptest! {
        #[test]
        fn the_order_of_the_input_does_not_matter(
            (rooms, shuffled) in any_rooms().prop_flat_map(|rooms| (Just(rooms.clone()), Just(rooms).prop_shuffle()))
        ) {
            prop_assert_eq!(Sidebar::new(ME, &rooms, NOW), Sidebar::new(ME, &shuffled, NOW));
        }

        #[test]
        fn each_shown_room_is_in_the_section_that_it_belongs_to(rooms in any_rooms()) {
            let sidebar = Sidebar::new(ME, &rooms, NOW);
            let listed: Vec<_> = sidebar.iter().collect();
            for room in &rooms {
                let own = room.membership.as_ref().unwrap();
                let is_shown = !own.hidden && !room.archived;
                prop_assert_eq!(listed.iter().filter(|id| **id == room.id).count(), usize::from(is_shown));
                let muted = own.notifications == NotificationLevel::None || own.muted_until == Some(Time(2_000));
                let unread = !own.favorite && (own.mentions > 0 || own.unread > 0 && !muted);
                let is_in = |section: &[RoomId]| section.contains(&room.id);
                prop_assert_eq!(is_in(&sidebar.favorites), is_shown && own.favorite);
                prop_assert_eq!(is_in(&sidebar.unread), is_shown && unread);
                prop_assert_eq!(is_in(&sidebar.direct), is_shown && !own.favorite && !unread && room.kind.is_direct());
            }
            // Rooms with a place first, then by title; those that mention the user before other unread ones.
            let find = |id: &RoomId| rooms.iter().find(|room| room.id == *id).unwrap();
            let key = |id: &RoomId| {
                let own = find(id).membership.as_ref().unwrap();
                (own.position.is_none(), own.position, find(id).title(ME).to_lowercase(), *id)
            };
            for section in [&sidebar.favorites, &sidebar.rooms, &sidebar.direct] {
                prop_assert!(section.is_sorted_by_key(key));
            }
            let mentioned = |id: &RoomId| find(id).membership.as_ref().unwrap().mentions == 0;
            prop_assert!(sidebar.unread.is_sorted_by_key(|id| (mentioned(id), key(id))));
        }
    }
}
