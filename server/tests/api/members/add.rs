use crate::harness::{NOBODY, Person, Server};
use serde_json::{Value, json};

fn these(people: &[&Person]) -> Value {
    json!({ "user_ids": people.iter().map(|person| &person.id).collect::<Vec<_>>() })
}

#[tokio::test]
async fn any_member_adds_people_to_a_public_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    let path = format!("/rooms/{kitchen}/members");
    mara.post(&path, &these(&[&tomas])).refused("not_a_member").await;
    mara.join(&kitchen).await;
    let outcome = mara.post(&path, &these(&[&tomas, &yuki, &ada])).expect(200).await;
    let added = outcome["added"].as_array().unwrap();
    assert_eq!((added.len(), &outcome["invited"], &outcome["refused"]), (3, &json!([]), &json!([])));
    let member = added.iter().find(|member| member["user"]["id"] == tomas.id).unwrap();
    assert_eq!((&member["room_id"], &member["role"]), (&json!(kitchen), &json!("member")));
    assert_eq!(mara.post(&path, &these(&[&tomas])).expect(200).await["added"], json!([member]));
}

#[tokio::test]
async fn only_its_owner_adds_people_to_a_private_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    let path = format!("/rooms/{cellar}/members");
    yuki.post(&path, &these(&[&tomas])).refused("not_found").await;
    ada.post(&path, &these(&[&mara])).expect(200).await;
    mara.post(&path, &these(&[&tomas])).refused("forbidden").await;
}

#[tokio::test]
async fn who_left_is_invited_and_who_was_removed_is_added() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    for person in [&mara, &tomas] {
        ada.bring_in(&kitchen, person).await;
    }
    mara.ask("POST", &format!("/rooms/{kitchen}/leave")).expect(204).await;
    ada.delete(&format!("/rooms/{kitchen}/members/{}", tomas.id)).expect(204).await;
    let outcome = ada.post(&format!("/rooms/{kitchen}/members"), &these(&[&mara, &tomas])).expect(200).await;
    assert_eq!(outcome["added"][0]["user"]["id"], tomas.id);
    assert_eq!((&outcome["invited"], &outcome["refused"]), (&json!([mara.id]), &json!([])));
    assert_eq!(mara.get("/rooms?filter=mine").expect(200).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_blocks_the_caller_is_not_added_and_the_answer_does_not_say_why() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    mara.ask("PUT", &format!("/users/{}/block", ada.id)).expect(204).await;
    let outcome = ada.post(&format!("/rooms/{kitchen}/members"), &these(&[&mara])).expect(200).await;
    let refused = json!([{ "user_id": mara.id, "code": "forbidden" }]);
    assert_eq!((&outcome["added"], &outcome["refused"]), (&json!([]), &refused));
}

#[tokio::test]
async fn someone_must_be_somebody() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let path = format!("/rooms/{}/members", ada.room("Kitchen").await);
    let outcome = ada.post(&path, &json!({ "user_ids": [NOBODY] })).expect(200).await;
    assert_eq!(outcome["refused"], json!([{ "user_id": NOBODY, "code": "not_found" }]));
    ada.post(&path, &json!({ "user_ids": ["ada"] })).refused("invalid").await;
    ada.post(&path, &json!({ "user_ids": [] })).wrong("user_ids", "required").await;
    ada.post(&path, &json!({ "user_ids": vec![NOBODY; 101] })).expect(200).await;
    let many: Vec<_> = (0..101).map(|n| format!("01890000-0000-7000-8000-{n:012}")).collect();
    ada.post(&path, &json!({ "user_ids": many })).wrong("user_ids", "too_long").await;
    ada.post(&path, &json!({})).wrong("user_ids", "required").await;
    ada.post(&path, &json!({ "user_id": NOBODY })).wrong("user_id", "unknown").await;
}
