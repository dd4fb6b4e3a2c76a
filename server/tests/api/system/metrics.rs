use crate::harness::Server;
use server::config::RawConfig;

#[tokio::test]
async fn metrics_require_the_configured_token() {
    let token = "t".repeat(32);
    let server = Server::start_with(RawConfig { metrics_token: Some(token.clone()), ..RawConfig::default() }).await;
    let response = server.get("//metrics").token(&token).send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (200, "text/plain; version=0.0.4; charset=utf-8"));
    for start in ["lair_position ", "lair_follower_attempts{follower=\"clean-up\"} 0"] {
        assert!(response.text.lines().any(|line| line.starts_with(start)), "{start}: {}", response.text);
    }
    server.get("//metrics").expect_error("not_signed_in").await;
    for wrong in ["", "t", &"u".repeat(32), &"t".repeat(33)] {
        server.get("//metrics").token(wrong).expect_error("not_signed_in").await;
    }
    // The token of a user is none, not even of an administrator.
    let ada = server.create_user("ada").await;
    ada.get("//metrics").expect_error("not_signed_in").await;
}

#[tokio::test]
async fn without_a_token_in_the_configuration_there_are_no_metrics() {
    let server = Server::start().await;
    for token in ["", "anything"] {
        assert_eq!(server.get("//metrics").token(token).send().await.status, 404);
    }
}
