use crate::harness::Server;

#[tokio::test]
async fn a_public_room_is_open_to_see_and_a_private_one_is_not_there() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let (kitchen, cellar) = (ada.room("Kitchen").await, ada.private_room("Cellar").await);
    let seen = mara.get(&format!("/rooms/{kitchen}")).expect(200).await;
    assert_eq!((seen["name"].as_str(), seen.get("membership")), (Some("Kitchen"), None));
    mara.get(&format!("/rooms/{cellar}")).refused("not_found").await;
    ada.bring_in(&cellar, &mara).await;
    let seen = mara.get(&format!("/rooms/{cellar}")).expect(200).await;
    assert_eq!(seen["membership"]["role"], "member");
}
