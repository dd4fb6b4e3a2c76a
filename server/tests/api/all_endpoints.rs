//! Rules for every endpoint, taken from the OpenAPI document, so that a new endpoint is tested without further code.

use crate::harness::{PASSWORD, Server, TestUser, UNKNOWN_ID, random_name};
use serde_json::{Value, json};

/// An endpoint of the document, with unknown ids and names in its path.
pub struct Endpoint {
    pub method: String,
    pub path: String,
    /// The path as the document has it, below `/api/v1`.
    pub template: String,
    pub operation: Value,
}

impl Endpoint {
    pub fn all() -> Vec<Self> {
        let document: Value = serde_json::from_str(&server::openapi::text()).unwrap();
        let paths = document["paths"].as_object().unwrap().clone();
        let mut all = Vec::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap().clone() {
                let template = path.trim_start_matches("/api/v1").to_owned();
                let path = template.replace("{username}", "nobody");
                let parts = path.split('/').map(|part| if part.starts_with('{') { UNKNOWN_ID } else { part });
                let path = parts.collect::<Vec<_>>().join("/");
                all.push(Self { method: method.to_uppercase(), path, template, operation });
            }
        }
        all
    }

    /// The endpoints that require authentication.
    pub fn requiring_auth() -> impl Iterator<Item = Self> {
        Self::all().into_iter().filter(|endpoint| endpoint.operation.get("security").is_none())
    }

    fn with_body() -> impl Iterator<Item = Self> {
        Self::all()
            .into_iter()
            .filter(|endpoint| endpoint.operation["requestBody"]["content"]["application/json"].is_object())
    }
}

async fn start_with_ada() -> (Server, TestUser) {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    (server, ada)
}

#[tokio::test]
async fn unauthenticated_requests_are_rejected() {
    let (server, ada) = start_with_ada().await;
    for Endpoint { method, path, .. } in Endpoint::requiring_auth() {
        let response = server.request(&method, &path).send().await;
        assert_eq!(response.json()["code"], "not_signed_in", "{method} {path}");
        assert!(response.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
        for token in ["", "x", "a.b.c", &ada.refresh_token, &format!("{}x", ada.access_token)] {
            server.request(&method, &path).token(token).expect_error("not_signed_in").await;
        }
        let other_scheme = format!("Basic {}", ada.access_token);
        server.request(&method, &path).header("authorization", &other_scheme).expect_error("not_signed_in").await;
    }
}

#[tokio::test]
async fn malformed_bodies_are_rejected_and_change_nothing() {
    let (_server, ada) = start_with_ada().await;
    let before = ada.get("/sync").expect(200).await;
    for Endpoint { method, path, .. } in Endpoint::with_body() {
        let request = || ada.request(&method, &path);
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        for text in ["", "{", "{\"a\":", "hello", "{} {}", &deep, &format!("{{\"a\":{deep}}}")] {
            request().body("application/json", text.to_owned()).expect_error("malformed").await;
        }
        request().body("application/json", b"{\"a\":\"\xff\xfe\"}".to_vec()).expect_error("malformed").await;
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(300 * 1024));
        request().body("application/json", large.clone()).expect_error("too_large").await;
        let chunks = futures::stream::iter(
            large.into_bytes().chunks(9000).map(|c| Ok::<_, std::io::Error>(c.to_vec())).collect::<Vec<_>>(),
        );
        request().body("application/json", reqwest::Body::wrap_stream(chunks)).expect_error("too_large").await;
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "image/json"] {
            request().body(kind, "{}").expect_error("wrong_media_type").await;
        }
        request().expect_error("wrong_media_type").await;
    }
    assert_eq!(ada.get("/sync").expect(200).await, before);
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_name_the_field() {
    let (_server, ada) = start_with_ada().await;
    for Endpoint { method, path, .. } in Endpoint::with_body() {
        let request = || ada.request(&method, &path);
        request().json(&json!({ "colour": "red" })).expect_field_error("colour", "unknown").await;
        for body in [json!([]), json!(null), json!("text"), json!(7)] {
            request().json(&body).expect_error("invalid").await;
        }
    }
}

#[tokio::test]
async fn json_media_types_with_parameters_or_suffix_are_accepted() {
    let (_server, ada) = start_with_ada().await;
    for (number, kind) in
        ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"].iter().enumerate()
    {
        let body = json!({ "name": format!("Room {number}") }).to_string();
        ada.request("POST", "/rooms").body(kind, body).expect(201).await;
    }
}

#[tokio::test]
async fn unknown_and_invalid_ids_are_not_found() {
    let (_server, ada) = start_with_ada().await;
    for Endpoint { method, path, operation, .. } in
        Endpoint::requiring_auth().filter(|one| one.path.contains(UNKNOWN_ID))
    {
        for name in [UNKNOWN_ID, "7", "x", "%00", "%ff%fe", "..%2f", "00000000-0000-0000-0000-000000000000"] {
            let request = ada.request(&method, &path.replace(UNKNOWN_ID, name));
            let needs_body = operation["requestBody"].is_object();
            let request = if needs_body { request.json(&body_for(&operation)) } else { request };
            request.expect_error("not_found").await;
        }
    }
}

/// A body that is valid if the path exists and the password is the caller's.
pub fn body_for(operation: &Value) -> Value {
    match operation["operationId"].as_str().unwrap() {
        "create_room" => json!({ "name": random_name() }),
        "register_user" => json!({ "username": random_name(), "password": PASSWORD }),
        "login_user" => json!({ "login": "nobody", "password": "not-the-password" }),
        "refresh_tokens" => json!({ "refresh_token": "x" }),
        "forgot_password" => json!({ "login": "nobody" }),
        "reset_password" => json!({ "token": "x", "new_password": "another-hearth-in-a-den" }),
        "verify_email" => json!({ "token": "x" }),
        "confirm_password" | "deactivate_user" => json!({ "password": "not-the-password" }),
        "change_password" => {
            json!({ "current_password": "not-the-password", "new_password": "another-hearth-in-a-den" })
        }
        "set_email" => json!({ "email": null, "password": "not-the-password" }),
        "set_config" => json!({ "registration": "open" }),
        "rename_session" | "rename_current_session" => json!({ "label": "phone" }),
        "create_token" => json!({ "label": "script", "scope": "read" }),
        "confirm_second_factor" | "renew_recovery_codes" | "remove_second_factor" => json!({ "code": "000000" }),
        "search_users" | "search_rooms" => json!({ "query": "" }),
        "set_role" => json!({ "role": "guest" }),
        "set_account_status" => json!({ "status": "active" }),
        "update_profile" => json!({ "bio": "hello" }),
        "set_status" => json!({ "text": "hello" }),
        "clear_unread"
        | "read_notifications"
        | "replace_settings"
        | "create_account_invitation"
        | "update_room"
        | "set_room_permissions"
        | "ban_user"
        | "mute_member" => json!({}),
        "set_room_role" => json!({ "role": "member" }),
        "set_room_notifications" => json!({ "level": "all" }),
        "set_room_order" | "set_default_rooms" => json!({ "room_ids": [] }),
        "add_members" | "open_direct_room" => json!({ "user_ids": [UNKNOWN_ID] }),
        "create_room_invitation" | "transfer_room" => json!({ "user_id": UNKNOWN_ID }),
        "send_message" => json!({ "body": "hello", "client_id": "a" }),
        "edit_message" => json!({ "body": "hello" }),
        "mark_read" => json!({ "message_id": UNKNOWN_ID }),
        "restore_unread" => json!({ "message_ids": [UNKNOWN_ID] }),
        other => panic!("no valid body is known for {other}"),
    }
}

#[tokio::test]
async fn query_parameters_are_checked() {
    let (_server, ada) = start_with_ada().await;
    let lobby = ada.lobby().await;
    for Endpoint { method, path, operation, .. } in Endpoint::requiring_auth() {
        let path = path.replace(UNKNOWN_ID, &lobby);
        let empty = Vec::new();
        let names = operation["parameters"].as_array().unwrap_or(&empty).iter().filter(|one| one["in"] == "query");
        let names: Vec<_> = names.map(|one| one["name"].as_str().unwrap()).collect();
        if names.is_empty() {
            continue;
        }
        let given = if names.contains(&"after") && path.contains("sync") { "after=00000000.0&" } else { "" };
        let request = |query: &str| ada.request(&method, &format!("{path}?{given}{query}"));
        request("colour=red").expect_field_error("colour", "unknown").await;
        if names.contains(&"limit") {
            for limit in ["0", "201", "-1", "x", "99999999999", ""] {
                request(&format!("limit={limit}")).expect_error("invalid").await;
            }
            request("limit=1&limit=2").expect_error("invalid").await;
        }
        if names.contains(&"cursor") && path != "/ws" {
            for cursor in ["x", "", "b.", "%00", "c.1"] {
                request(&format!("cursor={cursor}")).expect_error("invalid_cursor").await;
            }
        }
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_an_allow_header() {
    let (_server, ada) = start_with_ada().await;
    let all = Endpoint::all();
    for path in all.iter().map(|endpoint| &endpoint.path) {
        let response = ada.request("PATCH", path).send().await;
        assert_eq!((response.status.as_u16(), &response.json()["code"]), (405, &json!("method_not_allowed")), "{path}");
        for Endpoint { method, .. } in all.iter().filter(|endpoint| endpoint.path == *path) {
            assert!(response.header("allow").contains(method), "{path}: {}", response.header("allow"));
        }
    }
}

#[tokio::test]
async fn unknown_paths_return_problem_json() {
    let (server, ada) = start_with_ada().await;
    for path in ["/nothing", "/rooms/", "//api/v2/rooms", "//api/", "/rooms/1/2/3/4"] {
        server.get(path).expect_error("not_found").await;
        ada.request("POST", path).json(&json!({})).expect_error("not_found").await;
    }
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let (server, _) = start_with_ada().await;
    for path in ["/health", "/nothing", "/sync", "//sign-in", "//nothing", "//api/docs/", "/openapi.json"] {
        let response = server.get(path).header("x-request-id", "from-a-test").send().await;
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{path}");
        assert!(response.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(response.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(response.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(response.header("x-request-id"), "from-a-test", "{path}");
        assert_eq!(response.header("strict-transport-security"), "", "{path}");
        assert_eq!(response.header("access-control-allow-origin"), "", "{path}");
    }
    let response = server.get("/health").header("x-request-id", "two words\t").send().await;
    assert_ne!(response.header("x-request-id"), "two words");
}
