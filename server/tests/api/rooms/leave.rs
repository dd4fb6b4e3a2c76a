use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_user_who_left_is_no_longer_a_member() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    ada.add_member(&cellar, &mara).await;
    mara.request("POST", &format!("/rooms/{cellar}/leave")).expect(204).await;
    mara.get(&format!("/rooms/{cellar}")).expect_error("not_found").await;
    mara.request("POST", &format!("/rooms/{cellar}/leave")).expect_error("not_found").await;
    assert_eq!(ada.get(&format!("/rooms/{cellar}")).expect(200).await["member_count"], 1);
}

#[tokio::test]
async fn the_last_owner_hands_the_room_over_before_leaving() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    mara.join(&kitchen).await;
    ada.request("POST", &format!("/rooms/{kitchen}/leave")).expect_error("last_owner").await;
    ada.delete(&format!("/rooms/{kitchen}/members/{}", ada.id)).expect_error("last_owner").await;
    ada.post(&format!("/rooms/{kitchen}/transfer"), &json!({ "user_id": mara.id })).expect(200).await;
    ada.request("POST", &format!("/rooms/{kitchen}/leave")).expect(204).await;
    let room = mara.get(&format!("/rooms/{kitchen}")).expect(200).await;
    assert_eq!(room["membership"]["role"], "owner");
}

#[tokio::test]
async fn the_lobby_cannot_be_left() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    ada.request("POST", &format!("/rooms/{lobby}/leave")).expect_error("lobby_membership_fixed").await;
}
