use crate::harness::{Server, UNKNOWN_ID};
use serde_json::json;

const PATH: &str = "/admin/default-rooms";

#[tokio::test]
async fn new_users_join_the_default_rooms() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let page = ada.put(PATH, &json!({ "room_ids": [kitchen] })).expect(200).await;
    assert_eq!((&page["items"][0]["id"], &page["next_cursor"]), (&json!(kitchen), &json!(null)));
    assert_eq!(ada.get(PATH).expect(200).await, page);
    let late = server.create_user("late").await;
    let rooms =
        async |user: &crate::harness::TestUser| user.get("/sync").expect(200).await["rooms"].as_array().unwrap().len();
    assert_eq!((rooms(&late).await, rooms(&mara).await), (2, 1));
    mara.get(PATH).expect_error("forbidden").await;
    mara.put(PATH, &json!({ "room_ids": [] })).expect_error("forbidden").await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let cellar = ada.create_private_room("Cellar").await;
    let wrong = async |body, code| ada.put(PATH, &body).expect_field_error("room_ids", code).await;
    wrong(json!({}), "required").await;
    wrong(json!({ "room_ids": [cellar] }), "not_found").await;
    wrong(json!({ "room_ids": [UNKNOWN_ID] }), "not_found").await;
    wrong(json!({ "room_ids": [ada.lobby().await] }), "invalid").await;
    wrong(json!({ "room_ids": vec![UNKNOWN_ID; 21] }), "too_long").await;
}
