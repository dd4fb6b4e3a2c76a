use crate::harness::Server;

#[tokio::test]
async fn public_rooms_are_visible_and_private_ones_not_found() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let seen = mara.get(&format!("/rooms/{kitchen}")).expect(200).await;
    assert_eq!((seen["name"].as_str(), seen.get("membership")), (Some("Kitchen"), None));
    mara.get(&format!("/rooms/{cellar}")).expect_error("not_found").await;
    ada.add_member(&cellar, &mara).await;
    let seen = mara.get(&format!("/rooms/{cellar}")).expect(200).await;
    assert_eq!(seen["membership"]["role"], "member");
}
