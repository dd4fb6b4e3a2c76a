use crate::harness::Server;

#[tokio::test]
async fn only_members_can_read_a_message() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (lobby, kitchen) = (ada.lobby().await, ada.create_public_room("Kitchen").await);
    let open = ada.send_message(&lobby, "hello").await;
    let closed = ada.send_message(&kitchen, "hello").await;
    let path = |message: &serde_json::Value| format!("/messages/{}", message["id"].as_str().unwrap());
    assert_eq!(mara.get(&path(&open)).expect(200).await, open);
    mara.get(&path(&closed)).expect_error("not_found").await;
}
