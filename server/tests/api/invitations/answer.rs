use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn who_is_invited_decides() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    ada.say(&cellar, "a secret").await;
    let path = format!("/rooms/{cellar}/invitations");
    let mut made = Vec::new();
    for person in [&mara, &yuki] {
        let one = ada.post(&path, &json!({ "user_id": person.id })).expect(201).await;
        made.push(format!("/invitations/{}", one["id"].as_str().unwrap()));
    }
    let (hers, others) = (&made[0], &made[1]);
    for path in [&format!("/rooms/{cellar}"), &format!("/rooms/{cellar}/messages")] {
        mara.get(path).refused("not_found").await;
    }
    mara.ask("POST", &format!("{others}/accept")).refused("not_found").await;
    mara.ask("POST", &format!("{others}/decline")).refused("not_found").await;
    let cursor = mara.cursor().await;
    let mut socket = mara.listen(None).await;
    let room = mara.ask("POST", &format!("{hers}/accept")).expect(200).await;
    assert_eq!((&room["id"], &room["membership"]["role"]), (&json!(cellar), &json!("member")));
    assert_eq!(mara.ask("POST", &format!("{hers}/accept")).expect(200).await, room);
    assert_eq!(socket.next_of("member.joined").await["room_id"], cellar);
    assert_eq!(socket.next_of("invitation.updated").await["data"]["status"], "accepted");
    assert_eq!(mara.listen(Some(&cursor)).await.next_of("invitation.updated").await["data"]["status"], "accepted");
    mara.get(&format!("/rooms/{cellar}/messages")).expect(200).await;
    for _ in 0..2 {
        yuki.ask("POST", &format!("{others}/decline")).expect(204).await;
    }
    yuki.ask("POST", &format!("{others}/accept")).refused("not_found").await;
    ada.post(&path, &json!({ "user_id": yuki.id })).refused("forbidden").await;
}
