//! Removed members and ended sessions receive no further events.

use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_removed_member_receives_no_further_events() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (cellar, lobby) = (ada.create_private_room("Cellar").await, ada.lobby().await);
    ada.add_member(&cellar, &mara).await;
    let mut socket = mara.listen(None).await;
    ada.send_message(&cellar, "among us").await;
    assert_eq!(socket.next_of_type("message.created").await["data"]["body"], "among us");
    ada.delete(&format!("/rooms/{cellar}/members/{}", mara.id)).expect(204).await;
    ada.send_message(&cellar, "without mara").await;
    ada.send_message(&lobby, "for all").await;
    assert_eq!(socket.next_of_type("member.left").await["data"]["member"]["user"]["username"], "mara");
    assert_eq!(socket.bodies_until("for all").await, ["for all"]);
}

#[tokio::test]
async fn a_removed_member_gets_no_replay_of_the_room() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (cellar, lobby) = (ada.create_private_room("Cellar").await, ada.lobby().await);
    ada.add_member(&cellar, &mara).await;
    let cursor = mara.cursor().await;
    ada.send_message(&cellar, "secret").await;
    ada.delete(&format!("/rooms/{cellar}/members/{}", mara.id)).expect(204).await;
    ada.send_message(&lobby, "for all").await;
    let mut socket = mara.listen(Some(&cursor)).await;
    assert_eq!(socket.bodies_until("for all").await, ["for all"]);
}

#[tokio::test]
async fn a_joining_user_receives_events_from_then_on() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    ada.send_message(&kitchen, "before mara").await;
    let mut socket = mara.listen(None).await;
    mara.join(&kitchen).await;
    let joined = socket.next_of_type("member.joined").await;
    assert_eq!((&joined["data"]["room"]["id"], &joined["data"]["room"]["head"]), (&json!(kitchen), &json!(1)));
    ada.send_message(&kitchen, "welcome").await;
    // The first is the line that she joined.
    assert_eq!(socket.bodies_until("welcome").await, ["", "welcome"]);
}

#[tokio::test]
async fn logout_closes_only_the_sockets_of_its_session() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let phone = ada.login_again().await;
    let lobby = ada.lobby().await;
    let (mut here, mut there) = (ada.listen(None).await, phone.listen(None).await);
    ada.request("POST", "/auth/logout").expect(204).await;
    let (code, reason) = here.wait_for_close().await;
    assert_eq!((code, reason.as_str()), (4001, "session ended"));
    phone.send_message(&lobby, "still here").await;
    assert_eq!(there.bodies_until("still here").await, ["still here"]);
}
