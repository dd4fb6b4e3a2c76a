use crate::harness::{Server, random_name};
use serde_json::json;

#[tokio::test]
async fn members_see_who_may_do_what_and_owners_decide_it() {
    let server = Server::start().await;
    let [_ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    mara.add_member(&cellar, &tomas).await;
    let path = format!("/rooms/{cellar}/permissions");
    let table = tomas.get(&path).expect(200).await;
    assert_eq!((&table["overrides"], &table["permissions"]), (&json!({}), &table["defaults"]));
    yuki.get(&path).expect_error("not_found").await;
    let body = json!({ "post": "moderator", "add": "member" });
    tomas.put(&path, &body).expect_error("forbidden").await;
    yuki.put(&path, &body).expect_error("not_found").await;
    let table = mara.put(&path, &body).expect(200).await;
    assert_eq!((&table["overrides"], &table["permissions"]["post"]), (&body, &json!("moderator")));
    assert_eq!(tomas.get(&format!("/rooms/{cellar}")).expect(200).await["permissions"], table["permissions"]);
    let message = json!({ "body": "hi", "client_id": random_name() });
    tomas.post(&format!("/rooms/{cellar}/messages"), &message).expect_error("forbidden").await;
    tomas.add_member(&cellar, &yuki).await;
    // A null is the default, as what is left out.
    let table = mara.put(&path, &json!({ "post": null })).expect(200).await;
    assert_eq!(table["overrides"], json!({}));
    tomas.post(&format!("/rooms/{cellar}/messages"), &message).expect(201).await;
}

#[tokio::test]
async fn each_wrong_permission_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let path = format!("/rooms/{}/permissions", ada.create_public_room("Kitchen").await);
    for (body, field, code) in [
        (json!({ "post": "everyone" }), "post", "invalid"),
        (json!({ "post": 1 }), "post", "wrong_type"),
        (json!({ "fly": "member" }), "fly", "unknown"),
    ] {
        ada.put(&path, &body).expect_field_error(field, code).await;
    }
}
