//! Archiving, restoring and deleting rooms.

use crate::{
    harness::{TestApp, message_command},
    room_settings::{code, events_since, room_with_every_role, topic},
};
use protocol::{
    command::{AddMembers, EditMessage, HistoryRange, InviteToRoom, MarkRead, RoomFilter},
    error::Code,
    event::Change,
    page::PageQuery,
    permissions::RoomPermissionOverrides,
    port::prelude::*,
    room::Visibility,
    session::Caller,
};

on_both_databases! {
    an_archived_room_is_only_read
    a_deleted_room_is_gone_for_everyone
    members_who_were_away_hear_that_a_room_was_deleted
}

fn page() -> PageQuery {
    PageQuery { limit: 200, cursor: None }
}

async fn an_archived_room_is_only_read(app: TestApp) {
    let ada = app.create_user("ada").await;
    for of in [Visibility::Private, Visibility::Public] {
        let (room, users) = room_with_every_role(&app, &ada, of).await;
        let [owner, moderator, member, _, stranger] = &users;
        let message = app.send_message(member, room, "kept").await;
        let unseen = if of == Visibility::Private { Code::NotFound } else { Code::Forbidden };
        for (user, refusal) in [(moderator, Code::Forbidden), (member, Code::Forbidden), (stranger, unseen)] {
            assert_eq!(code(app.service.archive_room(user, room).await), Err(refusal));
        }
        assert!(app.service.archive_room(owner, room).await.unwrap().archived);
        assert!(app.service.archive_room(owner, room).await.unwrap().archived);
        let edit = EditMessage { body: "changed".into() };
        let invite = InviteToRoom { user_id: stranger.user_id, expires_in: None };
        let add = AddMembers { user_ids: vec![stranger.user_id] };
        for refused in [
            code(app.service.send_message(owner, room, message_command(&app.clock, "hi")).await),
            code(app.service.edit_message(member, message.id, edit).await),
            code(app.service.delete_message(member, message.id).await),
            code(app.service.update_room(owner, room, topic("x")).await),
            code(app.service.set_room_permissions(owner, room, RoomPermissionOverrides::default()).await),
            code(app.service.add_members(owner, room, add).await),
            code(app.service.create_room_invitation(owner, room, invite).await),
        ] {
            assert_eq!(refused, Err(Code::RoomArchived));
        }
        if of == Visibility::Public {
            assert_eq!(code(app.service.join_room(stranger, room).await), Err(Code::RoomArchived));
        }
        let listed = async |user: &Caller, filter| {
            let rooms = app.service.list_rooms(user, filter, page()).await.unwrap().items;
            rooms.iter().any(|listed| listed.id == room)
        };
        assert_eq!(
            [
                listed(member, RoomFilter::Visible).await,
                listed(stranger, RoomFilter::Joinable).await,
                listed(member, RoomFilter::Archived).await,
                listed(stranger, RoomFilter::Archived).await,
            ],
            [false, false, true, of == Visibility::Public]
        );
        let history = app.service.list_messages(member, room, HistoryRange::Latest, 50).await.unwrap();
        let texts: Vec<_> = history.items.into_iter().filter(|message| message.kind.is_text()).collect();
        assert_eq!(texts, std::slice::from_ref(&message));
        app.service.mark_read(owner, room, MarkRead { message_id: message.id }).await.unwrap();
        app.service.leave_room(member, room).await.unwrap();
        assert_eq!(code(app.service.restore_room(moderator, room).await), Err(Code::Forbidden));
        // An administrator sees a public room without being in it.
        let by = if of == Visibility::Public { &ada } else { owner };
        assert!(!app.service.restore_room(by, room).await.unwrap().archived);
        app.send_message(owner, room, "again").await;
        assert!(listed(owner, RoomFilter::Visible).await);
    }
}

async fn a_deleted_room_is_gone_for_everyone(app: TestApp) {
    let ada = app.create_user("ada").await;
    for of in [Visibility::Private, Visibility::Public] {
        let (room, users) = room_with_every_role(&app, &ada, of).await;
        let [owner, moderator, member, _, stranger] = &users;
        let message = app.send_message(member, room, "secret words").await;
        let invite = InviteToRoom { user_id: stranger.user_id, expires_in: None };
        let invitation = app.service.create_room_invitation(owner, room, invite).await.unwrap().value.id;
        let cursor = app.service.get_snapshot(owner).await.unwrap().cursor;
        app.service.update_room(owner, room, topic("secret topic")).await.unwrap();
        app.service.remove_member(owner, room, member.user_id).await.unwrap();
        for user in [moderator, member] {
            assert_ne!(code(app.service.delete_room(user, room).await), Ok(()));
        }
        let by = if of == Visibility::Public { &ada } else { owner };
        app.service.delete_room(by, room).await.unwrap();
        for user in [owner, moderator, member, &ada] {
            let edit = EditMessage { body: "changed".into() };
            for outcome in [
                code(app.service.get_room(user, room).await),
                code(app.service.list_messages(user, room, HistoryRange::Latest, 50).await),
                code(app.service.list_messages(user, room, HistoryRange::Around(message.id), 50).await),
                code(app.service.get_message(user, message.id).await),
                code(app.service.edit_message(user, message.id, edit).await),
                code(app.service.delete_message(user, message.id).await),
                code(app.service.send_message(user, room, message_command(&app.clock, "hi")).await),
                code(app.service.list_members(user, room, page()).await),
                code(app.service.join_room(user, room).await),
                code(app.service.restore_room(user, room).await),
                code(app.service.delete_room(user, room).await),
                code(app.service.get_room_permissions(user, room).await),
                code(app.service.restore_member(user, room, user.user_id).await),
                code(app.service.restore_member(user, room, member.user_id).await),
            ] {
                assert_eq!(outcome, Err(Code::NotFound));
            }
            for filter in [RoomFilter::Visible, RoomFilter::Mine, RoomFilter::Joinable, RoomFilter::Archived] {
                let rooms = app.service.list_rooms(user, filter, page()).await.unwrap().items;
                assert!(rooms.iter().all(|listed| listed.id != room));
            }
            assert!(app.service.get_snapshot(user).await.unwrap().rooms.iter().all(|listed| listed.id != room));
        }
        assert_eq!(code(app.service.accept_invitation(stranger, invitation).await), Err(Code::NotFound));
        for user in [owner, moderator, member] {
            let events = serde_json::to_string(&events_since(&app, user, cursor).await).unwrap();
            assert!(!events.contains("secret"), "{events}");
        }
    }
    assert_eq!(app.count("select count(*) from rooms where name <> '' and deleted_at is not null").await, 0);
    // Their messages are deleted an hour later.
    app.clock.advance(60 * 60 * 1000 + 1_000);
    let _restarted = app.start_node().await;
    let left = "select count(*) from messages m join rooms r on r.id = m.room_id where r.deleted_at is not null";
    while app.count(left).await > 0 {
        tokio::task::yield_now().await;
    }
}

async fn members_who_were_away_hear_that_a_room_was_deleted(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (room, users) = room_with_every_role(&app, &ada, Visibility::Private).await;
    let [owner, moderator, member, _, stranger] = &users;
    app.service.remove_member(owner, room, member.user_id).await.unwrap();
    let cursor = app.service.get_snapshot(owner).await.unwrap().cursor;
    let mut live = app.service.subscribe(moderator, None).await.unwrap();
    app.service.delete_room(owner, room).await.unwrap();
    let deletions = async |user| {
        let events = events_since(&app, user, cursor).await;
        events
            .iter()
            .filter(|event| matches!(&event.change, Change::RoomDeleted(deleted) if deleted.room_id == room))
            .count()
    };
    // Who had left, or was never there, hears nothing.
    for (user, count) in [(owner, 1), (moderator, 1), (member, 0), (stranger, 0)] {
        assert_eq!(deletions(user).await, count);
    }
    let mut frames = Vec::new();
    while !crate::harness::texts(&frames).iter().any(|text| text.contains("room.deleted")) {
        live.next(&mut frames).await.unwrap();
    }
}
