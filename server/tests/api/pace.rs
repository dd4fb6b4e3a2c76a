//! How fast who may ask: by account, by network, over every mouth.

use crate::{
    every::Endpoint,
    harness::{Answer, PASSWORD, Server, fresh_name},
};
use serde_json::{Value, json};
use server::config::Raw;

/// A server that lets little through.
async fn strict(raw: Raw) -> Server {
    Server::start_with(Raw { rate_limits: Some("on".into()), ..raw }).await
}

fn number(answer: &Answer, name: &str) -> u32 {
    answer.header(name).parse().unwrap_or_else(|_| panic!("{name} is {:?}", answer.header(name)))
}

#[tokio::test]
async fn every_answer_says_how_one_stands() {
    let server = strict(Raw { limit_read: Some("60/min burst 5".into()), ..Raw::default() }).await;
    let ada = server.person("ada").await;
    for left in [4, 3] {
        let answer = ada.get("/rooms").send().await;
        assert_eq!((answer.status.as_u16(), number(&answer, "ratelimit-limit")), (200, 5));
        assert_eq!(number(&answer, "ratelimit-remaining"), left);
        assert_eq!(number(&answer, "ratelimit-reset"), 5 - left);
        assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=5;w=5");
        assert_eq!(answer.header("ratelimit"), format!("\"read\";r={left};t={}", 5 - left));
    }
    // Refusals, pages, forms and what is not there count too; what watches the server is never in the way.
    let page = server.get("//sign-in").header("accept", "text/html").send().await;
    assert_eq!(number(&page, "ratelimit-remaining"), 4);
    let origin = format!("http://{}", server.at.address);
    let form = server.post("//do/sign-in").header("origin", &origin);
    let form = form.body("application/x-www-form-urlencoded", "login=ada&password=wrong-password").send().await;
    assert!(form.header("ratelimit-policy").starts_with("\"sign-in\""), "{form:?}");
    for refused in [server.get("/rooms"), server.get("/nothing"), ada.get("/rooms/x")] {
        assert!(!refused.send().await.header("ratelimit-remaining").is_empty());
    }
    for check in ["/health", "/ready"] {
        assert_eq!(server.get(check).send().await.header("ratelimit-limit"), "");
    }
}

#[tokio::test]
async fn who_asks_too_much_is_told_when_to_come_back_and_others_are_not_touched() {
    let server = strict(Raw { limit_write: Some("6/min burst 2".into()), ..Raw::default() }).await;
    let (ada, mara) = (server.person("ada").await, server.person("mara").await);
    for name in ["Kitchen", "Garden"] {
        ada.room(name).await;
    }
    let answer = ada.post("/rooms", &json!({ "name": "Attic" })).send().await;
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (429, &json!("rate_limited")));
    assert_eq!(answer.kind(), "application/problem+json");
    assert_eq!((number(&answer, "retry-after"), number(&answer, "ratelimit-remaining")), (10, 0));
    assert_eq!(problem["retry_after"], 10);
    assert!(problem["detail"].as_str().unwrap().ends_with("Try again in 10 seconds."), "{problem}");
    // On another device it is the same account; looking goes on; and another account behind the same address has its own.
    ada.sign_in_again().await.post("/rooms", &json!({ "name": "Attic" })).refused("rate_limited").await;
    ada.get("/rooms").expect(200).await;
    mara.room("Attic").await;
    server.clock.advance(10_000);
    ada.room("Cellar").await;
    ada.post("/rooms", &json!({ "name": "Loft" })).refused("rate_limited").await;
}

#[tokio::test]
async fn signing_in_is_counted_by_network() {
    let raw = Raw {
        limit_sign_in: Some("60/min burst 3".into()),
        trusted_proxies: Some(vec!["127.0.0.1".into()]),
        ..Raw::default()
    };
    let server = strict(raw).await;
    let try_from = |address: &str| {
        let body = json!({ "login": fresh_name(), "password": PASSWORD });
        server.post("/auth/login").header("x-forwarded-for", address).json(&body)
    };
    // One household has many IPv6 addresses, and whatever it writes before them is not believed.
    for address in ["2001:db8::1", "203.0.113.9, 2001:db8::2", "nonsense, 2001:db8::3"] {
        try_from(address).refused("wrong_credentials").await;
    }
    try_from("2001:db8::4").refused("rate_limited").await;
    try_from("2001:db8:0:1::1").refused("wrong_credentials").await;
    server.clock.advance(1_000);
    try_from("2001:db8::5").refused("wrong_credentials").await;
}

#[tokio::test]
async fn an_account_of_ones_own_is_no_place_to_guess_from() {
    let server = strict(Raw { limit_sign_in: Some("1/h burst 9".into()), ..Raw::default() }).await;
    let throwaways = [server.person("ada").await, server.person("mara").await, server.person("tomas").await];
    let guess = || server.post("/auth/login").json(&json!({ "login": fresh_name(), "password": PASSWORD }));
    for throwaway in throwaways.iter().chain(&throwaways) {
        guess().token(&throwaway.access_token).refused("wrong_credentials").await;
    }
    // Three accounts were made and six guesses, whoever made them: that is all from here.
    for throwaway in &throwaways {
        guess().token(&throwaway.access_token).refused("rate_limited").await;
    }
    guess().refused("rate_limited").await;
}

#[tokio::test]
async fn every_secret_that_is_tried_counts_as_signing_in() {
    let server = strict(Raw::default()).await;
    let ada = server.person("ada").await;
    let mut seen = 0;
    let document: Value = serde_json::from_str(&server::openapi::text()).unwrap();
    let secrets = ["password", "current_password", "totp", "code", "token", "refresh_token"];
    for Endpoint { method, path, operation } in Endpoint::all() {
        let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
        let schema = schema.and_then(|path| document.pointer(path.as_str()?.trim_start_matches('#')));
        if schema.is_some_and(|schema| secrets.iter().any(|field| schema["properties"].get(*field).is_some())) {
            let answer = ada.ask(&method, &path).json(&json!({})).send().await;
            assert!(answer.header("ratelimit-policy").starts_with("\"sign-in\""), "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen >= 9, "{seen}");
}

#[tokio::test]
async fn a_network_as_a_whole_has_a_limit_too() {
    let raw = Raw { limit_address: Some("60/min burst 4".into()), ..Raw::default() };
    let server = strict(raw).await;
    let (ada, mara) = (server.person("ada").await, server.person("mara").await);
    ada.get("/rooms").expect(200).await;
    mara.get("/rooms").expect(200).await;
    let answer = ada.get("/rooms").send().await;
    assert_eq!(answer.json()["code"], "rate_limited");
    assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=4;w=4");
    server.get("/health").expect(200).await;
}

#[tokio::test]
async fn a_command_too_many_is_refused_and_the_socket_stays_open() {
    let server = strict(Raw { limit_write: Some("60/min burst 2".into()), ..Raw::default() }).await;
    let ada = server.person("ada").await;
    let lobby = ada.lobby().await;
    let mut socket = ada.listen(None).await;
    let send = || json!({ "type": "message.send", "room_id": lobby, "body": "hi", "client_id": fresh_name() });
    for answer in ["ack", "ack", "error"] {
        assert_eq!(socket.ask(send()).await["type"], answer);
    }
    let refused = socket.ask(send()).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["retry_after"]), (&json!("rate_limited"), &json!(1)));
    for _ in 0..20 {
        assert_eq!(socket.ask(json!({ "type": "ping" })).await["type"], "ack");
    }
    server.clock.advance(1_000);
    assert_eq!(socket.ask(send()).await["type"], "ack");
    // The same account has the same limit over REST.
    let message = json!({ "body": "hi", "client_id": fresh_name() });
    ada.post(&format!("/rooms/{lobby}/messages"), &message).refused("rate_limited").await;
}

#[tokio::test]
async fn a_plain_form_is_told_in_words() {
    let server = strict(Raw { limit_sign_in: Some("60/min burst 1".into()), ..Raw::default() }).await;
    server.person("ada").await;
    let origin = format!("http://{}", server.at.address);
    let form = server.post("//do/sign-in").header("origin", &origin).header("accept", "text/html");
    let answer = form.body("application/x-www-form-urlencoded", "login=ada&password=wrong-password").send().await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (429, "text/html; charset=utf-8"));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.text.contains("Try again in a second."), "{}", answer.text);
}

#[tokio::test]
async fn the_operator_may_switch_it_off() {
    let raw = Raw { rate_limits: Some("off".into()), limit_write: Some("1/h burst 1".into()), ..Raw::default() };
    let server = Server::start_with(raw).await;
    let ada = server.person("ada").await;
    for name in ["Kitchen", "Garden", "Attic"] {
        ada.room(name).await;
    }
    assert_eq!(ada.get("/rooms").send().await.header("ratelimit-limit"), "");
}

#[tokio::test]
async fn who_guesses_at_a_password_is_refused_at_once_and_not_kept_waiting() {
    let server = strict(Raw::default()).await;
    let ada = server.person("ada").await;
    let login = |password: &str| {
        let body = json!({ "login": "ada", "password": password });
        server.post("/auth/login").json(&body)
    };
    for _ in 0..3 {
        login("not-the-password").refused("wrong_credentials").await;
    }
    for wait in [1, 2] {
        let answer = login(PASSWORD).send().await;
        assert_eq!((answer.status.as_u16(), number(&answer, "retry-after")), (429, wait));
        server.clock.advance(i64::from(wait) * 1_000);
        login("not-the-password").refused("wrong_credentials").await;
    }
    // The same in a form comes back to the form, in words.
    let origin = format!("http://{}", server.at.address);
    let form = server.post("//do/sign-in").header("origin", &origin).header("accept", "text/html");
    let answer = form.body("application/x-www-form-urlencoded", format!("login=ada&password={PASSWORD}")).send().await;
    assert_eq!((answer.status.as_u16(), &answer.header("location")[..14]), (303, "/sign-in?__pat"));
    let page = server.get(&format!("/{}", answer.header("location"))).header("accept", "text/html").send().await;
    assert!(page.text.contains("Try again in 4 seconds."), "{}", page.text);
    // Who is signed in is not touched.
    ada.get("/rooms").expect(200).await;
}
