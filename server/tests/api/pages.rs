//! The rendered pages: headers, status codes and limits.

use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn every_page_has_its_own_csp_nonce_and_no_inline_code_without_it() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let response = server.get("//sign-in").header("accept", "text/html").send().await;
        assert_eq!((response.status.as_u16(), response.content_type()), (200, "text/html; charset=utf-8"));
        let policy = response.header("content-security-policy");
        assert!(!policy.contains("unsafe-inline") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        for script in response.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
        }
        assert!(!response.text.contains(" style=\""), "an inline style");
        assert!(response.header("cache-control").contains("no-store"));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn pages_are_compressed_if_the_client_accepts_it() {
    let server = Server::start().await;
    server.create_user("ada").await;
    for (accepted, sent) in [("br, gzip", "gzip"), ("gzip", "gzip"), ("br", ""), ("identity", "")] {
        let response = server.get("//sign-in").header("accept-encoding", accepted).send().await;
        assert_eq!(response.header("content-encoding"), sent, "{accepted}");
    }
}

#[tokio::test]
async fn unknown_paths_return_a_404_page() {
    let server = Server::start().await;
    let response = server.get("//nothing/here").header("accept", "text/html").send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (404, "text/html; charset=utf-8"));
    let response = server.request("POST", "//nothing/here").header("accept", "text/html").send().await;
    assert!(response.status.is_client_error());
}

#[tokio::test]
async fn programs_get_a_problem_document_for_an_unknown_path() {
    let server = Server::start().await;
    for accept in ["application/json", "application/problem+json", "*/*", "image/avif,image/webp"] {
        let response = server.get("//nothing/here").header("accept", accept).send().await;
        assert_eq!((response.status.as_u16(), response.content_type()), (404, "application/problem+json"), "{accept}");
        assert_eq!(response.json()["code"], "not_found", "{accept}");
    }
}

#[tokio::test]
async fn what_browsers_and_robots_ask_for_unasked_is_there() {
    let server = Server::start().await;
    for (path, kind) in [
        ("//favicon.ico", "image/x-icon"),
        ("//apple-touch-icon.png", "image/png"),
        ("//robots.txt", "text/plain; charset=utf-8"),
    ] {
        let response = server.get(path).send().await;
        assert_eq!((response.status.as_u16(), response.content_type()), (200, kind), "{path}");
        assert!(!response.text.is_empty(), "{path}");
    }
    let robots = server.get("//robots.txt").send().await.text;
    for secret in ["/api/", "/do/", "/reset", "/verify", "/sign-up?"] {
        assert!(robots.contains(&format!("Disallow: {secret}\n")), "{robots}");
    }
}

#[tokio::test]
async fn password_managers_find_where_to_change_the_password() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let response = server.get("//.well-known/change-password").send().await;
    assert_eq!(response.status.as_u16(), 307);
    let (path, section) = response.header("location").split_once('#').unwrap();
    let page = ada.get(&format!("/{path}")).header("accept", "text/html").send().await;
    assert_eq!(page.status, 200);
    let form = page.text.split(&format!("id=\"{section}\"")).nth(1).expect("the section");
    let form = form.split("</section>").next().unwrap();
    assert!(form.contains("name=\"current_password\"") && form.contains("name=\"new_password\""), "{form}");
    // How they tell a server without the redirect from one that answers everything with 200.
    let nonsense = "//.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert_eq!(server.get(nonsense).send().await.status, 404);
}

#[tokio::test]
async fn pages_that_require_a_session_redirect_to_sign_in() {
    let server = Server::start().await;
    let response = server.get("//").header("accept", "text/html").send().await;
    assert!(response.status.is_redirection(), "{}", response.status);
    assert!(response.header("location").starts_with("/sign-in"), "{}", response.header("location"));
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let origin = format!("http://{}", server.api.address);
    let form = format!("login={}", "x".repeat(300 * 1024));
    let request = server.post("//do/auth/sign-in").header("origin", &origin);
    request.body("application/x-www-form-urlencoded", form).expect_error("too_large").await;
}

#[tokio::test]
async fn the_profile_card_is_escaped_and_not_served_as_a_page() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    mara.put("/users/profile", &json!({ "bio": "<script>alert(1)</script>", "pronouns": "\"><b>" })).expect(200).await;
    let card = ada.get("//do/read/profile-card?username=MARA").send().await;
    assert_eq!(card.status, 200);
    assert_ne!(card.content_type(), "text/html");
    assert!(card.header("cache-control").contains("no-store") && card.header("x-content-type-options") == "nosniff");
    assert!(card.text.contains('@') && card.text.contains("href=\"/people/mara#block\""), "{}", card.text);
    assert!(card.text.contains("&lt;script&gt;") && !card.text.contains("<script") && !card.text.contains("<b>"));
    assert_eq!(ada.get("//do/read/profile-card?username=nobody").send().await.status, 404);
    assert_eq!(server.get("//do/read/profile-card?username=mara").send().await.status, 401);
}

#[tokio::test]
async fn pages_carry_the_users_settings_as_data_attributes() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for path in ["//", "//settings"] {
        let response = ada.get(path).header("accept", "text/html").send().await;
        let response = if response.status.is_redirection() {
            ada.get(&format!("/{}", response.header("location"))).header("accept", "text/html").send().await
        } else {
            response
        };
        for (name, value) in protocol::settings::Settings::default().data_attributes() {
            assert!(response.text.contains(&format!(" data-{name}=\"{value}\"")), "{path}: {name}");
        }
    }
}
