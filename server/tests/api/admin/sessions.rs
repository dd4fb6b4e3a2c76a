use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn all_sessions_of_a_user_can_be_ended() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.create_users().await;
    let other_device = mara.login_again().await;
    let mut socket = other_device.listen(None).await;
    let path = format!("/admin/users/{}/sessions", mara.id);
    tomas.delete(&path).expect_error("forbidden").await;
    ada.delete(&path).expect(204).await;
    for device in [&mara, &other_device] {
        device.get("/rooms").expect_error("not_signed_in").await;
        let refresh = json!({ "refresh_token": device.refresh_token });
        server.post("/auth/refresh").json(&refresh).expect_error("invalid_refresh_token").await;
    }
    assert_eq!(socket.wait_for_close().await.0, 4001);
    mara.login_again().await.get("/rooms").expect(200).await;
}
