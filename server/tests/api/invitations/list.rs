use crate::harness::Server;
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<Value> {
    page["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
}

#[tokio::test]
async fn invitations_are_paginated_newest_first() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let mut created = Vec::new();
    for name in ["One", "Two", "Three"] {
        let path = format!("/rooms/{}/invitations", ada.create_private_room(name).await);
        created.insert(0, ada.post(&path, &json!({ "user_id": mara.id })).expect(201).await["id"].clone());
    }
    let first = mara.get("/invitations?limit=2").expect(200).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = mara.get(&format!("/invitations?limit=2&cursor={cursor}")).expect(200).await;
    assert_eq!([ids(&first), ids(&second)].concat(), created);
    assert!(second["next_cursor"].is_null());
    assert_eq!(tomas.get("/invitations").expect(200).await["items"], json!([]));
    let path = format!("/rooms/{}/invitations", ada.create_public_room("Kitchen").await);
    let mut created = Vec::new();
    for user in [&mara, &tomas, &yuki] {
        created.insert(0, ada.post(&path, &json!({ "user_id": user.id })).expect(201).await["id"].clone());
    }
    let first = ada.get(&format!("{path}?limit=2")).expect(200).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("{path}?limit=2&cursor={cursor}")).expect(200).await;
    assert_eq!([ids(&first), ids(&second)].concat(), created);
    mara.get(&path).expect_error("not_a_member").await;
}
