use crate::harness::Server;

#[tokio::test]
async fn only_administrators_can_remove_a_second_factor() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.create_users().await;
    let path = format!("/admin/users/{}/second-factor", mara.id);
    tomas.delete(&path).expect_error("forbidden").await;
    mara.delete(&path).expect_error("forbidden").await;
    ada.delete(&path).expect(204).await;
    let unknown = "/admin/users/01980000-0000-7000-8000-000000000000/second-factor";
    ada.delete(unknown).expect_error("not_found").await;
}
