//! Resuming: all missed events once and in order, or an explicit reset.

use crate::harness::{Server, socket::handshake};
use serde_json::json;

#[tokio::test]
async fn missed_events_are_replayed_once_and_in_order() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut socket = mara.listen(None).await;
    ada.send_message(&lobby, "heard").await;
    let cursor = socket.next_of_type("message.created").await["cursor"].as_str().unwrap().to_owned();
    drop(socket);
    for body in ["one", "two", "three"] {
        ada.send_message(&lobby, body).await;
    }
    let mut socket = mara.listen(Some(&cursor)).await;
    assert_eq!((&socket.hello["resumed"], &socket.hello["cursor"]), (&json!(true), &json!(cursor)));
    let mut missed = Vec::new();
    loop {
        let frame = socket.next().await;
        match frame["type"].as_str() {
            Some("live") => break,
            _ => missed.push(frame["data"]["body"].as_str().unwrap().to_owned()),
        }
    }
    assert_eq!(missed, ["one", "two", "three"]);
    ada.send_message(&lobby, "four").await;
    assert_eq!(socket.next().await["data"]["body"], "four");
}

#[tokio::test]
async fn resuming_while_others_send_loses_and_duplicates_nothing() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut cursor = mara.cursor().await;
    let sending = tokio::spawn({
        let (ada, lobby) = (ada.clone(), lobby.clone());
        async move {
            for number in 0..120 {
                ada.send_message(&lobby, &number.to_string()).await;
            }
        }
    });
    let mut received: Vec<String> = Vec::new();
    while received.last().is_none_or(|last| last != "119") {
        let mut socket = mara.listen(Some(&cursor)).await;
        for _ in 0..7 {
            let event = socket.next_of_type("message.created").await;
            received.push(event["data"]["body"].as_str().unwrap().to_owned());
            cursor = event["cursor"].as_str().unwrap().to_owned();
            if received.last().is_some_and(|last| last == "119") {
                break;
            }
        }
    }
    sending.await.unwrap();
    assert_eq!(received, (0..120).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn resuming_works_across_a_restart() {
    let mut server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut socket = mara.listen(None).await;
    ada.send_message(&lobby, "before").await;
    let cursor = socket.next_of_type("message.created").await["cursor"].as_str().unwrap().to_owned();
    ada.send_message(&lobby, "missed").await;
    server.restart().await;
    let (code, _) = socket.wait_for_close().await;
    assert_eq!(code, 1012);
    ada.send_message(&lobby, "after").await;
    let mut socket = mara.listen(Some(&cursor)).await;
    assert_eq!(socket.bodies_until("after").await, ["missed", "after"]);
}

#[tokio::test]
async fn a_foreign_or_future_cursor_is_reset() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let cursor = ada.cursor().await;
    let (epoch, _) = cursor.split_once('.').unwrap();
    for cursor in [format!("{epoch}.999999"), "ffffffff.1".into()] {
        let mut socket = ada.listen(Some(&cursor)).await;
        assert_eq!(socket.hello["resumed"], false);
        assert_eq!(socket.next().await, json!({ "type": "reset", "reason": "unknown" }));
        ada.send_message(&lobby, "still here").await;
        assert_eq!(socket.next_of_type("message.created").await["data"]["body"], "still here");
    }
}

#[tokio::test]
async fn a_client_that_missed_more_than_it_wants_to_replay_is_reset() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (lobby, cursor) = (ada.lobby().await, mara.cursor().await);
    // What others do elsewhere is not replayed, so it is not counted.
    let elsewhere = ada.create_private_room("elsewhere").await;
    for room in [&lobby, &elsewhere, &lobby, &elsewhere, &lobby] {
        ada.send_message(room, "missed").await;
    }
    let mut patient = mara.listen(Some(&format!("{cursor}&max_replay=3"))).await;
    assert_eq!(patient.hello["resumed"], true);
    for _ in 0..3 {
        assert_eq!(patient.next().await["data"]["body"], "missed");
    }
    assert_eq!(patient.next().await["type"], "live");
    let mut hasty = mara.listen(Some(&format!("{cursor}&max_replay=2"))).await;
    assert_eq!(hasty.hello["resumed"], false);
    assert_eq!(hasty.next().await, json!({ "type": "reset", "reason": "too_many_events" }));
    let live = hasty.next().await;
    assert_eq!((&live["type"], &live["cursor"]), (&json!("live"), &hasty.hello["cursor"]));
    ada.send_message(&lobby, "after").await;
    assert_eq!(hasty.next().await["data"]["body"], "after");
}

#[tokio::test]
async fn an_invalid_cursor_opens_no_socket() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let token = format!("Bearer {}", ada.access_token);
    for cursor in ["x", "1.1", "zzzzzzzz.1", "00000000.-1"] {
        let response =
            handshake(ada.api.address, &format!("?cursor={cursor}"), &[("authorization", token.clone())]).await;
        assert_eq!(response.unwrap_err().status(), 400, "{cursor}");
    }
    ada.get("/ws").expect_error("malformed").await;
}
