use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn given_fields_are_updated_and_others_unchanged() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let new = ada.get("/users/profile").expect(200).await;
    let nothing = json!({ "display_name": "ada", "bio": "", "pronouns": "", "time_zone": null, "local_time": null, "language": null, "status": null });
    assert_eq!(new, nothing);
    let change = json!({ "display_name": "Ada Lovelace", "bio": "Numbers.\nAnd looms.", "time_zone": "Europe/London" });
    ada.put("/users/profile", &change).expect(200).await;
    let change = json!({ "pronouns": "she/her", "language": "en-GB", "status": { "emoji": "🧵", "text": "weaving" } });
    let mut whole = ada.put("/users/profile", &change).expect(200).await;
    assert!(whole["local_time"].take().is_string());
    let status = json!({ "emoji": "🧵", "text": "weaving", "expires_at": null });
    assert_eq!(
        whole,
        json!({ "display_name": "Ada Lovelace", "bio": "Numbers.\nAnd looms.", "pronouns": "she/her",
            "time_zone": "Europe/London", "local_time": null, "language": "en-GB", "status": status })
    );
    assert_eq!(ada.get("/users/profile").expect(200).await["pronouns"], "she/her");
    let request = ada.put("/users/profile", &json!({ "time_zone": null, "language": "", "status": null, "bio": "" }));
    let cleared = request.expect(200).await;
    assert_eq!(
        cleared,
        json!({ "pronouns": "she/her", "display_name": "Ada Lovelace", "bio": "", "time_zone": null,
        "local_time": null, "language": null, "status": null })
    );
}

#[tokio::test]
async fn a_new_name_is_published_and_shown_on_old_messages() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let sent = ada.send_message(&lobby, "hello").await;
    let mut socket = mara.listen(None).await;
    ada.put("/users/profile", &json!({ "display_name": "Countess" })).expect(200).await;
    let event = socket.next_of_type("user.updated").await;
    assert_eq!((&event["data"]["id"], &event["data"]["display_name"]), (&json!(ada.id), &json!("Countess")));
    assert_eq!((event["data"].get("email"), event["data"].get("settings")), (None, None));
    let message = mara.get(&format!("/messages/{}", sent["id"].as_str().unwrap())).expect(200).await;
    assert_eq!(message["author"]["display_name"], "Countess");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let before = ada.get("/users/profile").expect(200).await;
    for (field, code, body) in [
        ("display_name", "required", json!({ "display_name": " " })),
        ("display_name", "invalid", json!({ "display_name": "Ada\u{202E}" })),
        ("display_name", "too_long", json!({ "display_name": "x".repeat(65) })),
        ("display_name", "wrong_type", json!({ "display_name": null })),
        ("bio", "too_long", json!({ "bio": "x".repeat(501) })),
        ("bio", "invalid", json!({ "bio": "bell\u{7}" })),
        ("pronouns", "invalid", json!({ "pronouns": "two\nlines" })),
        ("time_zone", "invalid", json!({ "time_zone": "Middle/Earth" })),
        ("time_zone", "invalid", json!({ "time_zone": "Etc/Unknown" })),
        ("time_zone", "invalid", json!({ "time_zone": "../../etc/passwd" })),
        ("time_zone", "invalid", json!({ "time_zone": "x".repeat(300) })),
        ("language", "invalid", json!({ "language": "English" })),
        ("status.emoji", "invalid", json!({ "status": { "emoji": "hello" } })),
        ("status.colour", "unknown", json!({ "status": { "colour": 1 } })),
    ] {
        ada.put("/users/profile", &body).expect_field_error(field, code).await;
    }
    assert_eq!(ada.get("/users/profile").expect(200).await, before);
}
