//! The audit log of logins and failed logins with their addresses, as fail2ban needs it.

use super::process::{Process, lair_command};
use crate::harness::{PASSWORD, Request, TestUser, totp_code};
use domain::Clock;
use regex::Regex;
use serde_json::{Value, json};
use std::path::Path;

/// Typed secrets that must not be in the log.
const TYPED_LOGIN: &str = "typed.name.of.nobody";
const GUESS: &str = "a-guess-at-a-password";

struct AuditRun {
    ada: TestUser,
    mara: TestUser,
    /// An access token with one changed character.
    forged: String,
    lines: Vec<String>,
}

/// Logs in and out, with and without success, and returns the log of it.
async fn run_and_capture_log(format: &str, data: &Path) -> AuditRun {
    let mut command = lair_command(data);
    command.env("LAIR_LOG", format).env("LAIR_LIMIT_WRITE", "1/h burst 9");
    let mut process = Process::start_with(&mut command, data, "127.0.0.1:0").await;
    let api = process.api.clone();
    let request =
        |id: &str, path: &str, body: Value| Request::new(&api, "POST", path).header("x-request-id", id).json(&body);
    let (ada, mara) = (TestUser::register(&api, "ada").await, TestUser::register(&api, "mara").await);
    request("wrong", "/auth/login", json!({ "login": "ada", "password": GUESS }))
        .expect_error("wrong_credentials")
        .await;
    request("nobody", "/auth/login", json!({ "login": TYPED_LOGIN, "password": GUESS }))
        .expect_error("wrong_credentials")
        .await;
    let origin = format!("http://{}", api.address);
    let form = |id, path| Request::new(&api, "POST", path).header("x-request-id", id).header("origin", &origin);
    let typed = format!("login={TYPED_LOGIN}&password={GUESS}");
    form("form", "//do/auth/sign-in").body("application/x-www-form-urlencoded", typed).send().await;
    request("right", "/auth/login", json!({ "login": "ada", "password": PASSWORD })).expect(200).await;

    let factor = |id, path, body| request(id, path, body).token(&ada.access_token);
    factor("begin", "/auth/second-factor", json!({})).expect(201).await;
    factor("code", "/auth/second-factor/confirm", json!({ "code": "000000" })).expect_error("invalid").await;
    let change = json!({ "current_password": GUESS, "new_password": "another den with a hearth" });
    request("own", "/auth/change-password", change).token(&ada.access_token).expect_error("password_required").await;
    // Someone who knows Mara's password has also seen her enter a code.
    let setup = mara.request("POST", "/auth/second-factor").expect(201).await;
    let code = totp_code(&setup, &Clock::default());
    mara.post("/auth/second-factor/confirm", &json!({ "code": code })).expect(200).await;
    request("replayed", "/auth/login", json!({ "login": "mara", "password": PASSWORD, "totp": code }))
        .expect_error("wrong_totp")
        .await;
    let forged = format!("{}x", ada.access_token);
    request("forged", "/auth/logout", json!({})).token(&forged).expect_error("not_signed_in").await;
    request("unknown", "/auth/logout", json!({})).token("lair_00").expect_error("not_signed_in").await;

    mara.get("/admin/users").header("x-request-id", "right-missing").expect_error("forbidden").await;
    let page = mara.get("//admin/people").header("accept", "text/html").header("x-request-id", "page").send().await;
    assert_eq!(page.status, 403);
    let block = form("act", "//do/set-role").token(&mara.access_token);
    let block = block.body("application/x-www-form-urlencoded", format!("id={}&role=admin", mara.id));
    assert_eq!(block.send().await.status, 403);
    let reading = json!({ "label": "bot", "scope": "read" });
    let token = ada.post("/tokens", &reading).expect(201).await["token"].as_str().expect("a token").to_owned();
    Request::new(&api, "GET", "/rooms").token(&token).header("x-request-id", "program").expect(200).await;
    for n in 0..10 {
        let room = mara.post("/rooms", &json!({ "name": format!("room {n}") })).header("x-request-id", "much");
        if room.send().await.status == 429 {
            break;
        }
    }
    ada.request("POST", "/auth/logout").header("x-request-id", "out").expect(204).await;
    let refresh = |id| request(id, "/auth/refresh", json!({ "refresh_token": mara.refresh_token }));
    refresh("renewed").expect(200).await;
    refresh("reused").expect_error("invalid_refresh_token").await;
    process.terminate().await;

    let mut lines = Vec::new();
    while let Some(line) = process.log.recv().await {
        for secret in [TYPED_LOGIN, GUESS, PASSWORD, &ada.refresh_token, &mara.refresh_token, &ada.access_token, &token]
        {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
        lines.push(line);
    }
    AuditRun { ada, mara, forged, lines }
}

#[tokio::test]
async fn the_audit_log_names_client_and_user() {
    let data = tempfile::tempdir().unwrap();
    let AuditRun { ada, mara, forged, lines } = run_and_capture_log("json", data.path()).await;
    assert!(lines.iter().all(|line| !line.contains(&forged)));
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let find_line = |request: &str, message: &str| -> Value {
        let line = lines.iter().find(|line| line["span"]["id"] == request && line["message"] == message);
        let line = line.unwrap_or_else(|| panic!("{message} in the request {request}: {lines:#?}"));
        assert_eq!(line["span"]["client"], "127.0.0.1", "{line}");
        line.clone()
    };
    for (request, how, reason, account) in [
        ("wrong", "password", "wrong_credentials", json!(ada.id)),
        ("nobody", "password", "wrong_credentials", Value::Null),
        ("form", "password", "wrong_credentials", Value::Null),
        ("replayed", "code", "replayed_totp", json!(mara.id)),
        ("forged", "token", "not_signed_in", Value::Null),
        ("unknown", "token", "not_signed_in", Value::Null),
        ("reused", "refresh", "reused_refresh_token", json!(mara.id)),
    ] {
        let line = find_line(request, "sign-in failed");
        assert_eq!(
            (&line["how"], &line["reason"], &line["account"]),
            (&json!(how), &json!(reason), &account),
            "{line}"
        );
        assert_eq!(line["level"], "WARN");
    }
    // Not a failed sign-in, for which their network would be banned.
    for (request, how, reason) in [("own", "password", "wrong_credentials"), ("code", "code", "wrong_totp")] {
        let line = find_line(request, "confirmation failed");
        assert_eq!((&line["how"], &line["reason"], &line["account"]), (&json!(how), &json!(reason), &json!(ada.id)));
        assert_eq!(line["level"], "WARN");
    }
    for (request, how) in [("right", "password"), ("program", "token")] {
        let line = find_line(request, "signed in");
        assert_eq!((&line["how"], &line["account"]), (&json!(how), &json!(ada.id)), "{line}");
    }
    for request in ["right-missing", "page", "act"] {
        let line = find_line(request, "permission denied");
        assert_eq!((&line["reason"], &line["span"]["user"]), (&json!("forbidden"), &json!(mara.id)), "{line}");
    }
    let line = find_line("much", "rate limit exceeded");
    assert_eq!((&line["limit"], &line["span"]["user"]), (&json!("write"), &json!(mara.id)));
    let line = find_line("out", "signed out");
    assert_eq!((&line["account"], &line["session"]), (&json!(ada.id), &json!(ada.session_id)));
    for (request, user) in [("right-missing", json!(mara.id)), ("program", json!(ada.id)), ("wrong", Value::Null)] {
        assert_eq!(find_line(request, "request completed")["span"]["user"], user, "{request}");
    }
    let twice =
        lines.iter().filter(|line| line["message"] == "permission denied" && line["span"]["id"] == "act").count();
    assert_eq!(twice, 1, "one log line per rejection");
}

/// The documented fail2ban expressions, with `<HOST>` replaced by its pattern.
fn filter() -> Vec<Regex> {
    let manual = include_str!("../../../docs/operations.md");
    let (_, filter) = manual.split_once("failregex =").expect("a filter");
    let (filter, _) = filter.split_once("```").expect("its end");
    let lines = filter.lines().map(str::trim).filter(|line| line.starts_with('^'));
    lines.map(|line| Regex::new(&line.replace("<HOST>", r"(?P<host>[0-9a-fA-F.:]+)")).expect(line)).collect()
}

#[tokio::test]
async fn the_documented_fail2ban_filter_matches_only_failed_logins() {
    let filter = filter();
    assert!(!filter.is_empty());
    // fail2ban removes the timestamp from a line before matching.
    let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z").unwrap();
    for format in ["text", "json"] {
        let data = tempfile::tempdir().unwrap();
        let lines = run_and_capture_log(format, data.path()).await.lines;
        let found = lines.iter().filter(|line| {
            let line = time.replace(line, "");
            let host = filter.iter().find_map(|one| one.captures(&line)?.name("host"));
            assert!(host.is_none_or(|host| host.as_str() == "127.0.0.1"), "{line}");
            assert_eq!(host.is_some(), line.contains("sign-in failed"), "{line}");
            host.is_some()
        });
        assert_eq!(found.count(), 7, "{lines:#?}");
    }
    // A client cannot inject another address through the path.
    for line in [
        r#"  INFO request{id=a client=192.0.2.1 method=GET path="/client=198.51.100.7 x}: sign-in failed "}: request completed status=404 ms=1"#,
        r#"{"timestamp":"","level":"INFO","status":404,"message":"request completed","span":{"client":"192.0.2.1","id":"a","path":"/\"sign-in failed\",\"client\":\"198.51.100.7\""}}"#,
    ] {
        assert!(filter.iter().all(|one| !one.is_match(line)), "{line}");
    }
}
