use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn an_invited_user_can_accept_or_decline() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    ada.send_message(&cellar, "a secret").await;
    let path = format!("/rooms/{cellar}/invitations");
    let mut created = Vec::new();
    for user in [&mara, &yuki] {
        let one = ada.post(&path, &json!({ "user_id": user.id })).expect(201).await;
        created.push(format!("/invitations/{}", one["id"].as_str().unwrap()));
    }
    let (mara_invitation, yuki_invitation) = (&created[0], &created[1]);
    for path in [&format!("/rooms/{cellar}"), &format!("/rooms/{cellar}/messages")] {
        mara.get(path).expect_error("not_found").await;
    }
    mara.request("POST", &format!("{yuki_invitation}/accept")).expect_error("not_found").await;
    mara.request("POST", &format!("{yuki_invitation}/decline")).expect_error("not_found").await;
    let cursor = mara.cursor().await;
    let mut socket = mara.listen(None).await;
    let room = mara.request("POST", &format!("{mara_invitation}/accept")).expect(200).await;
    assert_eq!((&room["id"], &room["membership"]["role"]), (&json!(cellar), &json!("member")));
    assert_eq!(mara.request("POST", &format!("{mara_invitation}/accept")).expect(200).await, room);
    assert_eq!(socket.next_of_type("member.joined").await["room_id"], cellar);
    assert_eq!(socket.next_of_type("invitation.updated").await["data"]["status"], "accepted");
    assert_eq!(mara.listen(Some(&cursor)).await.next_of_type("invitation.updated").await["data"]["status"], "accepted");
    mara.get(&format!("/rooms/{cellar}/messages")).expect(200).await;
    for _ in 0..2 {
        yuki.request("POST", &format!("{yuki_invitation}/decline")).expect(204).await;
    }
    yuki.request("POST", &format!("{yuki_invitation}/accept")).expect_error("not_found").await;
    ada.post(&path, &json!({ "user_id": yuki.id })).expect_error("forbidden").await;
}
