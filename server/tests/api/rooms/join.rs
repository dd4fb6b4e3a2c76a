use crate::harness::Server;

#[tokio::test]
async fn anyone_can_join_a_public_room_and_joining_is_idempotent() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    ada.send_message(&kitchen, "before mara").await;
    let path = format!("/rooms/{kitchen}/join");
    let room = mara.request("POST", &path).expect(200).await;
    assert_eq!((room["membership"]["role"].as_str(), room["member_count"].as_i64()), (Some("member"), Some(2)));
    assert_eq!(room["membership"]["unread"], 0, "messages sent before joining are not unread");
    assert_eq!(mara.request("POST", &path).expect(200).await["member_count"], 2);
}

#[tokio::test]
async fn a_private_room_is_not_found() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    mara.request("POST", &format!("/rooms/{cellar}/join")).expect_error("not_found").await;
}
