use crate::world::PASSWORD;
use crate::world::TestApp;
use domain::ClientKind;
use protocol::command::ConfirmPassword;
use protocol::command::ReadNotifications;
use protocol::error::Code;
use protocol::event::Change;
use protocol::id::NotificationId;
use protocol::notification::Notification;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::session::Caller;
use protocol::session::Client;

on_both_databases! {
    reuse_of_a_refresh_token_notifies_only_its_user
    notifications_are_paginated_and_can_be_marked_read
    the_unread_count_is_visible_only_to_the_user
    a_confirmed_password_is_valid_for_fifteen_minutes
}

async fn list_notifications(w: &TestApp, caller: &Caller) -> Vec<Notification> {
    w.service.notifications(caller, PageQuery { limit: 200, cursor: None }).await.unwrap().items
}

/// Ends a session of theirs by using a token twice.
async fn reuse_refresh_token(w: &TestApp, name: &str) {
    let tokens = w.login(name).await;
    let client = Client { ip: "192.0.2.7".into(), ..Client::default() };
    w.service.refresh(&client, &tokens.refresh_token, ClientKind::Api).await.unwrap();
    w.service.refresh(&client, &tokens.refresh_token, ClientKind::Api).await.unwrap_err();
}

async fn reuse_of_a_refresh_token_notifies_only_its_user(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let before = w.service.snapshot(&ada).await.unwrap().cursor;
    let of_mara = w.service.snapshot(&mara).await.unwrap().cursor;
    reuse_refresh_token(&w, "ada").await;
    let list = list_notifications(&w, &ada).await;
    let notice = list.iter().find(|one| one.kind == "session_reuse").expect("a notification");
    assert!(notice.text.contains("192.0.2.7") && notice.read_at.is_none(), "{notice:?}");
    let events = w.service.events(&ada, before, 0).await.unwrap().items;
    let with_count = Notification { unread_notifications: unread(&w, &ada).await, ..notice.clone() };
    assert!(events.iter().any(|event| event.change == Change::NotificationCreated(with_count.clone())), "{events:#?}");
    assert_eq!(w.service.events(&mara, of_mara, 0).await.unwrap().items, []);
    assert_eq!(list_notifications(&w, &mara).await, []);
}

async fn unread(w: &TestApp, caller: &Caller) -> Option<i64> {
    w.service.me(caller).await.unwrap().unread_notifications
}

async fn the_unread_count_is_visible_only_to_the_user(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let already = unread(&w, &ada).await.unwrap();
    let mut state = w.service.snapshot(&ada).await.unwrap();
    for _ in 0..2 {
        reuse_refresh_token(&w, "ada").await;
    }
    assert_eq!(unread(&w, &ada).await, Some(already + 2));
    assert_eq!(unread(&w, &mara).await, Some(0));
    assert_eq!(w.service.user(&mara, ada.user_id).await.unwrap().unread_notifications, None);
    // Read on one device, it is read on all: what another one is told brings it there.
    let newest = list_notifications(&w, &ada).await[0].id;
    for (ids, left) in [(Some(vec![newest]), already + 1), (None, 0)] {
        w.service.read_notifications(&ada, ReadNotifications { ids }).await.unwrap();
        let events = w.service.events(&ada, state.cursor, 0).await.unwrap();
        assert!(!events.items.is_empty());
        events.items.iter().for_each(|event| state.me.apply(event));
        state.cursor = events.cursor;
        assert_eq!((state.me.unread_notifications, unread(&w, &ada).await), (Some(left), Some(left)));
    }
    // What was read already is no news.
    w.service.read_notifications(&ada, ReadNotifications { ids: None }).await.unwrap();
    assert_eq!(w.service.events(&ada, state.cursor, 0).await.unwrap().items, []);
}

async fn notifications_are_paginated_and_can_be_marked_read(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    for _ in 0..3 {
        reuse_refresh_token(&w, "ada").await;
    }
    let all: Vec<NotificationId> = list_notifications(&w, &ada).await.iter().map(|one| one.id).collect();
    assert!(all.len() >= 3 && all.is_sorted_by(|a, b| a > b));
    let mut paged = Vec::new();
    let mut cursor = None;
    loop {
        let page = w.service.notifications(&ada, PageQuery { limit: 1, cursor }).await.unwrap();
        paged.extend(page.items.iter().map(|one| one.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, all);
    // Nobody reads what is told to another.
    let read_command = |ids: &[NotificationId]| ReadNotifications { ids: Some(ids.to_vec()) };
    w.service.read_notifications(&mara, read_command(&all)).await.unwrap();
    w.service.read_notifications(&mara, ReadNotifications { ids: None }).await.unwrap();
    assert!(list_notifications(&w, &ada).await.iter().all(|one| one.read_at.is_none()));
    w.service.read_notifications(&ada, read_command(&all[..1])).await.unwrap();
    let read: Vec<bool> = list_notifications(&w, &ada).await.iter().map(|one| one.read_at.is_some()).collect();
    assert_eq!((read[0], read[1]), (true, false));
    w.service.read_notifications(&ada, ReadNotifications { ids: None }).await.unwrap();
    assert!(list_notifications(&w, &ada).await.iter().all(|one| one.read_at.is_some()));
    let many = vec![all[0]; 201];
    assert_eq!(w.service.read_notifications(&ada, read_command(&many)).await.unwrap_err().code, Code::Invalid);
}

async fn a_confirmed_password_is_valid_for_fifteen_minutes(w: TestApp) {
    let ada = w.create_user("ada").await;
    w.service.check_recent_password(&ada).await.unwrap();
    w.clock.advance(15 * 60_000);
    assert_eq!(w.service.check_recent_password(&ada).await.unwrap_err().code, Code::PasswordRequired);
    let confirm_command = |password: &str| ConfirmPassword { password: password.into() };
    for wrong in ["", "not the password", &"x".repeat(100_000)] {
        let error = w.service.confirm_password(&ada, confirm_command(wrong)).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::PasswordRequired, "password"));
    }
    assert_eq!(w.service.check_recent_password(&ada).await.unwrap_err().code, Code::PasswordRequired);
    w.service.confirm_password(&ada, confirm_command(PASSWORD)).await.unwrap();
    w.clock.advance(14 * 60_000);
    w.service.check_recent_password(&ada).await.unwrap();
    // It was given in that session, not in the others.
    let other = w.service.authenticate(&w.login("ada").await.access_token).await.unwrap();
    w.clock.advance(14 * 60_000);
    w.service.confirm_password(&ada, confirm_command(PASSWORD)).await.unwrap();
    w.clock.advance(2 * 60_000);
    w.service.check_recent_password(&ada).await.unwrap();
    w.service.check_recent_password(&other).await.unwrap_err();
}
