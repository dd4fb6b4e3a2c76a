use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn only_own_sessions_are_listed() {
    let server = Server::start().await;
    let [ada, _mara, ..] = server.create_users().await;
    let phone = ada.login_again().await;
    let list = ada.get("/sessions").expect(200).await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!((&items[0]["id"], &items[0]["current"]), (&json!(phone.session_id), &json!(false)));
    assert_eq!((&items[1]["id"], &items[1]["current"]), (&json!(ada.session_id), &json!(true)));
    let first = ada.get("/sessions?limit=1").expect(200).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = ada.get(&format!("/sessions?limit=1&cursor={cursor}")).expect(200).await;
    assert_eq!((&rest["items"][0], &rest["next_cursor"]), (&items[1], &json!(null)));
    assert_eq!(ada.get("/sessions/current").expect(200).await, items[1]);
    let stats = ada.get("/sessions/stats").expect(200).await;
    assert_eq!((&stats["active"], &stats["by_day"][0]["sessions"]), (&json!(2), &json!(2)));
}
