use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn rooms_are_found_by_name_and_topic() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    ada.post("/rooms", &json!({ "name": "Kitchen", "topic": "Cake and tea" })).expect(201).await;
    ada.create_private_room("Cake cellar").await;
    let found = async |query: &str| {
        let page = mara.post("/rooms/search", &json!({ "query": query })).expect(200).await;
        let names = page["items"].as_array().unwrap().iter().map(|room| room["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(found("cak").await, ["Kitchen"]);
    assert_eq!(found("tea kitchen").await, ["Kitchen"]);
    assert_eq!(found("cellar").await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_follow_each_other() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for n in 0..3 {
        ada.create_public_room(&format!("Room {n}")).await;
    }
    for sort in ["name", "activity", "members"] {
        let (mut body, mut count) = (json!({ "query": "", "sort": sort, "limit": 3 }), 0);
        loop {
            let page = ada.post("/rooms/search", &body).expect(200).await;
            count += page["items"].as_array().unwrap().len();
            if page["next_cursor"].is_null() {
                break;
            }
            body["cursor"] = page["next_cursor"].clone();
        }
        assert_eq!(count, 4, "{sort}");
    }
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let wrong = async |body, field, code| ada.post("/rooms/search", &body).expect_field_error(field, code).await;
    wrong(json!({}), "query", "required").await;
    wrong(json!({ "query": "x".repeat(101) }), "query", "too_long").await;
    wrong(json!({ "query": "a\u{0}b" }), "query", "invalid").await;
    wrong(json!({ "query": "", "sort": "colour" }), "sort", "invalid").await;
    wrong(json!({ "query": "", "limit": 0 }), "limit", "invalid").await;
    for cursor in ["", "x", "00", "7b7d"] {
        let body = json!({ "query": "", "cursor": cursor });
        ada.post("/rooms/search", &body).expect_error("invalid_cursor").await;
    }
}
