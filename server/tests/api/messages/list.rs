use crate::harness::{Server, TestUser, UNKNOWN_ID};
use serde_json::Value;

fn seqs(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(|message| message["seq"].as_i64().unwrap()).collect()
}

/// A server with Ada in a room with nine messages, and their ids.
async fn create_room_with_messages() -> (Server, TestUser, String, Vec<String>) {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.create_public_room("Hall").await;
    let mut ids = vec![String::new()];
    for number in 1..10 {
        ids.push(ada.send_message(&lobby, &format!("message {number}")).await["id"].as_str().unwrap().to_owned());
    }
    (server, ada, lobby, ids)
}

#[tokio::test]
async fn history_starts_with_the_newest_page_and_goes_back() {
    let (_server, ada, lobby, _) = create_room_with_messages().await;
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let page = ada.get(&format!("/rooms/{lobby}/messages?limit=4{cursor}")).expect(200).await;
        pages.push(seqs(&page));
        assert_eq!(page["older"], page["next_cursor"].is_string());
        assert_eq!(page["newer"], pages.len() > 1);
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, [vec![6, 7, 8, 9], vec![2, 3, 4, 5], vec![1]]);
}

#[tokio::test]
async fn history_before_after_and_around_a_message() {
    let (_server, ada, lobby, ids) = create_room_with_messages().await;
    let page = async |query: String| ada.get(&format!("/rooms/{lobby}/messages?{query}")).expect(200).await;
    let five = &ids[5];
    assert_eq!(seqs(&page(format!("before={five}&limit=2")).await), [3, 4]);
    assert_eq!(seqs(&page(format!("before={five}")).await), [1, 2, 3, 4]);
    let after = page(format!("after={five}&limit=2")).await;
    assert_eq!(seqs(&after), [6, 7]);
    let next = after["next_cursor"].as_str().expect("more");
    assert_eq!(seqs(&page(format!("cursor={next}&limit=2")).await), [8, 9]);
    let around = page(format!("around={five}&limit=4")).await;
    assert!(seqs(&around).contains(&5) && seqs(&around).len() <= 4, "{:?}", seqs(&around));
    assert_eq!((&around["older"], &around["newer"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(seqs(&page(format!("after={}", ids[9])).await), [] as [i64; 0]);
    assert_eq!(seqs(&page(format!("before={}", ids[1])).await), [] as [i64; 0]);
}

#[tokio::test]
async fn only_one_position_can_be_given() {
    let (_server, ada, lobby, ids) = create_room_with_messages().await;
    let path = format!("/rooms/{lobby}/messages");
    ada.get(&format!("{path}?before={}&after={}", ids[1], ids[2])).expect_field_error("after", "invalid").await;
    ada.get(&format!("{path}?around={}&cursor=b.3", ids[1])).expect_field_error("cursor", "invalid").await;
    ada.get(&format!("{path}?before=7")).expect_field_error("before", "wrong_type").await;
    ada.get(&format!("{path}?before={UNKNOWN_ID}")).expect_error("not_found").await;
}

#[tokio::test]
async fn only_members_can_read_the_history() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let message = ada.send_message(&kitchen, "hello").await["id"].as_str().unwrap().to_owned();
    mara.get(&format!("/rooms/{kitchen}/messages")).expect_error("not_a_member").await;
    mara.get(&format!("/rooms/{cellar}/messages")).expect_error("not_found").await;
    ada.get(&format!("/rooms/{cellar}/messages?around={message}")).expect_error("not_found").await;
}
