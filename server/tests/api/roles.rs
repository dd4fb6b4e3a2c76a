//! Every operation with every role and scope: exactly those without the documented permission are rejected.

use crate::{
    all_endpoints::{Endpoint, body_for},
    harness::{Server, TestUser},
};

use protocol::{
    permissions::{Permission, RoomPermission},
    room::{RoomKind, Visibility},
    session::Access,
    user::Role,
};
use serde_json::json;
use std::{fmt::Write, path::Path};

const ROLES: [Role; 4] = [Role::Admin, Role::Moderator, Role::Member, Role::Guest];

/// A form with an invalid file.
const FILE: &str = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
    Content-Type: image/png\r\n\r\nnothing\r\n--x--\r\n";

fn required_permission(endpoint: &Endpoint) -> Permission {
    let id = endpoint.operation["operationId"].as_str().unwrap();
    let named = endpoint.operation["x-right"].as_str();
    let right = named.and_then(|name| Permission::ALL.iter().find(|right| right.name() == name));
    *right.unwrap_or_else(|| panic!("the operation {id} names no permission: add `x-right` to its `utoipa::path`"))
}

#[test]
fn every_operation_names_its_required_permission() {
    for endpoint in Endpoint::all() {
        if endpoint.operation.get("security").is_none() {
            required_permission(&endpoint);
        } else {
            assert!(endpoint.operation["x-right"].is_null(), "{} is public", endpoint.path);
        }
    }
}

/// Calls every endpoint that requires authentication; `forbidden` comes exactly where it is expected.
async fn check_permissions(refresh: impl AsyncFn() -> TestUser, what: &str, lacks: impl Fn(Permission) -> bool) {
    let mut user = refresh().await;
    for endpoint in Endpoint::requiring_auth() {
        let Endpoint { method, path, operation, .. } = &endpoint;
        let request = user.request(method, path);
        let body = &operation["requestBody"]["content"];
        let request = match body.get("multipart/form-data") {
            Some(_) => request.body("multipart/form-data; boundary=x", FILE),
            None if body.is_object() => request.json(&body_for(operation)),
            None => request,
        };
        let response = request.send().await;
        let problem = if response.content_type() == "application/problem+json" { response.json() } else { json!({}) };
        let (right, code) = (required_permission(&endpoint), problem["code"].clone());
        let name = format!("{method} {path} as {what}: {} {code}", response.status);
        assert!(response.status.as_u16() < 500, "{name}");
        assert_eq!(code == "forbidden", lacks(right), "{name}, which needs {}", right.name());
        // Some operations end the session.
        if user.get("/sync").send().await.status == 401 {
            user = refresh().await;
        }
    }
}

#[tokio::test]
async fn each_role_has_exactly_the_permissions_of_the_table() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for role in ROLES {
        let user = server.create_user(&format!("the-{}", role.as_str())).await;
        let path = format!("/admin/users/{}/role", user.id);
        ada.put(&path, &json!({ "role": role })).expect(200).await;
        check_permissions(async || user.login_again().await, role.as_str(), |right| !right.is_granted_to(role)).await;
    }
}

#[tokio::test]
async fn each_token_is_limited_by_its_scope_and_its_users_role() {
    let server = Server::start().await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    // Only moderators and administrators can create tokens with the `admin` scope.
    ada.put(&format!("/admin/users/{}/role", mara.id), &json!({ "role": "moderator" })).expect(200).await;
    for (scope, access) in [("read", Access::Read), ("write", Access::Write), ("admin", Access::Admin)] {
        for (user, role) in [(&ada, Role::Admin), (&mara, Role::Moderator)] {
            let token = async || {
                let wanted = json!({ "label": "a script", "scope": scope });
                let created = user.login_again().await.post("/tokens", &wanted).expect(201).await;
                TestUser { access_token: created["token"].as_str().expect("a token").to_owned(), ..user.clone() }
            };
            let what = format!("{scope} token of {}", role.as_str());
            check_permissions(token, &what, |right| !right.is_granted_to(role) || right.min_access() > access).await;
        }
    }
}

#[test]
fn the_permission_table_in_the_docs_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/roles.md");
    let now = table();
    if std::fs::read_to_string(&path).unwrap_or_default() != now {
        let new = path.with_extension("new.md");
        std::fs::write(&new, now).unwrap();
        panic!("the table has changed; if that is intended: mv {} {}", new.display(), path.display());
    }
}

fn table() -> String {
    let mut text = String::from(
        "# Roles and permissions\n\nWritten by a test from the tables in `protocol/src/permissions.rs`. Every command requires one of \
         these permissions,\nwhether it comes from the API, a socket or a page. Its other conditions (such as membership of \
         the room) are checked when\nthe object is loaded for the caller.\n\n\
         | permission | | admin | moderator | member | guest | token |\n|---|---|:-:|:-:|:-:|:-:|---|\n",
    );
    for right in Permission::ALL {
        let has = ROLES.map(|role| if right.is_granted_to(role) { "✓" } else { "" }).join(" | ");
        let token = match right.min_access() {
            Access::Read => "read",
            Access::Write => "write",
            Access::Admin => "admin",
            Access::Full => "none: session only",
        };
        writeln!(text, "| `{}` | {} | {has} | {token} |", right.name(), right.meaning()).unwrap();
    }
    text.push_str(
        "\n## In a room\n\nThe least room role that a member needs. Owners can choose others for their room.\n\n\
         | permission | | public channel | private channel | announcements | direct |\n|---|---|---|---|---|---|\n",
    );
    for permission in RoomPermission::ALL {
        let roles = [
            (RoomKind::Channel, Visibility::Public),
            (RoomKind::Channel, Visibility::Private),
            (RoomKind::Announcement, Visibility::Public),
            (RoomKind::Direct, Visibility::Private),
        ]
        .map(|(kind, visibility)| permission.default_role(kind, visibility).as_str())
        .join(" | ");
        writeln!(text, "| `{}` | {} | {roles} |", permission.name(), permission.meaning()).unwrap();
    }
    text.push_str(
        "\nThe last column of the first table is the smallest scope of a personal access token that includes the permission; each scope includes those before \
         it.\n\n- Guests see only the rooms they were added to, and the users they share one with. They are not in the \
         Lobby, where\n  all other users always are: a user who becomes a guest is removed from it, and one who stops being a guest is added.\n- In public \
         rooms that they are in, moderators count as moderators of the room and administrators as its owners. In a\n  \
         private room only the stored room role counts; guests of the service are guests in every room.\n- Moderators deactivate, \
         reactivate and sign out members and guests; administrators anyone. The last administrator can\n  neither be \
         deactivated nor get another role.\n- A role change applies at once: on every node, and on sockets that are \
         open.\n\nThe OpenAPI document names the permission that each operation requires as `x-right`.\n",
    );
    text
}
