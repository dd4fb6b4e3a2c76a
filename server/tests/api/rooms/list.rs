use crate::harness::{Server, TestUser};

async fn names(user: &TestUser, query: &str) -> Vec<String> {
    let page = user.get(&format!("/rooms{query}")).expect(200).await;
    let names = page["items"].as_array().unwrap().iter().map(|room| room["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn rooms_are_sorted_by_name_and_filtered_by_membership() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    ada.create_public_room("Workshop").await;
    let kitchen = ada.create_public_room("kitchen").await;
    ada.create_private_room("Cellar").await;
    mara.join(&kitchen).await;
    assert_eq!(names(&ada, "").await, ["Cellar", "kitchen", "Lobby", "Workshop"]);
    assert_eq!(names(&mara, "").await, ["kitchen", "Lobby", "Workshop"]);
    assert_eq!(names(&mara, "?filter=visible").await, ["kitchen", "Lobby", "Workshop"]);
    assert_eq!(names(&mara, "?filter=mine").await, ["kitchen", "Lobby"]);
    assert_eq!(names(&mara, "?filter=joinable").await, ["Workshop"]);
}

#[tokio::test]
async fn pages_have_no_gap_and_no_duplicate() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for number in 0..7 {
        ada.create_public_room(&format!("Room {number}")).await;
    }
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ada.get(&format!("/rooms?limit=3{cursor}")).expect(200).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        all.extend(items.iter().map(|room| room["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(all, names(&ada, "").await);
}

#[tokio::test]
async fn an_unknown_filter_is_refused() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.get("/rooms?filter=hidden").expect_field_error("filter", "invalid").await;
}
