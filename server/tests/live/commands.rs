//! Commands over the socket, their responses and events.

use crate::harness::Server;
use futures::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn commands_are_acknowledged_and_published_to_others() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let (mut one, mut other) = (ada.listen(None).await, mara.listen(None).await);
    assert_eq!(one.hello["resumed"], false);
    assert_eq!(one.next().await["type"], "live");
    let ack = one.request(json!({ "type": "message.send", "room_id": lobby, "body": "hello", "client_id": "a" })).await;
    let event = other.next_of_type("message.created").await;
    let (sent, message) = (&ack["data"], &event["data"]);
    assert_eq!((&ack["type"], &message["body"], &event["room_id"]), (&json!("ack"), &json!("hello"), &json!(lobby)));
    let stored =
        json!({ "message_id": message["id"], "room_id": lobby, "seq": message["seq"], "sent_at": message["sent_at"] });
    assert_eq!(sent, &stored);
    let edit = json!({ "type": "message.edit", "message_id": sent["message_id"], "body": "hello!" });
    assert_eq!(one.request(edit).await["data"]["body"], "hello!");
    assert_eq!(other.next_of_type("message.updated").await["data"]["body"], "hello!");
    let read = json!({ "type": "read.mark", "room_id": lobby, "message_id": sent["message_id"] });
    assert_eq!(other.request(read).await["type"], "ack");
    let delete = json!({ "type": "message.delete", "message_id": sent["message_id"] });
    assert_eq!(one.request(delete).await["data"]["deleted"], true);
    assert_eq!(other.next_of_type("message.deleted").await["data"]["body"], "");
    assert_eq!(one.request(json!({ "type": "ping" })).await["type"], "ack");
}

#[tokio::test]
async fn a_repeat_over_the_socket_creates_no_second_message() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let mut socket = ada.listen(None).await;
    let send = json!({ "type": "message.send", "room_id": lobby, "body": "hello", "client_id": "a" });
    let first = socket.request(send.clone()).await;
    assert_eq!(socket.request(send).await["data"], first["data"]);
    let path = format!("/rooms/{lobby}/messages");
    let by_rest = ada.post(&path, &json!({ "body": "hello", "client_id": "a" })).expect(200).await;
    assert_eq!(by_rest["id"], first["data"]["message_id"]);
    let other = json!({ "type": "message.send", "room_id": lobby, "body": "other words", "client_id": "a" });
    assert_eq!(socket.request(other).await["error"]["code"], "client_id_reused");
}

#[tokio::test]
async fn many_commands_at_once_are_executed_in_order() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.create_public_room("Hall").await;
    let mut socket = ada.listen(None).await;
    for number in 0..200 {
        let send = json!({ "type": "message.send", "room_id": lobby, "body": number.to_string(), "client_id": number.to_string() });
        socket.send_command(send).await;
    }
    for number in 0..200i64 {
        let ack = socket.next_of_type("ack").await;
        assert_eq!((&ack["id"], &ack["data"]["seq"]), (&json!(number + 1), &json!(number + 1)));
        let path = format!("/messages/{}", ack["data"]["message_id"].as_str().unwrap());
        assert_eq!(ada.get(&path).expect(200).await["body"], number.to_string());
    }
}

#[tokio::test]
async fn commands_before_a_close_are_executed() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut reader = mara.listen(None).await;
    for (number, end) in [Message::Close(None), Message::binary(vec![1])].into_iter().enumerate() {
        let mut socket = ada.listen(None).await;
        let name = number.to_string();
        let send = json!({ "id": 1, "type": "message.send", "room_id": lobby, "body": name, "client_id": name });
        socket.stream.feed(Message::text(send.to_string())).await.unwrap();
        socket.stream.feed(end).await.unwrap();
        // With one write, and the connection ends.
        socket.stream.flush().await.unwrap();
        drop(socket);
        assert_eq!(reader.next_of_type("message.created").await["data"]["body"], name);
    }
}

#[tokio::test]
async fn forbidden_commands_are_refused_with_a_code() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let message = ada.send_message(&kitchen, "mine").await["id"].clone();
    let mut socket = mara.listen(None).await;
    let mut refused = async |command| socket.request(command).await["error"]["code"].clone();
    let send = |room: &str| json!({ "type": "message.send", "room_id": room, "body": "hello", "client_id": "a" });
    assert_eq!(refused(send(&kitchen)).await, "not_a_member");
    assert_eq!(refused(send(&cellar)).await, "not_found");
    assert_eq!(refused(json!({ "type": "message.edit", "message_id": message, "body": "x" })).await, "not_found");
    assert_eq!(refused(json!({ "type": "message.delete", "message_id": message })).await, "not_found");
    let read = json!({ "type": "read.mark", "room_id": kitchen, "message_id": message });
    assert_eq!(refused(read).await, "not_a_member");
}
