use crate::harness::{Server, UNKNOWN_ID};
use serde_json::{Value, json};

#[tokio::test]
async fn blocked_users_are_listed_until_unblocked() {
    let server = Server::start().await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    let path = format!("/users/{}/block", mara.id);
    for _ in 0..2 {
        ada.request("PUT", &path).expect(204).await;
    }
    let blocked = ada.get("/users/blocked").expect(200).await;
    assert_eq!(blocked["items"][0]["username"], "mara");
    assert_eq!((blocked["items"].as_array().unwrap().len(), &blocked["next_cursor"]), (1, &Value::Null));
    assert_eq!(ada.get("/sync").expect(200).await["blocked"], json!([mara.id]));
    assert_eq!(mara.get("/sync").expect(200).await["blocked"], json!([]));
    for _ in 0..2 {
        ada.delete(&path).expect(204).await;
    }
    assert_eq!(ada.get("/users/blocked").expect(200).await["items"], json!([]));
}

#[tokio::test]
async fn block_events_go_only_to_the_users_own_sessions() {
    let server = Server::start().await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    let (mut ada_socket, mut mara_socket) = (ada.listen(None).await, mara.listen(None).await);
    let path = format!("/users/{}/block", mara.id);
    ada.request("PUT", &path).expect(204).await;
    assert_eq!(ada_socket.next_of_type("block.added").await["data"]["user_id"], mara.id.as_str());
    ada.delete(&path).expect(204).await;
    assert_eq!(ada_socket.next_of_type("block.removed").await["data"]["user_id"], mara.id.as_str());
    let lobby = ada.lobby().await;
    ada.send_message(&lobby, "hello").await;
    loop {
        let frame = mara_socket.next().await;
        assert!(!frame["type"].as_str().unwrap().starts_with("block."), "{frame}");
        if frame["type"] == "message.created" {
            break;
        }
    }
}

#[tokio::test]
async fn blocking_oneself_or_an_unknown_user_is_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.request("PUT", &format!("/users/{}/block", ada.id)).expect_error("invalid").await;
    ada.request("PUT", &format!("/users/{UNKNOWN_ID}/block")).expect_error("not_found").await;
}
