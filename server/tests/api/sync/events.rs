use crate::harness::Server;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn bodies(events: &Value) -> Vec<&str> {
    events["items"].as_array().unwrap().iter().filter_map(|event| event["data"]["body"].as_str()).collect()
}

#[tokio::test]
async fn polling_returns_past_events_then_waits_for_new_ones() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let cursor = mara.cursor().await;
    ada.send_message(&lobby, "one").await;
    ada.send_message(&lobby, "two").await;
    let events = mara.get(&format!("/sync/events?after={cursor}")).expect(200).await;
    assert_eq!(bodies(&events), ["one", "two"]);
    let cursor = events["cursor"].as_str().unwrap().to_owned();
    let (polled, _) = tokio::join!(
        mara.get(&format!("/sync/events?after={cursor}&wait=30")).expect(200),
        ada.send_message(&lobby, "three")
    );
    assert_eq!(bodies(&polled), ["three"]);
    let cursor = polled["cursor"].as_str().unwrap().to_owned();
    let nothing = mara.get(&format!("/sync/events?after={cursor}")).expect(200).await;
    assert_eq!((&nothing["items"], &nothing["cursor"]), (&json!([]), &json!(cursor)));
}

#[tokio::test]
async fn events_of_other_rooms_are_not_returned() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let cursor = mara.cursor().await;
    ada.send_message(&kitchen, "among us").await;
    let events = mara.get(&format!("/sync/events?after={cursor}")).expect(200).await;
    assert_eq!(events["items"], json!([]));
}

#[tokio::test]
async fn a_user_who_left_a_private_room_sees_none_of_its_later_state() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let den = ada.create_private_room("Den").await;
    ada.add_member(&den, &mara).await;
    let cursor = mara.cursor().await;
    mara.post(&format!("/rooms/{den}/leave"), &json!({})).expect(204).await;
    ada.send_message(&den, "now that she is gone").await;
    let events = mara.get(&format!("/sync/events?after={cursor}")).expect(200).await;
    let left = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["type"] == "member.left")
        .expect("a member.left event");
    let room = &left["data"]["room"];
    assert_eq!((&room["id"], &room["head"], &room["member_count"]), (&json!(den), &json!(0), &json!(0)));
    // Remaining members receive the event with all its data.
    let events = ada.get(&format!("/sync/events?after={cursor}")).expect(200).await;
    let left = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["type"] == "member.left")
        .expect("a member.left event");
    assert_eq!(left["data"]["room"]["member_count"], 1);
}

#[tokio::test]
async fn an_unknown_cursor_is_reset_and_an_invalid_one_refused() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let (epoch, _) = ada.cursor().await.split_once('.').map(|(e, p)| (e.to_owned(), p.to_owned())).unwrap();
    for cursor in [format!("{epoch}.999999"), "ffffffff.1".into(), "00000000.0".into()] {
        let events = ada.get(&format!("/sync/events?after={cursor}&wait=20")).expect(200).await;
        assert_eq!((&events["reset"], &events["items"]), (&json!("unknown"), &json!([])), "{cursor}");
    }
    for cursor in ["x", "", "1", "zzzzzzzz.1", "00000000.-1", "00000000.99999999999999999999"] {
        ada.get(&format!("/sync/events?after={cursor}")).expect_error("invalid_cursor").await;
    }
    ada.get("/sync/events").expect_field_error("after", "required").await;
    ada.get(&format!("/sync/events?after={epoch}.0&wait=61")).expect_field_error("wait", "invalid").await;
    ada.get(&format!("/sync/events?after={epoch}.0&wait=-1")).expect_field_error("wait", "wrong_type").await;
}

#[tokio::test]
async fn a_stopping_server_ends_waiting_polls() {
    let mut server = Server::start().await;
    let ada = server.create_user("ada").await;
    let cursor = ada.cursor().await;
    let started = Instant::now();
    let poll = ada.get(&format!("/sync/events?after={cursor}&wait=60"));
    let poll = tokio::spawn(async move { poll.expect_error("busy").await });
    // Once a later request has its response, the poll has reached the server too.
    ada.get("/sync").expect(200).await;
    server.stop().await;
    poll.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
}
