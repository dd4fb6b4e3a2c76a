use crate::harness::Server;

#[tokio::test]
async fn members_are_paginated_by_name() {
    let server = Server::start().await;
    let [ada, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let first = ada.get(&format!("/rooms/{lobby}/members?limit=3")).expect(200).await;
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = ada.get(&format!("/rooms/{lobby}/members?limit=3&cursor={cursor}")).expect(200).await;
    assert!(second["next_cursor"].is_null());
    let names = [&first, &second].into_iter().flat_map(|page| page["items"].as_array().unwrap());
    let names: Vec<_> = names.map(|member| member["user"]["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["ada", "mara", "tomas", "yuki"]);
}

#[tokio::test]
async fn non_members_cannot_list_members() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    mara.get(&format!("/rooms/{kitchen}/members")).expect_error("not_a_member").await;
    mara.get(&format!("/rooms/{cellar}/members")).expect_error("not_found").await;
}
