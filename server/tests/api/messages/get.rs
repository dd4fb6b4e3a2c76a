use crate::harness::Server;

#[tokio::test]
async fn members_see_it_and_strangers_do_not() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let (lobby, kitchen) = (ada.lobby().await, ada.room("Kitchen").await);
    let open = ada.say(&lobby, "hello").await;
    let closed = ada.say(&kitchen, "hello").await;
    let path = |message: &serde_json::Value| format!("/messages/{}", message["id"].as_str().unwrap());
    assert_eq!(mara.get(&path(&open)).expect(200).await, open);
    mara.get(&path(&closed)).refused("not_found").await;
}
