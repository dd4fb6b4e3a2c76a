use crate::harness::Server;
use serde_json::Value;

#[tokio::test]
async fn accounts_are_listed_with_admin_only_fields() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let list = async |query: &str| {
        let page = ada.get(&format!("/admin/users{query}")).expect(200).await;
        page["items"].as_array().unwrap().iter().map(|one| one["username"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = list("").await;
    assert_eq!(all, ["ada", "mara", "tomas", "yuki"]);
    assert_eq!(list("?role=admin&status=active").await, ["ada"]);
    assert_eq!(list("?query=ma").await, ["mara"]);
    assert_eq!(list("?status=deactivated").await, Vec::<String>::new());
    let first = ada.get("/admin/users?limit=1").expect(200).await;
    assert_eq!((&first["items"][0]["role"], &first["items"][0]["email"]), (&"admin".into(), &Value::Null));
    assert!(first["items"][0]["last_seen_at"].is_string());
    let next = first["next_cursor"].as_str().unwrap();
    assert_eq!(list(&format!("?limit=1&cursor={next}")).await, ["mara"]);
    mara.get("/admin/users").expect_error("forbidden").await;
}

#[tokio::test]
async fn invalid_filters_are_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.get("/admin/users?role=king").expect_error("invalid").await;
    ada.get("/admin/users?status=gone").expect_error("invalid").await;
    ada.get(&format!("/admin/users?query={}", "x".repeat(101))).expect_field_error("query", "too_long").await;
}
