use crate::harness::{TestApp, texts};
use domain::{Service, Subscription};
use protocol::{id::UserId, page::PageQuery, port::prelude::*, session::Caller, user::Presence};
use serde_json::Value;

on_both_databases! {
    a_connected_user_is_online_and_announced
    a_user_who_hides_presence_is_not_listed_online
    a_user_connected_to_another_node_is_online
}

async fn online_users(service: &Service, caller: &Caller) -> Vec<UserId> {
    let (mut users, mut cursor) = (Vec::new(), None);
    loop {
        let page = service.list_online(caller, PageQuery { limit: 1, cursor }).await.unwrap();
        users.extend(page.items.into_iter().map(|user| user.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return users;
        }
    }
}

/// Waits for the next presence event of this user.
async fn next_presence(listener: &mut Subscription, user: UserId) -> String {
    loop {
        let mut frames = Vec::new();
        listener.next(&mut frames).await.unwrap();
        for text in texts(&frames) {
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["type"] == "presence.updated" && frame["data"]["user_id"] == user.to_string() {
                assert!(frame.get("cursor").is_none());
                return frame["data"]["presence"].as_str().unwrap().to_owned();
            }
        }
    }
}

async fn a_connected_user_is_online_and_announced(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    assert!(online_users(&app.service, &ada).await.is_empty());
    let mut watching = app.service.subscribe(&ada, None).await.unwrap().with_ephemeral();
    let cursor = app.service.get_snapshot(&ada).await.unwrap().cursor;
    let mara_listens = app.service.subscribe(&mara, None).await.unwrap();
    assert_eq!(online_users(&app.service, &ada).await, [ada.user_id, mara.user_id]);
    assert_eq!(next_presence(&mut watching, mara.user_id).await, "online");
    drop(mara_listens);
    assert_eq!(online_users(&app.service, &ada).await, [ada.user_id]);
    assert_eq!(next_presence(&mut watching, mara.user_id).await, "offline");
    // Presence events are not stored in the event stream.
    assert!(app.service.poll_events(&ada, cursor, 0).await.unwrap().items.is_empty());
}

async fn a_user_who_hides_presence_is_not_listed_online(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let mut settings = app.service.get_settings(&mara).await.unwrap();
    settings.privacy.show_online = false;
    let whole = serde_json::to_value(&settings).unwrap();
    app.service.replace_settings(&mara, whole).await.unwrap();
    let mut watching = app.service.subscribe(&ada, None).await.unwrap().with_ephemeral();
    let _mara = app.service.subscribe(&mara, None).await.unwrap();
    let _yuki = app.service.subscribe(&yuki, None).await.unwrap();
    assert_eq!(online_users(&app.service, &ada).await, [ada.user_id, yuki.user_id]);
    // Yuki connected after Mara, so Mara's event would have arrived by now.
    let (mut frames, mut seen) = (Vec::new(), String::new());
    while !seen.contains(&yuki.user_id.to_string()) {
        watching.next(&mut frames).await.unwrap();
        frames.drain(..).for_each(|frame| seen.push_str(&String::from_utf8_lossy(&frame)));
    }
    assert!(!seen.contains(&mara.user_id.to_string()));
}

async fn a_user_connected_to_another_node_is_online(app: TestApp) {
    if app.settings.database_url.is_none() {
        // SQLite serves only one node.
        return;
    }
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let other = app.start_node().await;
    let mut watching = app.service.subscribe(&ada, None).await.unwrap().with_ephemeral();
    let mara_listens = other.subscribe(&mara, None).await.unwrap();
    assert_eq!(next_presence(&mut watching, mara.user_id).await, "online");
    assert_eq!(online_users(&app.service, &ada).await, [ada.user_id, mara.user_id]);
    assert_eq!(app.service.get_user(&ada, mara.user_id).await.unwrap().presence, Presence::Online);
    drop(mara_listens);
    other.stop().await;
    assert_eq!(next_presence(&mut watching, mara.user_id).await, "offline");
}
