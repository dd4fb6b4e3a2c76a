use crate::harness::Server;

#[tokio::test]
async fn a_user_with_an_open_socket_is_online() {
    let server = Server::start().await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    assert_eq!(ada.get("/users/online").expect(200).await["items"], serde_json::json!([]));
    let mut socket = ada.listen(None).await;
    let _mara = mara.listen(None).await;
    let first = ada.get("/users/online?limit=1").expect(200).await;
    assert_eq!(first["items"][0]["username"], "ada");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/users/online?limit=1&cursor={cursor}")).expect(200).await;
    assert_eq!(second["items"][0]["presence"], "online");
    assert_eq!(second["items"][0]["username"], "mara");
    let event = loop {
        let frame = socket.next_of_type("presence.updated").await;
        if frame["data"]["user_id"] == mara.id.as_str() {
            break frame;
        }
    };
    assert_eq!(event["data"]["presence"], "online");
}
