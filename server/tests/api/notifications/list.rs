use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn notifications_are_visible_only_to_their_user() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    assert_eq!(ada.get("/notifications").expect(200).await, json!({ "items": [], "next_cursor": null }));
    let mut socket = ada.listen(None).await;
    ada.reuse_refresh_token().await;
    let mut notification = socket.next_of_type("notification.created").await["data"].clone();
    let unread = ada.get("/sync").expect(200).await["self"]["unread_notifications"].clone();
    assert_eq!(notification.as_object_mut().unwrap().remove("unread_notifications"), Some(unread));
    assert_eq!((&notification["kind"], &notification["read_at"]), (&json!("session_reuse"), &json!(null)));
    let list = ada.get("/notifications").expect(200).await;
    assert!(list["items"].as_array().unwrap().contains(&notification), "{list}");
    assert_eq!(mara.get("/notifications").expect(200).await["items"], json!([]));
}
