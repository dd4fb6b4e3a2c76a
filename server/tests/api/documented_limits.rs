//! The limits of the OpenAPI document: for each property of a request, one request at each limit, which must be taken,
//! and one beyond it, which must be refused by name.

mod values;

use crate::{
    all_endpoints::{Endpoint, body_for},
    harness::{PASSWORD, Response, Server, TestUser, random_name},
};
use serde_json::{Value, json};
use std::sync::LazyLock;
use values::{Values, properties, resolve};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&server::openapi::text()).unwrap());

/// Texts that are compared with what is stored: whatever is wrong with them, they do not match.
const COMPARED: [&str; 9] =
    ["current_password", "invitation", "login", "password", "refresh_token", "setup_code", "token", "totp", "code"];

/// Where each value is put.
enum Place {
    Body,
    Query,
    Header,
}

struct Case {
    place: Place,
    /// Its name, within an object with the names of the objects around it.
    field: String,
    schema: Value,
}

fn cases(operation: &Value) -> Vec<Case> {
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = properties(body).into_iter().map(|(field, schema)| Case { place: Place::Body, field, schema });
    let parameters = operation["parameters"].as_array().into_iter().flatten().filter_map(|parameter| {
        let place = match parameter["in"].as_str()? {
            "query" => Place::Query,
            "header" => Place::Header,
            _ => return None,
        };
        Some(Case { place, field: parameter["name"].as_str()?.to_owned(), schema: parameter["schema"].clone() })
    });
    body.chain(parameters).collect()
}

#[test]
fn every_text_of_a_request_has_a_limit_or_is_compared_with_what_is_stored() {
    for Endpoint { method, path, operation, .. } in Endpoint::all() {
        for Case { field, schema, .. } in cases(&operation) {
            let schema = resolve(&schema).0;
            let limits = ["maxLength", "enum", "pattern", "format", "minLength"];
            let is_limited = limits.iter().any(|limit| !schema[*limit].is_null());
            let name = field.rsplit('.').next().unwrap();
            let is_socket = path == "/ws";
            assert!(
                schema["type"] != "string" || is_limited || COMPARED.contains(&name) || is_socket,
                "{method} {path}: {field} has no limit: {schema}"
            );
        }
    }
}

#[tokio::test]
async fn what_the_document_allows_is_taken_and_what_it_forbids_is_refused() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let room = ada.create_public_room("Kitchen").await;
    let (mut count, mut wrong) = (0, Vec::new());
    // A socket needs other headers than these requests have.
    for endpoint in Endpoint::all().into_iter().filter(|endpoint| endpoint.path != "/ws") {
        for case in cases(&endpoint.operation) {
            let is_text = !matches!(case.place, Place::Body);
            let Values { allowed, forbidden } = Values::of(&case.field, &case.schema, is_text);
            let values = allowed.into_iter().map(|value| (value, true));
            for (value, is_allowed) in values.chain(forbidden.into_iter().map(|value| (value, false))) {
                count += 1;
                let response = Attempt::new(&server, &ada, &room, &endpoint).await.send(&case, &value).await;
                let is_right = if is_allowed {
                    !refuses_shape(&response, &case.field)
                } else {
                    response.status.is_client_error() && names(&response, &case.field)
                };
                if !is_right {
                    let Endpoint { method, template, .. } = &endpoint;
                    wrong.push(format!(
                        "{method} {template} {} = {value} (allowed: {is_allowed}): {}",
                        case.field, response.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
    assert!(count > 200, "only {count} values were tried");
}

/// Whether a response refuses the shape of a field: not what is stored (ids that do not exist are `not_found`), nor how
/// easy it is to guess.
fn refuses_shape(response: &Response, field: &str) -> bool {
    response.status == 422
        && errors(response)
            .iter()
            .any(|(name, code)| name == field && !matches!(&**code, "too_weak" | "reserved" | "not_found"))
}

/// Whether a response names a field, or the object around it.
fn names(response: &Response, field: &str) -> bool {
    let is_it =
        |name: &str| name == field || field.starts_with(&format!("{name}.")) || name.starts_with(&format!("{field}["));
    let cursor = response.json()["code"] == "invalid_cursor" && matches!(field, "cursor" | "after");
    cursor || errors(response).iter().any(|(name, _)| is_it(name))
}

fn errors(response: &Response) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problem = response.json();
    problem["errors"].as_array().into_iter().flatten().map(|one| (text(&one["field"]), text(&one["code"]))).collect()
}

/// A request that succeeds with any allowed value.
struct Attempt {
    user: TestUser,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Value,
}

impl Attempt {
    async fn new(server: &Server, ada: &TestUser, room: &str, endpoint: &Endpoint) -> Self {
        let id = endpoint.operation["operationId"].as_str().unwrap();
        let ends_the_session = matches!(id, "change_password" | "deactivate_user" | "set_email" | "reset_password");
        let user = if ends_the_session { server.create_user(&random_name()).await } else { ada.clone() };
        let mut body = if endpoint.operation["requestBody"]["content"]["application/json"].is_object() {
            body_for(&endpoint.operation)
        } else {
            Value::Null
        };
        for field in ["password", "current_password"] {
            if body[field].is_string() {
                body[field] = PASSWORD.into();
            }
        }
        let mut path = endpoint.template.clone();
        if matches!(id, "update_room" | "set_room_permissions" | "set_room_role" | "ban_user" | "mute_member") {
            // Each change has a room of its own, so that it prevents none of the others.
            let (room, member) =
                (ada.create_public_room(&random_name()).await, server.create_user(&random_name()).await);
            ada.add_member(&room, &member).await;
            path = path.replace("{id}", &room).replace("{user_id}", &member.id);
        } else if path.starts_with("/rooms/{id}") {
            path = path.replace("{id}", room);
        } else if path.starts_with("/messages/{id}") {
            let message = ada.send_message(room, "hello").await;
            path = path.replace("{id}", message["id"].as_str().unwrap());
        } else if path.starts_with("/sessions/{id}") {
            path = path.replace("{id}", &user.session_id);
        } else if path.contains("/users/{id}") {
            path = path.replace("{id}", &server.create_user(&random_name()).await.id);
        }
        let mut query = Vec::new();
        match id {
            // An event has happened since, so that a poll does not wait.
            "poll_events" => {
                query.push(("after".to_owned(), ada.cursor().await));
                ada.send_message(room, "hello").await;
            }
            "create_room_invitation" => body["user_id"] = server.create_user(&random_name()).await.id.into(),
            "replace_settings" => {
                body = ada.get("/users/settings").expect(200).await;
                body["notifications"]["quiet_hours"] = json!({ "from": "22:00", "to": "06:00" });
            }
            "reset_password" => {
                let link = ada.request("POST", &format!("/admin/users/{}/reset-password", user.id)).expect(200).await;
                let url = link["url"].as_str().unwrap();
                body["token"] = url.rsplit(['=', '/']).next().unwrap().into();
            }
            _ => {}
        }
        Self { user, method: endpoint.method.clone(), path, query, body }
    }

    /// Sends it with this value.
    async fn send(mut self, case: &Case, value: &Value) -> Response {
        let Case { place, field, .. } = case;
        match place {
            Place::Body => {
                let pointer = format!("/{}", field.replace('.', "/"));
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                if !parent.is_empty() && self.body.pointer(parent).is_none_or(|parent| !parent.is_object()) {
                    self.body[parent.trim_start_matches('/')] = json!({});
                }
                self.body.pointer_mut(parent).unwrap()[name] = value.clone();
            }
            Place::Query => {
                self.query.retain(|(name, _)| name != field);
                self.query.push((field.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
            }
            Place::Header => {}
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let mut request = self.user.request(&self.method, &format!("{}?{query}", self.path));
        if matches!(place, Place::Header) {
            request = request.header("idempotency-key", value.as_str().unwrap());
        }
        let request = if self.body.is_null() { request } else { request.json(&self.body) };
        let response = request.send().await;
        if self.path == "/admin/config" {
            self.user.put("/admin/config", &json!({ "registration": "open" })).expect(200).await;
        }
        response
    }
}
