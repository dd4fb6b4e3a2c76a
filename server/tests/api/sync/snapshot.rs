use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn the_snapshot_contains_the_user_and_their_rooms() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let (lobby, _) = (ada.lobby().await, ada.send_message(&kitchen, "hello").await);
    ada.send_message(&lobby, "hello").await;
    let snapshot = mara.get("/sync").expect(200).await;
    assert_eq!(snapshot["self"]["id"], mara.id.as_str());
    let rooms = snapshot["rooms"].as_array().unwrap();
    assert_eq!(rooms.len(), 1);
    assert_eq!((&rooms[0]["name"], &rooms[0]["membership"]["unread"]), (&json!("Lobby"), &json!(1)));
}

#[tokio::test]
async fn long_answers_are_compressed_for_clients_that_accept_it() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let start = ada.cursor().await;
    for number in 0..60 {
        ada.create_public_room(&format!("Project {number}")).await;
    }
    let get = async |path: &str, accepted: &str| ada.get(path).header("accept-encoding", accepted).send().await;
    for path in ["/sync", "/rooms", &format!("/sync/events?after={start}")] {
        let (plain, compressed) = (get(path, "identity").await, get(path, "gzip, br").await);
        assert_eq!((plain.header("content-encoding"), compressed.header("content-encoding")), ("", "gzip"), "{path}");
        assert!(compressed.received * 3 < plain.received, "{path}: {} of {}", compressed.received, plain.received);
        assert_eq!(plain.json(), compressed.json(), "{path}");
    }
    // A short answer is not; those with a secret are short.
    assert_eq!(mara.get("/sync").header("accept-encoding", "gzip").send().await.header("content-encoding"), "");
}
