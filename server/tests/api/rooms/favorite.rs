use crate::harness::{Server, Socket};
use serde_json::json;

#[tokio::test]
async fn a_room_is_a_favorite_of_its_user_alone() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let path = format!("/rooms/{kitchen}/favorite");
    mara.request("PUT", &path).expect_error("not_a_member").await;
    mara.join(&kitchen).await;
    let mut socket = Socket::open(&mara, None).await;
    for _ in 0..2 {
        mara.request("PUT", &path).expect(204).await;
    }
    let event = socket.next_of_type("room.updated").await;
    assert_eq!(event["data"]["membership"]["favorite"], true);
    let favorite = |room: serde_json::Value| room["membership"]["favorite"].clone();
    assert_eq!(favorite(mara.get(&format!("/rooms/{kitchen}")).expect(200).await), true);
    assert_eq!(favorite(ada.get(&format!("/rooms/{kitchen}")).expect(200).await), false);
    mara.delete(&path).expect(204).await;
    assert_eq!(socket.next_of_type("room.updated").await["data"]["membership"]["favorite"], json!(false));
}

#[tokio::test]
async fn a_strangers_private_room_is_not_found() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    for method in ["PUT", "DELETE"] {
        ada.request(method, &format!("/rooms/{cellar}/favorite")).expect_error("not_found").await;
    }
    ada.put(&format!("/rooms/{cellar}/notifications"), &json!({ "level": "none" })).expect_error("not_found").await;
}
