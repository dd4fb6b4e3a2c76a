use crate::harness::{PASSWORD, TestApp};
use domain::ClientKind;
use protocol::{
    command::{ConfirmPassword, ReadNotifications},
    error::Code,
    event::Change,
    id::NotificationId,
    notification::Notification,
    page::PageQuery,
    port::prelude::*,
    session::{Caller, Client},
};

on_both_databases! {
    reuse_of_a_refresh_token_notifies_only_its_user
    notifications_are_paginated_and_can_be_marked_read
    the_unread_count_is_visible_only_to_the_user
    a_confirmed_password_is_valid_for_fifteen_minutes
}

async fn list_notifications(app: &TestApp, caller: &Caller) -> Vec<Notification> {
    app.service.list_notifications(caller, PageQuery { limit: 200, cursor: None }).await.unwrap().items
}

/// Ends another session of the user by using a refresh token twice.
async fn reuse_refresh_token(app: &TestApp, name: &str) {
    let tokens = app.login(name).await;
    let client = Client { ip: "192.0.2.7".into(), ..Client::default() };
    app.service.refresh(&client, &tokens.refresh_token, ClientKind::Api).await.unwrap();
    app.service.refresh(&client, &tokens.refresh_token, ClientKind::Api).await.unwrap_err();
}

async fn reuse_of_a_refresh_token_notifies_only_its_user(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let before = app.service.get_snapshot(&ada).await.unwrap().cursor;
    let of_mara = app.service.get_snapshot(&mara).await.unwrap().cursor;
    reuse_refresh_token(&app, "ada").await;
    let list = list_notifications(&app, &ada).await;
    let notice = list.iter().find(|one| one.kind == "session_reuse").expect("a notification");
    assert!(notice.text.contains("192.0.2.7") && notice.read_at.is_none(), "{notice:?}");
    let events = app.service.poll_events(&ada, before, 0).await.unwrap().items;
    let with_count = Notification { unread_notifications: unread(&app, &ada).await, ..notice.clone() };
    assert!(events.iter().any(|event| event.change == Change::NotificationCreated(with_count.clone())), "{events:#?}");
    assert_eq!(app.service.poll_events(&mara, of_mara, 0).await.unwrap().items, []);
    assert_eq!(list_notifications(&app, &mara).await, []);
}

async fn unread(app: &TestApp, caller: &Caller) -> Option<i64> {
    app.service.me(caller).await.unwrap().unread_notifications
}

async fn the_unread_count_is_visible_only_to_the_user(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let already = unread(&app, &ada).await.unwrap();
    let mut state = app.service.get_snapshot(&ada).await.unwrap();
    for _ in 0..2 {
        reuse_refresh_token(&app, "ada").await;
    }
    assert_eq!(unread(&app, &ada).await, Some(already + 2));
    assert_eq!(unread(&app, &mara).await, Some(0));
    assert_eq!(app.service.get_user(&mara, ada.user_id).await.unwrap().unread_notifications, None);
    // Marking as read is published to the user's other devices.
    let newest = list_notifications(&app, &ada).await[0].id;
    for (ids, left) in [(Some(vec![newest]), already + 1), (None, 0)] {
        app.service.read_notifications(&ada, ReadNotifications { ids }).await.unwrap();
        let events = app.service.poll_events(&ada, state.cursor, 0).await.unwrap();
        assert!(!events.items.is_empty());
        events.items.iter().for_each(|event| state.me.apply(event));
        state.cursor = events.cursor;
        assert_eq!((state.me.unread_notifications, unread(&app, &ada).await), (Some(left), Some(left)));
    }
    // Marking as read again publishes nothing.
    app.service.read_notifications(&ada, ReadNotifications { ids: None }).await.unwrap();
    assert_eq!(app.service.poll_events(&ada, state.cursor, 0).await.unwrap().items, []);
}

async fn notifications_are_paginated_and_can_be_marked_read(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    for _ in 0..3 {
        reuse_refresh_token(&app, "ada").await;
    }
    let all: Vec<NotificationId> = list_notifications(&app, &ada).await.iter().map(|one| one.id).collect();
    assert!(all.len() >= 3 && all.is_sorted_by(|a, b| a > b));
    let mut paged = Vec::new();
    let mut cursor = None;
    loop {
        let page = app.service.list_notifications(&ada, PageQuery { limit: 1, cursor }).await.unwrap();
        paged.extend(page.items.iter().map(|one| one.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, all);
    // A user cannot mark another user's notifications as read.
    let read_command = |ids: &[NotificationId]| ReadNotifications { ids: Some(ids.to_vec()) };
    app.service.read_notifications(&mara, read_command(&all)).await.unwrap();
    app.service.read_notifications(&mara, ReadNotifications { ids: None }).await.unwrap();
    assert!(list_notifications(&app, &ada).await.iter().all(|one| one.read_at.is_none()));
    app.service.read_notifications(&ada, read_command(&all[..1])).await.unwrap();
    let read: Vec<bool> = list_notifications(&app, &ada).await.iter().map(|one| one.read_at.is_some()).collect();
    assert_eq!((read[0], read[1]), (true, false));
    app.service.read_notifications(&ada, ReadNotifications { ids: None }).await.unwrap();
    assert!(list_notifications(&app, &ada).await.iter().all(|one| one.read_at.is_some()));
    let many = vec![all[0]; 201];
    assert_eq!(app.service.read_notifications(&ada, read_command(&many)).await.unwrap_err().code, Code::Invalid);
}

async fn a_confirmed_password_is_valid_for_fifteen_minutes(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.service.check_recent_password(&ada).await.unwrap();
    app.clock.advance(15 * 60_000);
    assert_eq!(app.service.check_recent_password(&ada).await.unwrap_err().code, Code::PasswordRequired);
    let confirm_command = |password: &str| ConfirmPassword { password: password.into() };
    for wrong in ["", "not the password", &"x".repeat(100_000)] {
        let error = app.service.confirm_password(&ada, confirm_command(wrong)).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::PasswordRequired, "password"));
    }
    assert_eq!(app.service.check_recent_password(&ada).await.unwrap_err().code, Code::PasswordRequired);
    app.service.confirm_password(&ada, confirm_command(PASSWORD)).await.unwrap();
    app.clock.advance(14 * 60_000);
    app.service.check_recent_password(&ada).await.unwrap();
    // The password was confirmed in that session only.
    let other = app.service.authenticate(&app.login("ada").await.access_token).await.unwrap();
    app.clock.advance(14 * 60_000);
    app.service.confirm_password(&ada, confirm_command(PASSWORD)).await.unwrap();
    app.clock.advance(2 * 60_000);
    app.service.check_recent_password(&ada).await.unwrap();
    app.service.check_recent_password(&other).await.unwrap_err();
}
