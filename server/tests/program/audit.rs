//! What the log says of who came in, who did not, and from where: what fail2ban and an inquiry go by.

use super::process::{Process, lair_command};
use crate::harness::{PASSWORD, Request, TestUser};
use regex::Regex;
use serde_json::{Value, json};
use std::path::Path;

/// What was typed, and must be nowhere.
const TYPED_LOGIN: &str = "typed.name.of.nobody";
const GUESS: &str = "a-guess-at-a-password";

struct AuditRun {
    ada: TestUser,
    mara: TestUser,
    /// An access token in which one letter is another.
    forged: String,
    lines: Vec<String>,
}

/// Signs in and out, well and badly, and answers what the program logged meanwhile.
async fn run_and_capture_log(format: &str, data: &Path) -> AuditRun {
    let mut command = lair_command(data);
    command.env("LAIR_LOG", format).env("LAIR_LIMIT_WRITE", "1/h burst 9");
    let mut process = Process::start_with(&mut command, data, "127.0.0.1:0").await;
    let api = process.api.clone();
    let ask =
        |id: &str, path: &str, body: Value| Request::new(&api, "POST", path).header("x-request-id", id).json(&body);
    let (ada, mara) = (TestUser::register(&api, "ada").await, TestUser::register(&api, "mara").await);
    ask("wrong", "/auth/login", json!({ "login": "ada", "password": GUESS })).expect_error("wrong_credentials").await;
    ask("nobody", "/auth/login", json!({ "login": TYPED_LOGIN, "password": GUESS }))
        .expect_error("wrong_credentials")
        .await;
    let origin = format!("http://{}", api.address);
    let form = |id, path| Request::new(&api, "POST", path).header("x-request-id", id).header("origin", &origin);
    let typed = format!("login={TYPED_LOGIN}&password={GUESS}");
    form("form", "//do/sign-in").body("application/x-www-form-urlencoded", typed).send().await;
    ask("right", "/auth/login", json!({ "login": "ada", "password": PASSWORD })).expect(200).await;

    let factor = |id, path, body| ask(id, path, body).token(&ada.access_token);
    factor("begin", "/auth/second-factor", json!({})).expect(201).await;
    factor("code", "/auth/second-factor/confirm", json!({ "code": "000000" })).expect_error("invalid").await;
    let forged = format!("{}x", ada.access_token);
    ask("forged", "/auth/logout", json!({})).token(&forged).expect_error("not_signed_in").await;
    ask("unknown", "/auth/logout", json!({})).token("lair_00").expect_error("not_signed_in").await;

    mara.get("/admin/users").header("x-request-id", "right-missing").expect_error("forbidden").await;
    let page = mara.get("//admin/people").header("accept", "text/html").header("x-request-id", "page").send().await;
    assert_eq!(page.status, 403);
    let block = form("act", "//do/role").token(&mara.access_token);
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
    let renew = |id| ask(id, "/auth/refresh", json!({ "refresh_token": mara.refresh_token }));
    renew("renewed").expect(200).await;
    renew("reused").expect_error("invalid_refresh_token").await;
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
        ("code", "code", "wrong_totp", json!(ada.id)),
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
    for (request, how) in [("right", "password"), ("program", "token")] {
        let line = find_line(request, "signed in");
        assert_eq!((&line["how"], &line["account"]), (&json!(how), &json!(ada.id)), "{line}");
    }
    for request in ["right-missing", "page", "act"] {
        let line = find_line(request, "refused");
        assert_eq!((&line["reason"], &line["span"]["user"]), (&json!("forbidden"), &json!(mara.id)), "{line}");
    }
    let line = find_line("much", "limit met");
    assert_eq!((&line["limit"], &line["span"]["user"]), (&json!("write"), &json!(mara.id)));
    let line = find_line("out", "signed out");
    assert_eq!((&line["account"], &line["session"]), (&json!(ada.id), &json!(ada.session_id)));
    for (request, user) in [("right-missing", json!(mara.id)), ("program", json!(ada.id)), ("wrong", Value::Null)] {
        assert_eq!(find_line(request, "answered")["span"]["user"], user, "{request}");
    }
    let twice = lines.iter().filter(|line| line["message"] == "refused" && line["span"]["id"] == "act").count();
    assert_eq!(twice, 1, "one log line per rejection");
}

/// The expressions that the manual gives fail2ban, with what its name for an address stands for.
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
    // It takes the time out of a line before it looks at it.
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
    // What a caller writes into a path blames nobody else.
    for line in [
        r#"  INFO request{id=a client=192.0.2.1 method=GET path="/client=198.51.100.7 x}: sign-in failed "}: answered status=404 ms=1"#,
        r#"{"timestamp":"","level":"INFO","status":404,"message":"answered","span":{"client":"192.0.2.1","id":"a","path":"/\"sign-in failed\",\"client\":\"198.51.100.7\""}}"#,
    ] {
        assert!(filter.iter().all(|one| !one.is_match(line)), "{line}");
    }
}
