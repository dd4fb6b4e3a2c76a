use crate::harness::Server;

#[tokio::test]
async fn a_public_room_is_open_to_all_and_twice_is_once() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    ada.send_message(&kitchen, "before mara").await;
    let path = format!("/rooms/{kitchen}/join");
    let room = mara.request("POST", &path).expect(200).await;
    assert_eq!((room["membership"]["role"].as_str(), room["member_count"].as_i64()), (Some("member"), Some(2)));
    assert_eq!(room["membership"]["unread"], 0, "what was said before one came in is not unread");
    assert_eq!(mara.request("POST", &path).expect(200).await["member_count"], 2);
}

#[tokio::test]
async fn a_private_room_is_not_there() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    mara.request("POST", &format!("/rooms/{cellar}/join")).expect_error("not_found").await;
}
