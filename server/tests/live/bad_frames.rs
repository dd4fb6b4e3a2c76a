//! Invalid frames get a clear error, change nothing, and do not affect others.

use crate::harness::{Server, Socket, TestUser, random_name};
use futures::SinkExt;
use serde_json::{Value, json};
use server::config::RawConfig;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

/// Checks that a socket can still send and the server is ready.
async fn check_socket_works(server: &Server, socket: &mut Socket, room: &str) {
    let name = random_name();
    let send = json!({ "type": "message.send", "room_id": room, "body": name, "client_id": name });
    assert_eq!(socket.request(send).await["type"], "ack");
    server.get("/ready").expect(200).await;
}

#[tokio::test]
async fn an_invalid_frame_gets_an_error_and_the_socket_stays_open() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let mut socket = ada.listen(None).await;
    let deep = "[".repeat(10_000);
    for text in ["", "{", "hello", &deep, "\u{0}", "{\"id\":1} {}"] {
        let error = socket.expect_error(text).await;
        assert_eq!((&error["id"], &error["error"]["code"]), (&Value::Null, &json!("malformed")), "{text:.20}");
    }
    let error = socket.expect_error(r#"{"id":9,"type":"message.shout"}"#).await;
    assert_eq!((&error["id"], &error["error"]["code"]), (&json!(9), &json!("unknown_command")));
    assert!(error["error"]["detail"].as_str().unwrap().contains("message.send"), "{error}");
    let mut wrong = async |command: Value, field: &str, code: &str| {
        let error = socket.request(command).await["error"].clone();
        assert_eq!(error["errors"][0]["field"], field, "{error}");
        assert_eq!(error["errors"][0]["code"], code, "{error}");
    };
    wrong(json!({ "type": "message.send", "room_id": lobby, "client_id": "a" }), "body", "required").await;
    wrong(json!({ "type": "message.send", "room_id": "x", "body": "a", "client_id": "a" }), "room_id", "wrong_type")
        .await;
    wrong(json!({ "type": "ping", "colour": "red" }), "colour", "unknown").await;
    wrong(json!({ "type": ["ping"] }), "type", "wrong_type").await;
    socket.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.next_of_type("error").await["error"]["code"], "malformed");
    check_socket_works(&server, &mut socket, &lobby).await;
}

/// A server with a small limit of reads, and a socket on it; opening it was one of them.
async fn open_with_few_reads() -> (Server, TestUser, Socket) {
    let raw =
        RawConfig { rate_limits: Some("on".into()), limit_read: Some("1/h burst 6".into()), ..RawConfig::default() };
    let server = Server::start_with(raw).await;
    let ada = server.create_user("ada").await;
    let socket = ada.listen(None).await;
    (server, ada, socket)
}

#[tokio::test]
async fn frames_that_are_not_commands_count_as_reads() {
    let bad = [Message::text("{"), Message::text(r#"{"id":1,"type":"dance"}"#), Message::binary(vec![1])];
    for frame in bad {
        let (_server, ada, mut socket) = open_with_few_reads().await;
        for expected in ["", "", "", "", "", "rate_limited"] {
            socket.send(frame.clone()).await;
            let code = socket.next_of_type("error").await["error"]["code"].as_str().unwrap().to_owned();
            assert_eq!(code == "rate_limited", expected == "rate_limited", "{frame:?}: {code}");
        }
        ada.get("/rooms").expect_error("rate_limited").await;
    }
}

#[tokio::test]
async fn pings_count_as_reads() {
    let (_server, ada, mut socket) = open_with_few_reads().await;
    for _ in 0..5 {
        socket.send(Message::Ping(b"hello".to_vec().into())).await;
    }
    // Also the command of this name.
    let refused = socket.request(json!({ "type": "ping" })).await;
    assert_eq!(refused["error"]["code"], "rate_limited");
    ada.get("/rooms").expect_error("rate_limited").await;
}

#[tokio::test]
async fn a_socket_with_many_refused_frames_is_closed() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let (mut rude, mut kind) = (ada.listen(None).await, mara.listen(None).await);
    for _ in 0..100 {
        assert_eq!(rude.expect_error("{").await["error"]["code"], "malformed");
    }
    check_socket_works(&server, &mut rude, &lobby).await;
    rude.send(Message::text("{")).await;
    let (code, reason) = rude.wait_for_close().await;
    assert_eq!(code, 1008, "{reason}");
    check_socket_works(&server, &mut kind, &lobby).await;
    // Pings beyond the rate limit as well.
    let (_server, _ada, mut socket) = open_with_few_reads().await;
    for _ in 0..106 {
        // The server may close the connection before all of them are sent.
        let _ = socket.stream.send(Message::Ping(b"hello".to_vec().into())).await;
    }
    assert_eq!(socket.wait_for_close().await.0, 1008);
}

#[tokio::test]
async fn an_oversized_frame_closes_only_its_socket() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let (mut rude, mut kind) = (ada.listen(None).await, mara.listen(None).await);
    let fits = format!("{{\"id\":1,\"type\":\"ping\",\"x\":\"{}\"}}", "x".repeat(100 * 1024));
    assert_eq!(rude.expect_error(fits).await["error"]["code"], "invalid");
    for size in [128 * 1024 + 1, 4 * 1024 * 1024] {
        // The server may close the connection before all of it is sent.
        let _ = rude.stream.send(Message::text("x".repeat(size))).await;
        let (code, reason) = rude.wait_for_close().await;
        assert_eq!(code, 1009, "{reason}");
        rude = ada.listen(None).await;
    }
    check_socket_works(&server, &mut kind, &lobby).await;
}

#[tokio::test]
async fn text_that_is_not_utf_8_closes_its_socket() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    // A final text frame, masked with zeros, with two bytes of invalid UTF-8; then one with reserved bits set.
    for (frame, expected) in
        [(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007), (&[0xf1, 0x82, 0, 0, 0, 0, 0x41, 0x41], 1002)]
    {
        let mut socket = ada.listen(None).await;
        socket.stream.get_mut().write_all(frame).await.unwrap();
        assert_eq!(socket.wait_for_close().await.0, expected);
    }
    let mut socket = ada.listen(None).await;
    check_socket_works(&server, &mut socket, &lobby).await;
}

#[tokio::test]
async fn scripts_in_messages_are_removed() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let mut socket = ada.listen(None).await;
    let bad = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <svg/onload=alert(1)>";
    let ack = socket.request(json!({ "type": "message.send", "room_id": lobby, "body": bad, "client_id": "a" })).await;
    assert_eq!(ack["type"], "ack");
    let event = socket.next_of_type("message.created").await;
    let html = event["data"]["html"].as_str().unwrap().to_lowercase();
    for tag in ["<img", "<svg", "<script", "href=\"javascript"] {
        assert!(!html.contains(tag), "{html}");
    }
}

#[tokio::test]
async fn a_reset_connection_does_not_affect_others() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut kind = mara.listen(None).await;
    for number in 0..20 {
        let mut socket = ada.listen(None).await;
        let send = json!({ "type": "message.send", "room_id": lobby, "body": "x", "client_id": number.to_string() });
        socket.send_command(send).await;
        socket.stream.get_mut().set_zero_linger().unwrap();
    }
    check_socket_works(&server, &mut kind, &lobby).await;
}
