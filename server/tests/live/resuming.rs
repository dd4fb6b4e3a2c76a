//! Coming back: everything missed, once and in order, or an explicit reset.

use crate::harness::{Server, socket::knock};
use serde_json::json;

#[tokio::test]
async fn what_was_missed_comes_once_and_in_order() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let lobby = ada.lobby().await;
    let mut socket = mara.listen(None).await;
    ada.say(&lobby, "heard").await;
    let cursor = socket.next_of("message.created").await["cursor"].as_str().unwrap().to_owned();
    drop(socket);
    for body in ["one", "two", "three"] {
        ada.say(&lobby, body).await;
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
    ada.say(&lobby, "four").await;
    assert_eq!(socket.next().await["data"]["body"], "four");
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_while_others_talk() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let lobby = ada.lobby().await;
    let mut cursor = mara.cursor().await;
    let talking = tokio::spawn({
        let (ada, lobby) = (ada.clone(), lobby.clone());
        async move {
            for number in 0..120 {
                ada.say(&lobby, &number.to_string()).await;
            }
        }
    });
    let mut heard: Vec<String> = Vec::new();
    while heard.last().is_none_or(|last| last != "119") {
        let mut socket = mara.listen(Some(&cursor)).await;
        for _ in 0..7 {
            let event = socket.next_of("message.created").await;
            heard.push(event["data"]["body"].as_str().unwrap().to_owned());
            cursor = event["cursor"].as_str().unwrap().to_owned();
            if heard.last().is_some_and(|last| last == "119") {
                break;
            }
        }
    }
    talking.await.unwrap();
    assert_eq!(heard, (0..120).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn across_a_restart_too() {
    let mut server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let lobby = ada.lobby().await;
    let mut socket = mara.listen(None).await;
    ada.say(&lobby, "before").await;
    let cursor = socket.next_of("message.created").await["cursor"].as_str().unwrap().to_owned();
    ada.say(&lobby, "missed").await;
    server.restart().await;
    let (code, _) = socket.end().await;
    assert_eq!(code, 1012);
    ada.say(&lobby, "after").await;
    let mut socket = mara.listen(Some(&cursor)).await;
    assert_eq!(socket.bodies_until("after").await, ["missed", "after"]);
}

#[tokio::test]
async fn a_cursor_from_elsewhere_or_from_the_future_is_reset() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let lobby = ada.lobby().await;
    let cursor = ada.cursor().await;
    let (epoch, _) = cursor.split_once('.').unwrap();
    for cursor in [format!("{epoch}.999999"), "ffffffff.1".into()] {
        let mut socket = ada.listen(Some(&cursor)).await;
        assert_eq!(socket.hello["resumed"], false);
        assert_eq!(socket.next().await, json!({ "type": "reset", "reason": "unknown" }));
        ada.say(&lobby, "still here").await;
        assert_eq!(socket.next_of("message.created").await["data"]["body"], "still here");
    }
}

#[tokio::test]
async fn what_is_no_cursor_opens_no_socket() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let token = format!("Bearer {}", ada.access_token);
    for cursor in ["x", "1.1", "zzzzzzzz.1", "00000000.-1"] {
        let response = knock(ada.at.address, &format!("?cursor={cursor}"), &[("authorization", token.clone())]).await;
        assert_eq!(response.unwrap_err().status(), 400, "{cursor}");
    }
    ada.get("/ws").refused("malformed").await;
}
