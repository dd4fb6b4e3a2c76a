use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn settings_changes_are_published_only_to_the_users_own_devices() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let mut settings = ada.get("/users/settings").expect(200).await;
    assert_eq!(ada.get("/sync").expect(200).await["settings"], settings);
    let (mut own, mut other) = (ada.login_again().await.listen(None).await, mara.listen(None).await);
    settings["theme"] = json!("dark");
    settings["notifications"]["quiet_hours"] = json!({ "from": "22:00", "to": "07:00" });
    assert_eq!(ada.put("/users/settings", &settings).expect(200).await, settings);
    assert_eq!(own.next_of_type("user.updated").await["data"]["settings"], settings);
    let snapshot = ada.get("/sync").expect(200).await;
    assert_eq!((&snapshot["settings"], &snapshot["self"]["settings"]), (&settings, &settings));
    assert_eq!(mara.get(&format!("/users/{}", ada.id)).expect(200).await.get("settings"), None);
    ada.post("/users/settings/reset", &json!({})).expect(200).await;
    assert_eq!(own.next_of_type("user.updated").await["data"]["settings"]["theme"], "system");
    ada.put("/users/profile", &json!({ "display_name": "Countess" })).expect(200).await;
    assert_eq!(other.next_of_type("user.updated").await["data"]["display_name"], "Countess");
}

#[tokio::test]
async fn settings_are_replaced_as_a_whole_and_validated() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let before = ada.get("/users/settings").expect(200).await;
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut whole = before.clone();
        change(&mut whole);
        whole
    };
    for (field, code, body) in [
        ("theme", "required", json!({})),
        ("colour", "unknown", with(&|whole| whole["colour"] = json!("red"))),
        ("theme", "invalid", with(&|whole| whole["theme"] = json!("pink"))),
        ("text_size", "wrong_type", with(&|whole| whole["text_size"] = json!(12))),
        ("hour_cycle", "invalid", with(&|whole| whole["hour_cycle"] = json!("13"))),
        ("privacy.direct_messages", "invalid", with(&|whole| whole["privacy"]["direct_messages"] = json!("friends"))),
        ("chat.enter_sends", "wrong_type", with(&|whole| whole["chat"]["enter_sends"] = json!("yes"))),
        ("chat.x", "unknown", with(&|whole| whole["chat"]["x"] = json!(1))),
        ("notifications", "wrong_type", with(&|whole| whole["notifications"] = json!(true))),
    ] {
        ada.put("/users/settings", &body).expect_field_error(field, code).await;
    }
    assert_eq!(ada.get("/users/settings").expect(200).await, before);
}

#[tokio::test]
async fn a_user_who_hides_presence_appears_offline() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let _here = ada.listen(None).await;
    let seen = async || mara.get(&format!("/users/{}", ada.id)).expect(200).await["presence"].clone();
    assert_eq!(seen().await, "online");
    let mut socket = mara.listen(None).await;
    let mut settings = ada.get("/users/settings").expect(200).await;
    settings["privacy"]["show_online"] = json!(false);
    ada.put("/users/settings", &settings).expect(200).await;
    assert_eq!(socket.next_of_type("user.updated").await["data"]["presence"], "offline");
    assert_eq!(seen().await, "offline");
    assert_eq!(ada.get("/sync").expect(200).await["self"]["presence"], "online");
}
