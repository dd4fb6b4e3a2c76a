use crate::harness::Server;

#[tokio::test]
async fn only_the_owner_can_remove_members() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    ada.add_member(&cellar, &mara).await;
    ada.add_member(&cellar, &tomas).await;
    let path = |user: &crate::harness::TestUser| format!("/rooms/{cellar}/members/{}", user.id);
    yuki.delete(&path(&mara)).expect_error("not_found").await;
    mara.delete(&path(&tomas)).expect_error("forbidden").await;
    mara.delete(&path(&ada)).expect_error("forbidden").await;
    ada.delete(&path(&mara)).expect(204).await;
    mara.get(&format!("/rooms/{cellar}/messages")).expect_error("not_found").await;
    ada.delete(&path(&mara)).expect_error("not_found").await;
    ada.delete(&path(&yuki)).expect_error("not_found").await;
}

#[tokio::test]
async fn non_members_cannot_remove_members() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    mara.delete(&format!("/rooms/{kitchen}/members/{}", ada.id)).expect_error("not_a_member").await;
}

#[tokio::test]
async fn members_can_remove_themselves_except_from_the_lobby() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, lobby) = (ada.create_public_room("Kitchen").await, ada.lobby().await);
    mara.join(&kitchen).await;
    mara.delete(&format!("/rooms/{kitchen}/members/{}", mara.id)).expect(204).await;
    mara.delete(&format!("/rooms/{lobby}/members/{}", mara.id)).expect_error("lobby_membership_fixed").await;
}
