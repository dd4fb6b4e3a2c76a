use crate::harness::Server;

#[tokio::test]
async fn a_public_room_is_open_to_all_and_twice_is_once() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    ada.say(&kitchen, "before mara").await;
    let path = format!("/rooms/{kitchen}/join");
    let room = mara.ask("POST", &path).expect(200).await;
    assert_eq!((room["membership"]["role"].as_str(), room["member_count"].as_i64()), (Some("member"), Some(2)));
    assert_eq!(room["membership"]["unread"], 0, "what was said before one came in is not unread");
    assert_eq!(mara.ask("POST", &path).expect(200).await["member_count"], 2);
}

#[tokio::test]
async fn a_private_room_is_not_there() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    mara.ask("POST", &format!("/rooms/{cellar}/join")).refused("not_found").await;
}
