use crate::harness::{PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn the_correct_password_is_accepted_and_a_wrong_one_rejected() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    ada.post("/auth/confirm-password", &json!({ "password": PASSWORD })).expect(204).await;
    let wrong = json!({ "password": "not-the-password" });
    let problem = mara.post("/auth/confirm-password", &wrong).expect_error("password_required").await;
    assert_eq!(problem["errors"][0]["field"], "password");
    ada.post("/auth/confirm-password", &json!({})).expect_field_error("password", "required").await;
}
