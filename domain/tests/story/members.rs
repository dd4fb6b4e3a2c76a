use crate::world::PASSWORD;
use crate::world::TestApp;
use protocol::command::AddMembers;
use protocol::command::Deactivate;
use protocol::command::MarkRead;
use protocol::error::Code;
use protocol::event::Change;
use protocol::event::Event;
use protocol::id::UserId;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::room::RefusedMember;
use protocol::room::Visibility;

on_both_databases! {
    only_the_owner_of_a_private_room_adds_and_removes_members
    adding_many_members_reports_an_outcome_for_each
    members_are_listed_by_name
    the_read_marker_only_moves_forward
    sending_a_message_marks_the_room_read
}

async fn only_the_owner_of_a_private_room_adds_and_removes_members(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    for _ in 0..2 {
        let outcome = w.add_member(&ada, den, &mara).await.unwrap();
        assert!(outcome.added[0].is(mara.user_id) && outcome.refused.is_empty(), "{outcome:?}");
        assert_eq!(w.service.room(&ada, den).await.unwrap().member_count, 2);
    }
    assert_eq!(w.add_member(&mara, den, &yuki).await.unwrap_err().code, Code::Forbidden);
    // Who has left the service is nobody either, whether they were in the room or not.
    let tomas = w.create_user("tomas").await;
    w.add_member(&ada, den, &tomas).await.unwrap();
    for who in [&yuki, &tomas] {
        w.service.deactivate(who, Deactivate { password: PASSWORD.into() }).await.unwrap();
        assert_eq!(w.add_member(&ada, den, who).await.unwrap().refused[0].code, Code::NotFound);
    }
    assert_eq!(w.service.remove_member(&mara, den, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    w.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(w.service.remove_member(&ada, den, mara.user_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(w.service.room(&mara, den).await.unwrap_err().code, Code::NotFound);
}

async fn adding_many_members_reports_an_outcome_for_each(w: TestApp) {
    let ada = w.create_user("ada").await;
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    let (stays, new, left, removed) = (
        w.create_user("stays").await,
        w.create_user("new").await,
        w.create_user("left").await,
        w.create_user("removed").await,
    );
    for someone in [&stays, &left, &removed] {
        w.add_member(&ada, den, someone).await.unwrap();
    }
    w.service.leave(&left, den).await.unwrap();
    w.service.remove_member(&ada, den, removed.user_id).await.unwrap();
    let nobody = UserId(w.clock.id());
    let everyone = [&stays, &new, &left, &removed, &new, &ada].map(|one| one.user_id);
    let user_ids = everyone.into_iter().chain([nobody]).collect();
    let before = w.service.snapshot(&stays).await.unwrap().cursor;
    let outcome = w.service.add_members(&ada, den, AddMembers { user_ids }).await.unwrap();
    let mut added: Vec<_> = outcome.added.iter().map(|member| member.user.username.as_str()).collect();
    added.sort_unstable();
    assert_eq!(added, ["ada", "new", "removed", "stays"]);
    assert_eq!(outcome.invited, [left.user_id]);
    assert_eq!(outcome.refused, [RefusedMember { user_id: nobody, code: Code::NotFound }]);
    assert_eq!(w.service.room(&ada, den).await.unwrap().member_count, 4);
    // Those who are in hear only of those who came.
    let events = w.service.events(&stays, before, 0).await.unwrap().items;
    let joined = |event: &Event| matches!(&event.change, Change::MemberJoined(change) if change.room.member_count == 4);
    assert!(events.len() == 2 && events.iter().all(joined), "{events:#?}");
    for user_ids in [vec![], vec![nobody; 1], (0..101).map(|_| UserId(w.clock.id())).collect()] {
        let expected = if user_ids.len() == 1 { Ok(1) } else { Err(Code::Invalid) };
        let outcome = w.service.add_members(&ada, den, AddMembers { user_ids }).await;
        assert_eq!(outcome.map(|outcome| outcome.refused.len()).map_err(|error| error.code), expected);
    }
}

async fn members_are_listed_by_name(w: TestApp) {
    let ada = w.create_user("ada").await;
    for name in ["yuki", "Mara", "tomas"] {
        w.create_user(name).await;
    }
    let lobby = w.lobby(&ada).await.id;
    let first = w.service.members(&ada, lobby, PageQuery { limit: 3, cursor: None }).await.unwrap();
    let rest = PageQuery { limit: 3, cursor: first.next_cursor.clone() };
    let rest = w.service.members(&ada, lobby, rest).await.unwrap();
    let names: Vec<_> = first.items.iter().chain(&rest.items).map(|m| m.user.username.as_str()).collect();
    assert_eq!(names, ["ada", "Mara", "tomas", "yuki"]);
    assert_eq!(rest.next_cursor, None);
}

async fn the_read_marker_only_moves_forward(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let one = w.send_message(&ada, lobby, "one").await;
    let two = w.send_message(&ada, lobby, "two").await;
    let unread = async || w.lobby(&mara).await.membership.unwrap().unread;
    assert_eq!(unread().await, 2);
    let read = async |id| w.service.mark_read(&mara, lobby, MarkRead { message_id: id }).await;
    assert_eq!(read(two.id).await.unwrap().read_seq, 2);
    assert_eq!(read(one.id).await.unwrap().read_seq, 2);
    assert_eq!(unread().await, 0);
    let elsewhere = w.create_room(&ada, "den", Visibility::Public).await.id;
    let other = w.send_message(&ada, elsewhere, "elsewhere").await;
    assert_eq!(read(other.id).await.unwrap_err().code, Code::NotFound);
}

async fn sending_a_message_marks_the_room_read(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    w.send_message(&ada, lobby, "one").await;
    w.send_message(&mara, lobby, "two").await;
    assert_eq!(w.lobby(&mara).await.membership.unwrap().unread, 0);
    assert_eq!(w.lobby(&ada).await.membership.unwrap().unread, 1);
}
