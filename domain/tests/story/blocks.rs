use crate::harness::TestApp;
use protocol::{
    command::{SetRole, SetStatus},
    error::Code,
    event::Change,
    id::UserId,
    page::PageQuery,
    port::prelude::*,
    room::Visibility,
    session::Caller,
    user::{Presence, Role},
};

on_both_databases! {
    blocks_are_visible_only_to_the_blocking_user
    blocking_and_unblocking_are_idempotent
    blocking_oneself_or_an_unknown_user_is_rejected
    a_guest_sees_no_status_of_a_blocked_user_without_a_shared_room
}

async fn blocked(app: &TestApp, caller: &Caller) -> Vec<UserId> {
    let page = PageQuery { limit: 50, cursor: None };
    app.service.list_blocked(caller, page).await.unwrap().items.into_iter().map(|user| user.id).collect()
}

async fn blocks_are_visible_only_to_the_blocking_user(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let before = app.service.get_snapshot(&mara).await.unwrap();
    app.service.block_user(&ada, mara.user_id).await.unwrap();
    assert_eq!(blocked(&app, &ada).await, [mara.user_id]);
    assert_eq!(app.service.get_snapshot(&ada).await.unwrap().blocked, [mara.user_id]);
    assert!(app.service.poll_events(&mara, before.cursor, 0).await.unwrap().items.is_empty());
    let after = app.service.get_snapshot(&mara).await.unwrap();
    assert_eq!((after.rooms, after.blocked), (before.rooms, before.blocked));
    assert!(blocked(&app, &mara).await.is_empty());
    app.service.unblock_user(&ada, mara.user_id).await.unwrap();
    assert!(blocked(&app, &ada).await.is_empty());
}

async fn blocking_and_unblocking_are_idempotent(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let before = app.service.get_snapshot(&ada).await.unwrap().cursor;
    for _ in 0..2 {
        app.service.block_user(&ada, mara.user_id).await.unwrap();
    }
    for _ in 0..2 {
        app.service.unblock_user(&ada, mara.user_id).await.unwrap();
    }
    let events = app.service.poll_events(&ada, before, 0).await.unwrap().items;
    assert!(
        matches!(&events[..], [one, other] if matches!((&one.change, &other.change),
        (Change::BlockAdded(one), Change::BlockRemoved(other)) if one == other)),
        "{events:?}"
    );
}

async fn blocking_oneself_or_an_unknown_user_is_rejected(app: TestApp) {
    let ada = app.create_user("ada").await;
    assert_eq!(app.service.block_user(&ada, ada.user_id).await.unwrap_err().code, Code::Invalid);
    let unknown = UserId(app.clock.id());
    assert_eq!(app.service.block_user(&ada, unknown).await.unwrap_err().code, Code::NotFound);
    assert_eq!(app.service.unblock_user(&ada, unknown).await.unwrap_err().code, Code::NotFound);
}

async fn a_guest_sees_no_status_of_a_blocked_user_without_a_shared_room(app: TestApp) {
    let (ada, mara, gast) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("gast").await);
    let den = app.create_room(&mara, "Den", Visibility::Private).await.id;
    app.add_member(&mara, den, &gast).await.unwrap();
    app.service.set_role(&ada, gast.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let gast = app.service.refresh_caller(&gast).await.unwrap();
    app.service.block_user(&gast, mara.user_id).await.unwrap();
    let status = SetStatus { text: Some("at lunch".into()), ..SetStatus::default() };
    app.service.set_status(&mara, status).await.unwrap();
    let _listener = app.service.subscribe(&mara, None).await.unwrap();
    let blocked_user = async || {
        let page = PageQuery { limit: 50, cursor: None };
        let user = app.service.list_blocked(&gast, page).await.unwrap().items.remove(0);
        (user.username, user.presence, user.status.is_some())
    };
    assert_eq!(blocked_user().await, ("mara".into(), Presence::Online, true));
    app.service.remove_member(&mara, den, gast.user_id).await.unwrap();
    assert_eq!(blocked_user().await, ("mara".into(), Presence::Offline, false));
}
