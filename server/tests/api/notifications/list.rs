use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn what_one_was_told_is_ones_own_to_read() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    assert_eq!(ada.get("/notifications").expect(200).await, json!({ "items": [], "next_cursor": null }));
    let mut socket = ada.listen(None).await;
    ada.lose_a_session().await;
    let mut told = socket.next_of("notification.created").await["data"].clone();
    let unread = ada.get("/sync").expect(200).await["self"]["unread_notifications"].clone();
    assert_eq!(told.as_object_mut().unwrap().remove("unread_notifications"), Some(unread));
    assert_eq!((&told["kind"], &told["read_at"]), (&json!("session_reuse"), &json!(null)));
    let list = ada.get("/notifications").expect(200).await;
    assert!(list["items"].as_array().unwrap().contains(&told), "{list}");
    assert_eq!(mara.get("/notifications").expect(200).await["items"], json!([]));
}
