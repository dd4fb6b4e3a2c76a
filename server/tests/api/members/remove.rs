use crate::harness::Server;

#[tokio::test]
async fn the_owner_shows_people_out() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    ada.bring_in(&cellar, &mara).await;
    ada.bring_in(&cellar, &tomas).await;
    let path = |person: &crate::harness::Person| format!("/rooms/{cellar}/members/{}", person.id);
    yuki.delete(&path(&mara)).refused("not_found").await;
    mara.delete(&path(&tomas)).refused("forbidden").await;
    mara.delete(&path(&ada)).refused("forbidden").await;
    ada.delete(&path(&mara)).expect(204).await;
    mara.get(&format!("/rooms/{cellar}/messages")).refused("not_found").await;
    ada.delete(&path(&mara)).refused("not_found").await;
    ada.delete(&path(&yuki)).refused("not_found").await;
}

#[tokio::test]
async fn strangers_show_nobody_out() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    mara.delete(&format!("/rooms/{kitchen}/members/{}", ada.id)).refused("not_a_member").await;
}

#[tokio::test]
async fn one_may_show_oneself_out_but_not_of_the_lobby() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let (kitchen, lobby) = (ada.room("Kitchen").await, ada.lobby().await);
    mara.join(&kitchen).await;
    mara.delete(&format!("/rooms/{kitchen}/members/{}", mara.id)).expect(204).await;
    mara.delete(&format!("/rooms/{lobby}/members/{}", mara.id)).refused("lobby_is_for_everyone").await;
}
