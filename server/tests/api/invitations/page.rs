//! Room invitations through pages and plain forms.

use crate::harness::{Response, Server, TestUser};
use serde_json::json;

async fn notifications_page(user: &TestUser) -> String {
    let response = user.get("//notifications").header("accept", "text/html").send().await;
    assert_eq!(response.status, 200);
    response.text
}

async fn submit_form(server: &Server, user: &TestUser, form: &str, fields: &str) -> Response {
    let origin = format!("http://{}", server.api.address);
    let request = user.request("POST", &format!("//do/{form}")).header("accept", "text/html").header("origin", &origin);
    request.body("application/x-www-form-urlencoded", fields.to_owned()).send().await
}

#[tokio::test]
async fn invitations_can_be_accepted_and_declined_without_javascript() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let mut ids = Vec::new();
    let mut rooms = Vec::new();
    for name in ["Cellar", "<b>Attic</b>"] {
        let room = ada.create_private_room(name).await;
        let created = ada.post(&format!("/rooms/{room}/invitations"), &json!({ "user_id": mara.id })).expect(201).await;
        ids.push(created["id"].as_str().unwrap().to_owned());
        rooms.push(room);
    }
    let text = notifications_page(&mara).await;
    assert!(ids.iter().all(|id| text.matches(&format!("value=\"{id}\"")).count() == 2), "{text}");
    assert!(text.contains("&lt;b>Attic") || text.contains("&lt;b&gt;Attic"), "{text}");
    assert!(!text.contains("<b>Attic"), "{text}");
    assert!(text.contains("action=\"/do/accept-invitation\"") && text.contains("action=\"/do/decline-invitation\""));
    let accepted = submit_form(&server, &mara, "accept-invitation", &format!("id={}", ids[0])).await;
    assert_eq!(accepted.header("location"), format!("/rooms/{}", rooms[0]));
    let declined = submit_form(&server, &mara, "decline-invitation", &format!("id={}", ids[1])).await;
    assert_eq!(declined.header("location"), "/notifications");
    let text = notifications_page(&mara).await;
    assert!(!text.contains("/do/accept-invitation"), "{text}");
    // If the invitation was accepted or declined on another page meanwhile, this page reports it.
    let again = submit_form(&server, &mara, "accept-invitation", &format!("id={}", ids[1])).await;
    assert!(again.header("location").starts_with("/notifications?__path="), "{again:?}");
}

#[tokio::test]
async fn adding_a_user_who_left_shows_that_they_were_invited() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let members = format!("/rooms/{kitchen}/members");
    let add = async || {
        let form = format!("room_id={kitchen}&username=mara");
        submit_form(&server, &ada, "add-member", &form).await.header("location").to_owned()
    };
    assert_eq!(add().await, members);
    mara.request("POST", &format!("/rooms/{kitchen}/leave")).expect(204).await;
    assert_eq!(add().await, format!("{members}?invited=1"));
    let response = ada.get(&format!("/{members}?invited=1")).header("accept", "text/html").send().await;
    assert!(response.text.contains("Invitation sent."), "{}", response.text);
    mara.request("PUT", &format!("/users/{}/block", ada.id)).expect(204).await;
    let refused = add().await;
    assert!(refused.starts_with(&format!("{members}?__path=")) && refused.contains("username=mara"), "{refused}");
}
