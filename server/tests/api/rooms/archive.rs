use crate::harness::{Server, random_name};
use serde_json::json;

#[tokio::test]
async fn an_archived_room_is_read_only_until_it_is_restored() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = mara.create_public_room("Kitchen").await;
    ada.join(&kitchen).await;
    let message = mara.send_message(&kitchen, "kept").await;
    let path = |rest: &str| format!("/rooms/{kitchen}{rest}");
    assert_eq!(mara.request("POST", &path("/archive")).expect(200).await["archived"], true);
    let send = || json!({ "body": "hi", "client_id": random_name() });
    mara.post(&path("/messages"), &send()).expect_error("room_archived").await;
    let own = format!("/messages/{}", message["id"].as_str().unwrap());
    mara.put(&own, &json!({ "body": "changed" })).expect_error("room_archived").await;
    mara.delete(&own).expect_error("room_archived").await;
    mara.put(&path(""), &json!({ "topic": "x" })).expect_error("room_archived").await;
    let history = ada.get(&path("/messages")).expect(200).await;
    assert!(history["items"].as_array().unwrap().contains(&message), "{history}");
    let listed = async |filter: &str| {
        let rooms = ada.get(&format!("/rooms?filter={filter}")).expect(200).await;
        rooms["items"].as_array().unwrap().iter().any(|room| room["id"] == kitchen.as_str())
    };
    assert_eq!([listed("visible").await, listed("archived").await], [false, true]);
    assert_eq!(mara.request("POST", &path("/restore")).expect(200).await["archived"], false);
    mara.post(&path("/messages"), &send()).expect(201).await;
    assert_eq!([listed("visible").await, listed("archived").await], [true, false]);
}

#[tokio::test]
async fn only_owners_and_administrators_archive_and_restore() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let (kitchen, cellar) = (mara.create_public_room("Kitchen").await, mara.create_private_room("Cellar").await);
    for room in [&kitchen, &cellar] {
        mara.add_member(room, &tomas).await;
    }
    for (user, room, code) in [
        (&tomas, &kitchen, "forbidden"),
        (&tomas, &cellar, "forbidden"),
        (&yuki, &kitchen, "forbidden"),
        (&yuki, &cellar, "not_found"),
        (&ada, &cellar, "not_found"),
    ] {
        for action in ["archive", "restore"] {
            user.request("POST", &format!("/rooms/{room}/{action}")).expect_error(code).await;
        }
    }
    for action in ["archive", "restore"] {
        ada.request("POST", &format!("/rooms/{kitchen}/{action}")).expect(200).await;
    }
}
