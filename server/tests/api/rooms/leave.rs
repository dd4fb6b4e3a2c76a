use crate::harness::Server;

#[tokio::test]
async fn one_who_left_is_a_stranger() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    ada.bring_in(&cellar, &mara).await;
    mara.ask("POST", &format!("/rooms/{cellar}/leave")).expect(204).await;
    mara.get(&format!("/rooms/{cellar}")).refused("not_found").await;
    mara.ask("POST", &format!("/rooms/{cellar}/leave")).refused("not_found").await;
    assert_eq!(ada.get(&format!("/rooms/{cellar}")).expect(200).await["member_count"], 1);
}

#[tokio::test]
async fn when_the_owner_leaves_the_room_has_an_owner_still() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    mara.join(&kitchen).await;
    ada.ask("POST", &format!("/rooms/{kitchen}/leave")).expect(204).await;
    let room = mara.get(&format!("/rooms/{kitchen}")).expect(200).await;
    assert_eq!(room["membership"]["role"], "owner");
}

#[tokio::test]
async fn nobody_leaves_the_lobby() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let lobby = ada.lobby().await;
    ada.ask("POST", &format!("/rooms/{lobby}/leave")).refused("lobby_is_for_everyone").await;
}
