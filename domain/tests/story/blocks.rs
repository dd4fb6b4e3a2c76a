use crate::world::TestApp;
use protocol::command::SetRole;
use protocol::command::SetStatus;
use protocol::error::Code;
use protocol::event::Change;
use protocol::id::UserId;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::room::Visibility;
use protocol::session::Caller;
use protocol::user::Presence;
use protocol::user::Role;

on_both_databases! {
    blocks_are_visible_only_to_the_blocking_user
    blocking_and_unblocking_are_idempotent
    blocking_oneself_or_an_unknown_user_is_rejected
    a_guest_sees_no_status_of_a_blocked_user_without_a_shared_room
}

async fn blocked(w: &TestApp, caller: &Caller) -> Vec<UserId> {
    let page = PageQuery { limit: 50, cursor: None };
    w.service.list_blocked(caller, page).await.unwrap().items.into_iter().map(|user| user.id).collect()
}

async fn blocks_are_visible_only_to_the_blocking_user(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let before = w.service.snapshot(&mara).await.unwrap();
    w.service.block(&ada, mara.user_id).await.unwrap();
    assert_eq!(blocked(&w, &ada).await, [mara.user_id]);
    assert_eq!(w.service.snapshot(&ada).await.unwrap().blocked, [mara.user_id]);
    assert!(w.service.events(&mara, before.cursor, 0).await.unwrap().items.is_empty());
    let after = w.service.snapshot(&mara).await.unwrap();
    assert_eq!((after.rooms, after.blocked), (before.rooms, before.blocked));
    assert!(blocked(&w, &mara).await.is_empty());
    w.service.unblock(&ada, mara.user_id).await.unwrap();
    assert!(blocked(&w, &ada).await.is_empty());
}

async fn blocking_and_unblocking_are_idempotent(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let before = w.service.snapshot(&ada).await.unwrap().cursor;
    for _ in 0..2 {
        w.service.block(&ada, mara.user_id).await.unwrap();
    }
    for _ in 0..2 {
        w.service.unblock(&ada, mara.user_id).await.unwrap();
    }
    let events = w.service.events(&ada, before, 0).await.unwrap().items;
    assert!(
        matches!(&events[..], [one, other] if matches!((&one.change, &other.change),
        (Change::BlockAdded(one), Change::BlockRemoved(other)) if one == other)),
        "{events:?}"
    );
}

async fn blocking_oneself_or_an_unknown_user_is_rejected(w: TestApp) {
    let ada = w.create_user("ada").await;
    assert_eq!(w.service.block(&ada, ada.user_id).await.unwrap_err().code, Code::Invalid);
    let nobody = UserId(w.clock.id());
    assert_eq!(w.service.block(&ada, nobody).await.unwrap_err().code, Code::NotFound);
    assert_eq!(w.service.unblock(&ada, nobody).await.unwrap_err().code, Code::NotFound);
}

async fn a_guest_sees_no_status_of_a_blocked_user_without_a_shared_room(w: TestApp) {
    let (ada, mara, gast) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("gast").await);
    let den = w.create_room(&mara, "Den", Visibility::Private).await.id;
    w.add_member(&mara, den, &gast).await.unwrap();
    w.service.set_role(&ada, gast.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let gast = w.service.refresh_caller(&gast).await.unwrap();
    w.service.block(&gast, mara.user_id).await.unwrap();
    let status = SetStatus { text: Some("at lunch".into()), ..SetStatus::default() };
    w.service.set_status(&mara, status).await.unwrap();
    let _listener = w.service.subscribe(&mara, None).await.unwrap();
    let blocked_user = async || {
        let page = PageQuery { limit: 50, cursor: None };
        let user = w.service.list_blocked(&gast, page).await.unwrap().items.remove(0);
        (user.username, user.presence, user.status.is_some())
    };
    assert_eq!(blocked_user().await, ("mara".into(), Presence::Online, true));
    w.service.remove_member(&mara, den, gast.user_id).await.unwrap();
    assert_eq!(blocked_user().await, ("mara".into(), Presence::Offline, false));
}
