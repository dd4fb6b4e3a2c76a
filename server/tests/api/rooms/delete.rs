use crate::harness::Server;

#[tokio::test]
async fn a_deleted_room_is_gone_for_every_client() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    mara.add_member(&cellar, &tomas).await;
    let message = tomas.send_message(&cellar, "secret words").await;
    let cursor = tomas.cursor().await;
    let mut socket = mara.listen(None).await;
    let path = format!("/rooms/{cellar}");
    tomas.delete(&path).expect_error("forbidden").await;
    for stranger in [&ada, &yuki] {
        stranger.delete(&path).expect_error("not_found").await;
    }
    mara.delete(&path).expect(204).await;
    assert_eq!(socket.next_of_type("room.deleted").await["data"], serde_json::json!({ "room_id": cellar }));
    for user in [&mara, &tomas] {
        for rest in ["", "/messages", "/members", "/permissions", "/invitations", "/bans"] {
            user.get(&format!("{path}{rest}")).expect_error("not_found").await;
        }
        user.get(&format!("/messages/{}", message["id"].as_str().unwrap())).expect_error("not_found").await;
        user.delete(&path).expect_error("not_found").await;
        let page = user.get(&format!("//rooms/{cellar}")).send().await;
        assert!(!page.text.contains("Cellar") && !page.text.contains("secret words"), "{}", page.text);
    }
    // Who was away hears it from their cursor, and nothing else of the room.
    let missed = tomas.get(&format!("/sync/events?after={cursor}&wait=0")).expect(200).await;
    assert_eq!(missed["items"].as_array().unwrap().len(), 1);
    assert_eq!(missed["items"][0]["type"], "room.deleted");
    let missed = yuki.get(&format!("/sync/events?after={cursor}&wait=0")).expect(200).await;
    assert!(missed["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn an_administrator_deletes_a_public_room_but_nobody_the_lobby() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = mara.create_public_room("Kitchen").await;
    ada.delete(&format!("/rooms/{kitchen}")).expect(204).await;
    mara.get(&format!("/rooms/{kitchen}")).expect_error("not_found").await;
    let lobby = ada.lobby().await;
    ada.delete(&format!("/rooms/{lobby}")).expect_error("lobby_membership_fixed").await;
    // Its name is free again.
    mara.create_public_room("Kitchen").await;
}
