use crate::harness::{PASSWORD, TestApp};
use protocol::{
    command::{AddMembers, Deactivate, MarkRead},
    error::Code,
    event::{Change, Event},
    id::UserId,
    message::MessageKind,
    page::PageQuery,
    port::prelude::*,
    room::{RefusedMember, Visibility},
};

on_both_databases! {
    only_the_owner_of_a_private_room_adds_and_removes_members
    administrators_are_plain_members_of_private_rooms
    adding_many_members_reports_an_outcome_for_each
    members_are_listed_by_name
    the_read_marker_only_moves_forward
    sending_a_message_marks_the_room_read
}

async fn only_the_owner_of_a_private_room_adds_and_removes_members(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    for _ in 0..2 {
        let outcome = app.add_member(&ada, den, &mara).await.unwrap();
        assert!(outcome.added[0].is(mara.user_id) && outcome.refused.is_empty(), "{outcome:?}");
        assert_eq!(app.service.get_room(&ada, den).await.unwrap().member_count, 2);
    }
    assert_eq!(app.add_member(&mara, den, &yuki).await.unwrap_err().code, Code::Forbidden);
    // A deactivated user is not found either, whether they were a member of the room or not.
    let tomas = app.create_user("tomas").await;
    app.add_member(&ada, den, &tomas).await.unwrap();
    for user in [&yuki, &tomas] {
        app.service.deactivate_user(user, Deactivate { password: PASSWORD.into() }).await.unwrap();
        assert_eq!(app.add_member(&ada, den, user).await.unwrap().refused[0].code, Code::NotFound);
    }
    assert_eq!(app.service.remove_member(&mara, den, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    app.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(app.service.remove_member(&ada, den, mara.user_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(app.service.get_room(&mara, den).await.unwrap_err().code, Code::NotFound);
}

async fn administrators_are_plain_members_of_private_rooms(app: TestApp) {
    // The first user is an administrator.
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    for (visibility, allowed) in [(Visibility::Private, false), (Visibility::Public, true)] {
        let den = app.create_room(&mara, &format!("den {visibility:?}"), visibility).await.id;
        for user in [&ada, &yuki] {
            app.add_member(&mara, den, user).await.unwrap();
        }
        let message = app.send_message(&yuki, den, "hello").await;
        let outcomes = [
            app.service.delete_message(&ada, message.id).await.map(|_| ()),
            app.service.remove_member(&ada, den, yuki.user_id).await,
            app.add_member(&ada, den, &yuki).await.map(|_| ()),
        ];
        for outcome in outcomes {
            assert_eq!(outcome.map_err(|error| error.code), if allowed { Ok(()) } else { Err(Code::Forbidden) });
        }
    }
}

async fn adding_many_members_reports_an_outcome_for_each(app: TestApp) {
    let ada = app.create_user("ada").await;
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let (existing, new, left, removed) = (
        app.create_user("stays").await,
        app.create_user("new").await,
        app.create_user("left").await,
        app.create_user("removed").await,
    );
    for member in [&existing, &left, &removed] {
        app.add_member(&ada, den, member).await.unwrap();
    }
    app.service.leave_room(&left, den).await.unwrap();
    app.service.remove_member(&ada, den, removed.user_id).await.unwrap();
    let unknown = UserId(app.clock.id());
    let everyone = [&existing, &new, &left, &removed, &new, &ada].map(|one| one.user_id);
    let user_ids = everyone.into_iter().chain([unknown]).collect();
    let before = app.service.get_snapshot(&existing).await.unwrap().cursor;
    let outcome = app.service.add_members(&ada, den, AddMembers { user_ids }).await.unwrap();
    let mut added: Vec<_> = outcome.added.iter().map(|member| member.user.username.as_str()).collect();
    added.sort_unstable();
    assert_eq!(added, ["ada", "new", "removed", "stays"]);
    assert_eq!(outcome.invited, [left.user_id]);
    assert_eq!(outcome.refused, [RefusedMember { user_id: unknown, code: Code::NotFound }]);
    assert_eq!(app.service.get_room(&ada, den).await.unwrap().member_count, 4);
    // Members receive events only about the users who were added.
    let events = app.service.poll_events(&existing, before, 0).await.unwrap().items;
    let joined = |event: &Event| matches!(&event.change, Change::MemberJoined(change) if change.room.member_count == 4);
    let line = |event: &Event| matches!(&event.change, Change::MessageCreated(line) if line.kind == MessageKind::Added);
    assert!(events.len() == 4 && events[..2].iter().all(joined) && events[2..].iter().all(line), "{events:#?}");
    for user_ids in [vec![], vec![unknown; 1], (0..101).map(|_| UserId(app.clock.id())).collect()] {
        let expected = if user_ids.len() == 1 { Ok(1) } else { Err(Code::Invalid) };
        let outcome = app.service.add_members(&ada, den, AddMembers { user_ids }).await;
        assert_eq!(outcome.map(|outcome| outcome.refused.len()).map_err(|error| error.code), expected);
    }
}

async fn members_are_listed_by_name(app: TestApp) {
    let ada = app.create_user("ada").await;
    for name in ["yuki", "Mara", "tomas"] {
        app.create_user(name).await;
    }
    let lobby = app.lobby(&ada).await.id;
    let first = app.service.list_members(&ada, lobby, PageQuery { limit: 3, cursor: None }).await.unwrap();
    let rest = PageQuery { limit: 3, cursor: first.next_cursor.clone() };
    let rest = app.service.list_members(&ada, lobby, rest).await.unwrap();
    let names: Vec<_> = first.items.iter().chain(&rest.items).map(|m| m.user.username.as_str()).collect();
    assert_eq!(names, ["ada", "Mara", "tomas", "yuki"]);
    assert_eq!(rest.next_cursor, None);
}

async fn the_read_marker_only_moves_forward(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let one = app.send_message(&ada, lobby, "one").await;
    let two = app.send_message(&ada, lobby, "two").await;
    let unread = async || app.lobby(&mara).await.membership.unwrap().unread;
    assert_eq!(unread().await, 2);
    let read = async |id| app.service.mark_read(&mara, lobby, MarkRead { message_id: id }).await;
    assert_eq!(read(two.id).await.unwrap().read_seq, two.seq);
    assert_eq!(read(one.id).await.unwrap().read_seq, two.seq);
    assert_eq!(unread().await, 0);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    let other = app.send_message(&ada, den, "elsewhere").await;
    assert_eq!(read(other.id).await.unwrap_err().code, Code::NotFound);
}

async fn sending_a_message_marks_the_room_read(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    app.send_message(&ada, lobby, "one").await;
    app.send_message(&mara, lobby, "two").await;
    assert_eq!(app.lobby(&mara).await.membership.unwrap().unread, 0);
    assert_eq!(app.lobby(&ada).await.membership.unwrap().unread, 1);
}
