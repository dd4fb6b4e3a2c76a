use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn the_read_marker_only_moves_forward() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let (mut messages, mut seqs) = (Vec::new(), Vec::new());
    for body in ["one", "two", "three"] {
        let sent = ada.send_message(&lobby, body).await;
        messages.push(sent["id"].clone());
        seqs.push(sent["seq"].clone());
    }
    let path = format!("/rooms/{lobby}/read");
    let unread = async || mara.get(&format!("/rooms/{lobby}")).expect(200).await["membership"]["unread"].clone();
    assert_eq!(unread().await, 3);
    let read = mara.put(&path, &json!({ "message_id": messages[1] })).expect(200).await;
    assert_eq!(read, json!({ "room_id": lobby, "read_seq": seqs[1], "unread": 1, "uncounted": [] }));
    assert_eq!(unread().await, 1);
    let read = mara.put(&path, &json!({ "message_id": messages[0] })).expect(200).await;
    assert_eq!(read["read_seq"], seqs[1]);
    assert_eq!(unread().await, 1);
}

#[tokio::test]
async fn marking_read_requires_membership_and_a_message_of_the_room() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let message = ada.send_message(&kitchen, "hello").await["id"].clone();
    let body = json!({ "message_id": message });
    mara.put(&format!("/rooms/{kitchen}/read"), &body).expect_error("not_a_member").await;
    mara.put(&format!("/rooms/{cellar}/read"), &body).expect_error("not_found").await;
    ada.put(&format!("/rooms/{cellar}/read"), &body).expect_error("not_found").await;
    ada.put(&format!("/rooms/{kitchen}/read"), &json!({ "message_id": "x" }))
        .expect_field_error("message_id", "wrong_type")
        .await;
}
