use crate::harness::{PASSWORD, Server, TestUser};
use serde_json::{Value, json};

async fn register_named(server: &Server, username: &str, display_name: &str) -> TestUser {
    let body = json!({ "username": username, "password": PASSWORD, "display_name": display_name });
    TestUser::from_tokens(&server.api, &server.post("/auth/register").json(&body).expect(201).await)
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn users_are_found_without_accents_and_with_a_typo() {
    let server = Server::start().await;
    let ada = register_named(&server, "ada", "Ada Lovelace").await;
    let tomas = register_named(&server, "tomas.n", "Tomás Núñez").await;
    for query in ["tomas", "Núñ", "nunze"] {
        let found = ada.post("/users/search", &json!({ "query": query })).expect(200).await;
        assert_eq!(names(&found), ["tomas.n"], "{query}");
        assert_eq!(found["items"][0], ada.get(&format!("/users/{}", tomas.id)).expect(200).await);
        assert_eq!(found["next_cursor"], Value::Null);
    }
}

#[tokio::test]
async fn search_results_are_paginated() {
    let server = Server::start().await;
    let ada = register_named(&server, "ada", "Ada").await;
    for n in 0..5 {
        register_named(&server, &format!("mara{n}"), "Mara").await;
    }
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let body = json!({ "query": "mara", "limit": 2, "cursor": cursor });
        let found = ada.post("/users/search", &body).expect(200).await;
        seen.extend(names(&found).into_iter().map(str::to_owned));
        cursor = found["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["mara0", "mara1", "mara2", "mara3", "mara4"]);
}

#[tokio::test]
async fn invalid_searches_are_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let request = |body: Value| ada.post("/users/search", &body);
    request(json!({})).expect_field_error("query", "required").await;
    request(json!({ "query": "x".repeat(101) })).expect_field_error("query", "too_long").await;
    request(json!({ "query": "a\u{7}" })).expect_field_error("query", "invalid").await;
    request(json!({ "query": "a", "limit": 0 })).expect_field_error("limit", "invalid").await;
    request(json!({ "query": "a", "limit": 201 })).expect_field_error("limit", "invalid").await;
    request(json!({ "query": "a", "cursor": "7b7d" })).expect_error("invalid_cursor").await;
}
