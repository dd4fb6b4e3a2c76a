use crate::harness::Server;
use protocol::port::prelude::*;
use serde_json::json;

#[tokio::test]
async fn the_level_and_the_mute_are_replaced() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let path = format!("/rooms/{lobby}/notifications");
    let until = json!(server.service().now().plus(60 * 60 * 1000));
    ada.put(&path, &json!({ "level": "mentions", "muted_until": until })).expect(204).await;
    let membership = async || ada.get(&format!("/rooms/{lobby}")).expect(200).await["membership"].clone();
    let own = membership().await;
    assert_eq!((&own["notifications"], &own["muted_until"]), (&json!("mentions"), &until));
    ada.put(&path, &json!({ "level": "none" })).expect(204).await;
    let own = membership().await;
    assert_eq!((&own["notifications"], own.get("muted_until")), (&json!("none"), None));
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let path = format!("/rooms/{}/notifications", ada.lobby().await);
    let wrong = async |body, field, code| ada.put(&path, &body).expect_field_error(field, code).await;
    wrong(json!({}), "level", "required").await;
    wrong(json!({ "level": "loud" }), "level", "invalid").await;
    wrong(json!({ "level": "all", "muted_until": "2020-01-01T00:00:00.000Z" }), "muted_until", "invalid").await;
    wrong(json!({ "level": "all", "muted_until": "9999-01-01T00:00:00.000Z" }), "muted_until", "invalid").await;
    wrong(json!({ "level": "all", "muted_until": "tomorrow" }), "muted_until", "wrong_type").await;
}
