//! Forms that failed without JavaScript: what was typed comes back, but not in a URL, and redirects stay on this site.

use crate::harness::{PASSWORD, Request, Response, Server, TestUser};
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

/// A form as a browser without JavaScript sends it.
async fn submit(server: &Server, path: &str, fields: &str, cookie: &str) -> Response {
    let origin = format!("http://{}", server.api.address);
    let request = server.post(path).header("origin", &origin).header("accept", "text/html").header("cookie", cookie);
    request.body(FORM, fields.to_owned()).send().await
}

fn typed_cookie(response: &Response) -> Option<String> {
    let mut cookies = response.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    cookies.rfind(|cookie| cookie.starts_with("lair_typed=")).map(str::to_owned)
}

/// Follows the redirect of a failed form: the page, and the change of the cookie that it was given.
async fn follow(server: &Server, response: &Response) -> Response {
    let cookie = typed_cookie(response).expect("a cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Max-Age=60"), "{cookie}");
    let value = cookie.split(';').next().unwrap_or_default();
    page(server, response.header("location"), value).await
}

async fn page(server: &Server, path: &str, cookie: &str) -> Response {
    let request: Request = server.get(&format!("/{path}")).header("accept", "text/html").header("cookie", cookie);
    request.send().await
}

#[tokio::test]
async fn a_failed_sign_in_does_not_put_the_login_into_the_url() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let fields = "login=fay%40example.org&password=not-the-password&next=%2Frooms%2F1";
    let response = submit(&server, "//do/auth/sign-in", fields, "").await;
    let location = response.header("location").to_owned();
    assert_eq!(response.status, 303, "{response:?}");
    assert!(location.starts_with("/sign-in?") && location.contains("next=%2Frooms%2F1"), "{location}");
    assert!(!location.contains("fay") && !location.contains("login="), "{location}");
    let shown = follow(&server, &response).await;
    assert!(shown.text.contains("value=\"fay@example.org\""), "{}", shown.text);
    assert!(shown.text.contains("Wrong username or password."), "{}", shown.text);
    // It is shown once, by the page of this form, and not without our signature.
    assert!(typed_cookie(&shown).is_some_and(|cookie| cookie.contains("Max-Age=0")), "{shown:?}");
    let cookie = typed_cookie(&response).unwrap().split(';').next().unwrap().to_owned();
    for (path, cookie) in
        [(&*location, "lair_typed=x"), (&*location, &cookie[..cookie.len() - 2]), ("/forgot", &cookie)]
    {
        assert!(!page(&server, path, cookie).await.text.contains("fay@example.org"), "{path} {cookie}");
    }
    // Signing in afterwards clears it.
    let fields = format!("login=ada&password={}", PASSWORD.replace(' ', "+"));
    let response = submit(&server, "//do/auth/sign-in", &fields, &cookie).await;
    assert!(typed_cookie(&response).is_some_and(|cookie| cookie.contains("Max-Age=0")), "{response:?}");
}

#[tokio::test]
async fn a_failed_sign_up_does_not_put_names_or_the_address_into_the_url() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let fields = "username=ada&password=another-den-with-a-hearth&display_name=Fay+Grau&email=fay%40example.org\
        &context[invitation]=abc&context[next]=%2Fpeople";
    let response = submit(&server, "//do/auth/sign-up", fields, "").await;
    let location = response.header("location");
    assert!(location.contains("invitation=abc") && location.contains("next=%2Fpeople"), "{location}");
    for personal in ["fay", "Fay", "ada", "Grau"] {
        assert!(!location.contains(personal), "{location}");
    }
    let shown = follow(&server, &response).await.text;
    for value in ["value=\"ada\"", "value=\"Fay Grau\"", "value=\"fay@example.org\""] {
        assert!(shown.contains(value), "{value}: {shown}");
    }
    assert!(!shown.contains("another-den"), "{shown}");
}

#[tokio::test]
async fn what_is_too_long_for_a_cookie_is_not_kept() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let fields = format!("login={}&password=not-the-password", "x".repeat(5_000));
    let response = submit(&server, "//do/auth/sign-in", &fields, "").await;
    assert!(response.header("location").len() < 2_000, "{response:?}");
    assert!(typed_cookie(&response).is_some_and(|cookie| cookie.starts_with("lair_typed=; ")), "{response:?}");
}

fn session_cookies(user: &TestUser) -> String {
    format!("lair_access={}; lair_refresh={}", user.access_token, user.refresh_token)
}

#[tokio::test]
async fn a_form_redirects_only_to_pages_of_this_site() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let unknown = "01a22900-0000-7000-8000-000000000000";
    for (user, next, expected) in [
        (unknown, "/..//evil.example", "/?"),
        (unknown, "/.//evil.example", "/?"),
        (unknown, "/%2e%2e//evil.example", "/?"),
        (unknown, "//evil.example", "/?"),
        (unknown, "/\\evil.example", "/?"),
        (unknown, "/people?__path=/do/block-user&__err=x", "/people?"),
        (unknown, "/people", "/people?"),
        (&mara.id, "/..//evil.example", "/"),
        (&mara.id, "/people?q=a", "/people?q=a"),
    ] {
        let fields =
            form_urlencoded::Serializer::new(String::new()).extend_pairs([("user_id", user), ("next", next)]).finish();
        let response = submit(&server, "//do/block-user", &fields, &session_cookies(&ada)).await;
        let location = response.header("location");
        assert!(location.starts_with(expected) && !location.contains("evil"), "{next}: {location}");
        assert_eq!(location == expected, user == mara.id, "{next}: {location}");
    }
}

#[tokio::test]
async fn sensitive_forms_of_administrators_ask_for_the_password_first() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    server.clock.advance(14 * 60_000);
    let body = json!({ "status": "deactivated" });
    let path = format!("/admin/users/{}/status", mara.id);
    ada.put(&path, &body).expect(200).await;
    let ada = ada.login_again().await;
    server.clock.advance(16 * 60_000);
    let tokens = server.post("/auth/refresh").json(&json!({ "refresh_token": ada.refresh_token })).expect(200).await;
    let ada = TestUser::from_tokens(&server.api, &tokens);
    ada.put(&path, &json!({ "status": "active" })).expect_error("password_required").await;
    ada.delete(&format!("/admin/users/{}/sessions", mara.id)).expect_error("password_required").await;
    ada.put("/admin/config", &json!({ "registration": "closed" })).expect_error("password_required").await;
    let account = format!("/admin/people/{}", mara.id);
    for (form, fields, back) in [
        ("set-account-status", format!("id={}&status=active", mara.id), format!("{account}%3Funsaved=1")),
        ("end-account-sessions", format!("id={}", mara.id), format!("{account}%3Funsaved=1")),
        ("set-config", "registration=closed".into(), "/admin/settings%3Funsaved=1%26registration=closed".into()),
    ] {
        let response = submit(&server, &format!("//do/{form}"), &fields, &session_cookies(&ada)).await;
        assert_eq!(response.header("location"), format!("/settings/confirm?next={back}"), "{form}");
    }
    ada.post("/auth/confirm-password", &json!({ "password": PASSWORD })).expect(204).await;
    ada.put(&path, &json!({ "status": "active" })).expect(200).await;
}
