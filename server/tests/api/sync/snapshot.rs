use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn the_snapshot_contains_the_user_and_their_rooms() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let (lobby, _) = (ada.lobby().await, ada.send_message(&kitchen, "hello").await);
    ada.send_message(&lobby, "hello").await;
    let snapshot = mara.get("/sync").expect(200).await;
    assert_eq!(snapshot["self"]["id"], mara.id.as_str());
    let rooms = snapshot["rooms"].as_array().unwrap();
    assert_eq!(rooms.len(), 1);
    assert_eq!((&rooms[0]["name"], &rooms[0]["membership"]["unread"]), (&json!("Lobby"), &json!(1)));
}
