//! A signed-in user.

use super::{PASSWORD, Request, Socket, random_name, server::ApiClient, smtp_server::SmtpServer};
use serde_json::{Value, json};

/// A signed-in user on one device.
#[derive(Clone)]
pub struct TestUser {
    pub api: ApiClient,
    pub id: String,
    pub username: String,
    pub session_id: String,
    pub access_token: String,
    pub refresh_token: String,
}

impl TestUser {
    /// Registers an account.
    pub async fn register(api: &ApiClient, username: &str) -> Self {
        let body = json!({ "username": username, "password": PASSWORD });
        Self::from_tokens(api, &Request::new(api, "POST", "/auth/register").json(&body).expect(201).await)
    }

    /// Logs in again, as on another device.
    pub async fn login_again(&self) -> Self {
        let body = json!({ "login": self.username, "password": PASSWORD });
        Self::from_tokens(&self.api, &Request::new(&self.api, "POST", "/auth/login").json(&body).expect(200).await)
    }

    /// Ends another session of this user by using its refresh token twice.
    pub async fn reuse_refresh_token(&self) {
        let other = self.login_again().await;
        let body = json!({ "refresh_token": other.refresh_token });
        Request::new(&self.api, "POST", "/auth/refresh").json(&body).expect(200).await;
        Request::new(&self.api, "POST", "/auth/refresh").json(&body).expect_error("invalid_refresh_token").await;
    }

    pub fn from_tokens(api: &ApiClient, tokens: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Self {
            api: api.clone(),
            id: text(&tokens["user"]["id"]),
            username: text(&tokens["user"]["username"]),
            session_id: text(&tokens["session_id"]),
            access_token: text(&tokens["access_token"]),
            refresh_token: text(&tokens["refresh_token"]),
        }
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(&self.api, method, path).token(&self.access_token)
    }

    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path).json(body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Request {
        self.request("PUT", path).json(body)
    }

    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    /// Sets an email address and verifies it with the emailed link.
    pub async fn verify_email(&self, smtp: &SmtpServer, email: &str) {
        self.put("/users/email", &json!({ "email": email, "password": PASSWORD })).expect(200).await;
        let token = smtp.wait_for(email, "Confirm your email address").await.token();
        Request::new(&self.api, "POST", "/auth/verify-email").json(&json!({ "token": token })).expect(204).await;
    }

    /// Creates a public room and returns its id.
    pub async fn create_public_room(&self, name: &str) -> String {
        self.create_room(name, "public").await
    }

    /// Creates a private room and returns its id.
    pub async fn create_private_room(&self, name: &str) -> String {
        self.create_room(name, "private").await
    }

    async fn create_room(&self, name: &str, visibility: &str) -> String {
        let room = self.post("/rooms", &json!({ "name": name, "visibility": visibility })).expect(201).await;
        room["id"].as_str().expect("an id").to_owned()
    }

    /// The id of the Lobby.
    pub async fn lobby(&self) -> String {
        let rooms = self.get("/rooms?filter=mine").expect(200).await;
        let lobby =
            rooms["items"].as_array().and_then(|rooms| rooms.iter().find(|room| room["name"] == "Lobby").cloned());
        lobby.expect("the Lobby")["id"].as_str().expect("an id").to_owned()
    }

    pub async fn join(&self, room: &str) {
        self.request("POST", &format!("/rooms/{room}/join")).expect(200).await;
    }

    pub async fn add_member(&self, room: &str, other: &Self) {
        let outcome =
            self.post(&format!("/rooms/{room}/members"), &json!({ "user_ids": [other.id] })).expect(200).await;
        assert_eq!(outcome["added"][0]["user"]["id"], other.id, "{outcome}");
    }

    /// Sends a message and returns it.
    pub async fn send_message(&self, room: &str, body: &str) -> Value {
        let message = json!({ "body": body, "client_id": random_name() });
        self.post(&format!("/rooms/{room}/messages"), &message).expect(201).await
    }

    /// The current cursor of the event stream.
    pub async fn cursor(&self) -> String {
        self.get("/sync").expect(200).await["cursor"].as_str().expect("a cursor").to_owned()
    }

    /// Opens a socket and reads the `hello` frame.
    pub async fn listen(&self, cursor: Option<&str>) -> Socket {
        Socket::open(self, cursor).await
    }
}
