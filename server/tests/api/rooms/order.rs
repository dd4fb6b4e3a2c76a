use crate::harness::{Server, Socket, UNKNOWN_ID};
use serde_json::json;

#[tokio::test]
async fn rooms_have_the_given_order() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let mut socket = Socket::open(&ada, None).await;
    ada.put("/rooms/order", &json!({ "room_ids": [kitchen, cellar] })).expect(204).await;
    let expected = json!([{ "room_id": kitchen, "position": 0 }, { "room_id": cellar, "position": 1 }]);
    assert_eq!(socket.next_of_type("rooms.ordered").await["data"]["rooms"], expected);
    let position =
        async |room: &str| ada.get(&format!("/rooms/{room}")).expect(200).await["membership"]["position"].clone();
    assert_eq!((position(&kitchen).await, position(&cellar).await), (json!(0), json!(1)));
    ada.put("/rooms/order", &json!({ "room_ids": [] })).expect(204).await;
    assert_eq!(position(&kitchen).await, json!(null));
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (lobby, cellar) = (ada.lobby().await, mara.create_private_room("Cellar").await);
    let wrong = async |body, code| ada.put("/rooms/order", &body).expect_field_error("room_ids", code).await;
    wrong(json!({}), "required").await;
    wrong(json!({ "room_ids": [lobby, lobby] }), "invalid").await;
    wrong(json!({ "room_ids": [lobby, UNKNOWN_ID] }), "not_found").await;
    wrong(json!({ "room_ids": [lobby, cellar] }), "not_found").await;
    wrong(json!({ "room_ids": vec![UNKNOWN_ID; 1001] }), "too_long").await;
}
