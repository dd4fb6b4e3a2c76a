//! The reducers under events that are repeated, out of order or lost: what a client shows may be behind, but it never
//! goes back.

mod window;

use crate::{
    cursor::Cursor,
    event::{Block, Change, Event, MemberChange, MessagesPurged, ReadMarker},
    id::{ClientId, MessageId, RoomId, UserId},
    message::{History, Message, MessageKind, Thread},
    notification::Notification,
    permissions::RoomPermissions,
    room::{
        DeletedRoom, Member, MemberMute, Membership, Room, RoomKind, RoomOrder, RoomPosition, RoomRole, RoomSettings,
        Visibility,
    },
    settings::Settings,
    state::{room_list::RoomList, room_state::RoomState},
    time::Time,
    user::{Author, Presence, Role, User},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const ROOM: RoomId = RoomId(Uuid::from_u128(1));
const OTHER_ROOM: RoomId = RoomId(Uuid::from_u128(2));
const ME: UserId = UserId(Uuid::from_u128(10));
const OTHER: UserId = UserId(Uuid::from_u128(11));
/// Messages that exist when the client takes its page of history.
const LOADED: i64 = 3;

fn event(change: Change) -> Event {
    Event { room_id: change.room_id(), change, cursor: Cursor { epoch: 1, position: 1 }, at: Time(0) }
}

fn author(id: UserId) -> Author {
    Author { id, username: "ada".into(), display_name: "Ada".into(), avatar_url: None }
}

fn message(seq: i64, version: i64) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(100 + u128::try_from(seq).unwrap())),
        room_id: ROOM,
        seq,
        kind: MessageKind::Text,
        author: author(OTHER),
        subject: None,
        body: format!("message {seq}, version {version}"),
        html: String::new(),
        client_id: ClientId(seq.to_string()),
        parent_id: None,
        sent_at: Time(seq),
        edited_at: None,
        deleted: false,
        version,
        reactions: Vec::new(),
        attachments: Vec::new(),
        mentions: Vec::new(),
        thread: Thread::default(),
    }
}

fn user(id: UserId, display_name: &str) -> User {
    User {
        id,
        username: "ada".into(),
        display_name: display_name.into(),
        avatar_url: None,
        role: Role::Member,
        status: None,
        presence: Presence::Offline,
        created_at: Time(0),
        deactivated: false,
        email: None,
        settings: None,
        unread_notifications: None,
    }
}

fn room(id: RoomId) -> Room {
    Room {
        id,
        name: "den".into(),
        kind: RoomKind::Channel,
        visibility: Visibility::Public,
        topic: String::new(),
        description: String::new(),
        emoji: String::new(),
        settings: RoomSettings::default(),
        permissions: RoomPermissions::defaults(RoomKind::Channel, Visibility::Public),
        head: LOADED,
        member_count: 2,
        archived: false,
        fixed_members: false,
        created_at: Time(0),
        members: Vec::new(),
        membership: None,
    }
}

fn membership(read_seq: i64) -> Membership {
    let mut membership = Membership::joined(RoomRole::Member, Time(0), read_seq);
    membership.count(LOADED);
    membership
}

fn member_change(user: UserId, role: RoomRole, member_count: i64) -> MemberChange {
    let member =
        Member { room_id: ROOM, user: author(user), role, joined_at: Time(0), joined_seq: LOADED, hidden_until_seq: 0 };
    MemberChange { member, room: Room { member_count, ..room(ROOM) } }
}

fn room_state() -> RoomState {
    let items = (1..=LOADED).map(|seq| message(seq, 1)).collect();
    RoomState::new(ROOM, History { items, next_cursor: None, older: false, newer: false })
}

fn room_list() -> RoomList {
    let joined = Room { membership: Some(membership(0)), ..room(ROOM) };
    RoomList::of(ME, vec![joined], Vec::new())
}

fn read_seq(list: &RoomList) -> i64 {
    list.room(ROOM).unwrap().membership.as_ref().unwrap().read_seq
}

/// Any event about a few messages of the room, in any order and any number.
fn any_event() -> impl Strategy<Value = Event> {
    let message = (1..9_i64, 1..4_i64, 0..3_u8).prop_map(|(seq, version, kind)| match kind {
        0 => Change::MessageCreated(message(seq, version)),
        1 => Change::MessageUpdated(message(seq, version)),
        _ => Change::MessageDeleted(Message { deleted: true, body: String::new(), ..message(seq, version) }),
    });
    let purge = (0..9_i64).prop_map(|before_seq| Change::MessagesPurged(MessagesPurged { room_id: ROOM, before_seq }));
    let excluded = prop::collection::vec(0..12_i64, 0..4);
    let read = (0..9_i64, excluded)
        .prop_map(|(read_seq, excluded)| Change::ReadUpdated(ReadMarker::new(ROOM, LOADED, read_seq, excluded)));
    prop_oneof![8 => message, 1 => purge, 2 => read].prop_map(event)
}

fn versions(state: &RoomState) -> BTreeMap<i64, i64> {
    state.messages.iter().map(|message| (message.seq, message.version)).collect()
}

proptest! {
    #[test]
    fn a_room_has_no_gap_and_no_message_goes_back(events in prop::collection::vec(any_event(), 0..40)) {
        let mut state = room_state();
        for event in &events {
            let (before, newer) = (versions(&state), state.newer);
            state.apply(event);
            let after = versions(&state);
            for (message, seq) in state.messages.iter().zip(state.messages.first().map_or(1, |first| first.seq)..) {
                prop_assert_eq!(message.seq, seq, "in order, without a gap");
            }
            if let Change::MessagesPurged(purged) = &event.change {
                prop_assert!(after.keys().eq(before.keys().filter(|seq| **seq >= purged.before_seq)));
                continue;
            }
            let (first_before, first) = (before.keys().next(), after.keys().next());
            prop_assert!(first_before.is_none() || first == first_before, "only a purge changes the start");
            for (seq, version) in &before {
                prop_assert!(after.get(seq) >= Some(version), "message {} went back", seq);
            }
            prop_assert!(state.newer >= newer && (after.len() == before.len() || !newer), "a gap stays until it is loaded");
            if let Change::MessageUpdated(changed) | Change::MessageDeleted(changed) = &event.change
                && before.get(&changed.seq).is_some_and(|version| *version <= changed.version)
            {
                prop_assert_eq!(state.find(changed.id), Some(changed));
            }
        }
    }

    #[test]
    fn unread_counts_follow_what_was_seen_and_read(events in prop::collection::vec(any_event(), 0..40)) {
        let (mut list, mut head, mut read, mut excluded) = (room_list(), LOADED, 0, BTreeSet::new());
        for event in &events {
            // Applied again, it changes nothing.
            list.apply(event);
            list.apply(event);
            match &event.change {
                Change::MessageCreated(message) => head = head.max(message.seq),
                Change::MessageDeleted(message) => _ = excluded.insert(message.seq),
                Change::MessagesPurged(purged) => {
                    head = head.max(purged.before_seq - 1);
                    read = read.max(purged.before_seq - 1);
                }
                Change::ReadUpdated(marker) => {
                    read = marker.read_seq;
                    excluded = marker.uncounted.iter().copied().collect();
                }
                _ => {}
            }
            let room = list.room(ROOM).unwrap();
            let unread = room.membership.as_ref().unwrap().unread;
            let expected = (read + 1..=head).filter(|seq| !excluded.contains(seq)).count();
            prop_assert_eq!((room.head, read_seq(&list), unread), (head, read, i64::try_from(expected).unwrap()));
        }
    }
}

#[test]
fn a_message_after_a_gap_is_left_to_be_loaded() {
    let mut state = room_state();
    state.apply(&event(Change::MessageCreated(message(LOADED + 2, 1))));
    assert_eq!((state.messages.len(), state.newer), (3, true));
    let mut other = room_state();
    let same_seq = Message { id: MessageId(Uuid::from_u128(999)), ..message(LOADED, 1) };
    other.apply(&event(Change::MessageCreated(same_seq)));
    assert_eq!(other, room_state(), "a message with a known number leaves no gap");
    state.append(History {
        items: vec![message(LOADED, 1), message(LOADED + 1, 1), message(LOADED + 2, 1)],
        next_cursor: None,
        older: true,
        newer: false,
    });
    state.apply(&event(Change::MessageCreated(message(LOADED + 3, 1))));
    assert_eq!((state.messages.len(), state.newer, state.older), (6, false, false));
}

#[test]
fn a_purge_leaves_nothing_older_to_load() {
    let purge = |before_seq| event(Change::MessagesPurged(MessagesPurged { room_id: ROOM, before_seq }));
    let seqs = |state: &RoomState| state.messages.iter().map(|message| message.seq).collect::<Vec<_>>();
    let full = RoomState { older: true, ..room_state() };
    for (before_seq, kept, older) in
        [(0, &[1, 2, 3][..], true), (1, &[1, 2, 3], false), (3, &[3], false), (4, &[], false), (9, &[], false)]
    {
        let mut state = full.clone();
        state.apply(&purge(before_seq));
        assert_eq!((seqs(&state), state.older, state.newer), (kept.to_vec(), older, false), "before {before_seq}");
    }
    // Some older messages than those loaded are left.
    let mut state = full.clone();
    state.messages.remove(0);
    state.apply(&purge(1));
    assert_eq!((seqs(&state), state.older), (vec![2, 3], true));
    let mut other = full.clone();
    other.apply(&event(Change::MessagesPurged(MessagesPurged { room_id: OTHER_ROOM, before_seq: 9 })));
    assert_eq!(other, full);
    // The next message follows at once.
    let mut empty = full;
    empty.apply(&purge(4));
    empty.apply(&event(Change::MessageCreated(message(4, 1))));
    assert_eq!((seqs(&empty), empty.newer), (vec![4], false));
}

#[test]
fn a_message_of_another_room_changes_nothing() {
    let mut state = room_state();
    state.apply(&event(Change::MessageCreated(Message { room_id: OTHER_ROOM, ..message(LOADED + 1, 1) })));
    assert_eq!(state, room_state());
}

#[test]
fn an_older_page_is_put_before_the_range_once() {
    let mut state = room_state();
    let page = |items| History { items, next_cursor: None, older: true, newer: true };
    state.messages.remove(0);
    state.prepend(page(vec![message(1, 1), message(2, 1)]));
    assert_eq!(versions(&state).into_keys().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((state.messages.len(), state.older, state.newer), (3, true, false));
    // Into an empty range, all of a page.
    let mut empty = RoomState::new(ROOM, page(Vec::new()));
    empty.prepend(page(vec![message(1, 1)]));
    assert_eq!(empty.messages.len(), 1);
    let mut empty = RoomState::new(ROOM, page(Vec::new()));
    empty.append(page(vec![message(1, 1)]));
    assert_eq!(empty.messages.len(), 1);
}

#[test]
fn a_renamed_user_is_renamed_in_their_messages_only() {
    let mut state = room_state();
    state.messages[1].author = author(ME);
    state.apply(&event(Change::UserUpdated(user(OTHER, "Ada Lovelace"))));
    let names: Vec<_> = state.messages.iter().map(|message| message.author.display_name.as_str()).collect();
    assert_eq!(names, ["Ada Lovelace", "Ada", "Ada Lovelace"]);
}

#[test]
fn ones_own_message_is_read_and_others_are_not() {
    let mut list = room_list();
    list.apply(&event(Change::MessageCreated(message(LOADED + 1, 1))));
    assert_eq!(read_seq(&list), 0);
    list.apply(&event(Change::MessageCreated(Message { author: author(ME), ..message(LOADED + 2, 1) })));
    assert_eq!((read_seq(&list), list.room(ROOM).unwrap().membership.as_ref().unwrap().unread), (LOADED + 2, 0));
}

#[test]
fn deleted_messages_and_those_of_blocked_users_are_not_unread() {
    let mut list = room_list();
    let unread = |list: &RoomList| list.room(ROOM).unwrap().membership.as_ref().unwrap().unread;
    let blocked = UserId(Uuid::from_u128(12));
    list.apply(&event(Change::BlockAdded(Block { user_id: blocked })));
    list.apply(&event(Change::MessageCreated(Message { author: author(blocked), ..message(4, 1) })));
    assert_eq!(unread(&list), 3, "a message of a blocked user");
    // Nor is room activity, and one's own reads nothing.
    let line = Message { kind: MessageKind::Joined, ..message(4, 1) };
    let mut other = room_list();
    other.apply(&event(Change::MessageCreated(line.clone())));
    other.apply(&event(Change::MessageCreated(Message { author: author(ME), seq: 5, ..line })));
    assert_eq!((read_seq(&other), other.room(ROOM).unwrap().head, unread(&other)), (0, 5, 3));
    // Resuming tells a message that is deleted already, and then its deletion.
    let deleted = Message { deleted: true, ..message(5, 2) };
    list.apply(&event(Change::MessageCreated(deleted.clone())));
    assert_eq!((list.room(ROOM).unwrap().head, unread(&list)), (5, 3));
    list.apply(&event(Change::MessageDeleted(deleted)));
    assert_eq!(unread(&list), 3);
    list.apply(&event(Change::MessageDeleted(Message { deleted: true, ..message(1, 2) })));
    assert_eq!(unread(&list), 2);
    list.mark_read(ROOM, 2);
    assert_eq!((read_seq(&list), unread(&list)), (2, 1));
    list.mark_read(ROOM, 1);
    assert_eq!(read_seq(&list), 2, "reading moves only forward");
    // Marked unread on another device.
    list.apply(&event(Change::ReadUpdated(ReadMarker::new(ROOM, 5, 0, [1, 4, 5]))));
    assert_eq!((read_seq(&list), unread(&list)), (0, 2));
}

#[test]
fn rooms_come_and_go_with_the_users_own_membership() {
    let mut list = room_list();
    let (member, owner) = (RoomRole::Member, RoomRole::Owner);
    list.apply(&event(Change::MemberLeft(member_change(OTHER, member, 1))));
    assert_eq!(list.room(ROOM).unwrap().member_count, 1, "another member");
    list.apply(&event(Change::MemberUpdated(member_change(OTHER, owner, 9))));
    assert_eq!(list.room(ROOM).unwrap().membership.as_ref().unwrap().role, member);
    list.apply(&event(Change::MemberUpdated(member_change(ME, owner, 9))));
    assert_eq!(list.room(ROOM).unwrap().membership.as_ref().unwrap().role, owner);
    list.apply(&event(Change::MemberJoined(member_change(OTHER, member, 2))));
    assert_eq!((list.rooms.len(), list.room(ROOM).unwrap().member_count), (1, 2));
    list.apply(&event(Change::MemberLeft(member_change(ME, member, 1))));
    assert_eq!(list.room(ROOM), None);
    let mut joined = member_change(ME, member, 2);
    joined.member.joined_seq = 1;
    for _ in 0..2 {
        list.apply(&event(Change::MemberJoined(joined.clone())));
        let unread = list.room(ROOM).unwrap().membership.as_ref().unwrap().unread;
        assert_eq!((list.rooms.len(), read_seq(&list), unread), (1, 1, LOADED - 1));
    }
    let other = Room { name: "Attic".into(), ..room(OTHER_ROOM) };
    let joined = MemberChange { room: other, ..member_change(ME, member, 2) };
    list.apply(&event(Change::MemberJoined(joined)));
    let names: Vec<_> = list.rooms.iter().map(|room| room.name.as_str()).collect();
    assert_eq!(names, ["Attic", "den"], "sorted by name, whatever the case");
}

#[test]
fn a_direct_room_is_hidden_until_a_new_message() {
    let mut list = room_list();
    let direct = Room { kind: RoomKind::Direct, name: String::new(), head: 0, ..room(OTHER_ROOM) };
    let member = Member { room_id: OTHER_ROOM, joined_seq: 0, ..member_change(ME, RoomRole::Member, 2).member };
    list.apply(&event(Change::MemberJoined(MemberChange { member, room: direct.clone() })));
    let hidden = |list: &RoomList| list.room(OTHER_ROOM).unwrap().membership.as_ref().unwrap().hidden;
    assert!(hidden(&list), "nobody has written in it");
    let sent = |seq| event(Change::MessageCreated(Message { room_id: OTHER_ROOM, ..message(seq, 1) }));
    list.apply(&sent(1));
    assert!(!hidden(&list));
    let own = Membership { hidden: true, favorite: true, read_seq: 0, ..membership(0) };
    let left = event(Change::RoomUpdated(Room { head: 1, membership: Some(own), ..direct.clone() }));
    for _ in 0..2 {
        list.apply(&left);
        // A message that the list has already.
        list.apply(&sent(1));
        assert!(hidden(&list) && list.shown().count() == 1);
    }
    list.apply(&sent(2));
    let shown = list.room(OTHER_ROOM).unwrap().membership.clone().unwrap();
    assert_eq!((shown.hidden, shown.favorite, shown.unread), (false, true, 2));
}

#[test]
fn an_update_for_everyone_leaves_how_a_user_sees_a_room() {
    let mut list = room_list();
    let own = Membership { favorite: true, position: Some(1), ..membership(2) };
    list.apply(&event(Change::RoomUpdated(Room { membership: Some(own), ..room(ROOM) })));
    let before = list.room(ROOM).unwrap().clone();
    assert_eq!(
        (read_seq(&list), before.membership.as_ref().unwrap().favorite),
        (2, true),
        "the membership is as the event has it"
    );
    list.apply(&event(Change::RoomUpdated(Room { topic: "new".into(), head: 0, ..room(ROOM) })));
    assert_eq!(list.room(ROOM), Some(&Room { topic: "new".into(), ..before }));
    // Neither adds a room.
    list.apply(&event(Change::RoomUpdated(room(OTHER_ROOM))));
    assert_eq!(list.rooms.len(), 1);
    let joined = Room { name: "Attic".into(), membership: Some(membership(0)), ..room(OTHER_ROOM) };
    list.apply(&event(Change::RoomUpdated(joined)));
    assert_eq!(list.rooms.iter().map(|room| room.name.as_str()).collect::<Vec<_>>(), ["Attic", "den"]);
    list.apply(&event(Change::RoomUpdated(Room { name: "Aa".into(), ..room(ROOM) })));
    assert_eq!(list.rooms.iter().map(|room| room.name.as_str()).collect::<Vec<_>>(), ["Aa", "Attic"]);
    assert_eq!(list.room(OTHER_ROOM).unwrap().name, "Attic");
    // An order replaces the one before.
    let order = |rooms: &[RoomId]| {
        let rooms = rooms.iter().zip([3, 7]).map(|(id, position)| RoomPosition { room_id: *id, position }).collect();
        event(Change::RoomsOrdered(RoomOrder { rooms }))
    };
    let positions =
        |list: &RoomList| [ROOM, OTHER_ROOM].map(|id| list.room(id).unwrap().membership.as_ref().unwrap().position);
    list.apply(&order(&[OTHER_ROOM, ROOM]));
    assert_eq!(positions(&list), [Some(7), Some(3)]);
    list.apply(&order(&[ROOM]));
    assert_eq!(positions(&list), [Some(3), None]);
}

#[test]
fn members_of_direct_rooms_are_renamed() {
    let mut list = room_list();
    let members = vec![author(ME), author(OTHER)];
    let direct = Room { kind: RoomKind::Direct, members, membership: Some(membership(0)), ..room(OTHER_ROOM) };
    list.apply(&event(Change::RoomUpdated(direct)));
    list.apply(&event(Change::UserUpdated(user(OTHER, "Mara"))));
    assert_eq!(list.room(OTHER_ROOM).unwrap().title(ME), "Mara");
    assert_eq!(list.room(OTHER_ROOM).unwrap().title(OTHER), "Ada");
}

#[test]
fn blocks_are_kept_in_order_and_once() {
    let mut list = room_list();
    let block = |user_id| Block { user_id };
    for user in [OTHER, ME, OTHER] {
        list.apply(&event(Change::BlockAdded(block(user))));
    }
    assert_eq!(list.blocked, [ME, OTHER]);
    list.apply(&event(Change::BlockRemoved(block(ME))));
    assert_eq!(list.blocked, [OTHER]);
}

#[test]
fn a_user_keeps_what_only_they_see() {
    let own = User {
        email: Some("ada@example.org".into()),
        settings: Some(Settings::default()),
        unread_notifications: Some(1),
        ..user(ME, "Ada")
    };
    let mut me = own.clone();
    me.apply(&event(Change::UserUpdated(user(OTHER, "Mara"))));
    assert_eq!(me, own, "another user");
    me.apply(&event(Change::UserUpdated(user(ME, "Ada Lovelace"))));
    assert_eq!(me, User { display_name: "Ada Lovelace".into(), ..own.clone() });
    let new = User { email: None, unread_notifications: Some(7), ..own };
    me.apply(&event(Change::UserUpdated(new.clone())));
    assert_eq!(me, new, "with private data, all of it is new");
    let notification: Notification = serde_json::from_value(serde_json::json!({
        "id": Uuid::nil(), "kind": "reactivated", "data": {}, "text": "Back.", "link": null,
        "created_at": "2026-11-19T09:02:03.004Z", "read_at": null, "unread_notifications": 8
    }))
    .unwrap();
    me.apply(&event(Change::NotificationCreated(notification)));
    assert_eq!(me.unread_notifications, Some(8));
}

#[test]
fn a_changed_room_keeps_what_is_the_readers_own_and_takes_its_place_in_the_list() {
    let mut list = room_list();
    list.apply(&event(Change::ReadUpdated(ReadMarker::new(ROOM, LOADED, 2, []))));
    let settings = RoomSettings { slow_mode_seconds: 5, ..RoomSettings::default() };
    // Read a moment before the newest message arrived.
    let changed = Room { name: "Attic".into(), settings, archived: true, head: 1, ..room(ROOM) };
    list.apply(&event(Change::RoomUpdated(changed.clone())));
    let found = list.room(ROOM).unwrap();
    assert_eq!((found.name.as_str(), found.settings, found.archived, found.head), ("Attic", settings, true, LOADED));
    assert_eq!(found.membership.as_ref().map(|own| (own.read_seq, own.unread)), Some((2, 1)));
    // One's own membership comes to oneself alone.
    let mute = Some(MemberMute { until: Some(Time(9)), reason: "hush".into() });
    let own = Membership { role: RoomRole::Moderator, mute: mute.clone(), ..membership(3) };
    list.apply(&event(Change::RoomUpdated(Room { membership: Some(own), ..changed })));
    let found = list.room(ROOM).and_then(|room| room.membership.clone()).unwrap();
    assert_eq!((found.role, found.mute, found.unread), (RoomRole::Moderator, mute, 0));
    // A room that the user is not in does not appear by it.
    list.apply(&event(Change::RoomUpdated(room(OTHER_ROOM))));
    assert_eq!(list.rooms.len(), 1);
}

#[test]
fn a_deleted_room_leaves_the_list() {
    let mut list = room_list();
    list.apply(&event(Change::RoomDeleted(DeletedRoom { room_id: OTHER_ROOM })));
    assert_eq!(list.rooms.len(), 1);
    list.apply(&event(Change::RoomDeleted(DeletedRoom { room_id: ROOM })));
    assert!(list.rooms.is_empty() && list.room(ROOM).is_none());
}
