//! Forged, expired and revoked tokens.

use crate::harness::{PASSWORD, Response, Server, TestUser};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use server::config::RawConfig;

const SECRET: &str = "the secret of a server that is being attacked";

async fn server() -> Server {
    Server::start_with(RawConfig { jwt_secret: Some(SECRET.into()), ..RawConfig::default() }).await
}

/// Base64url without padding (RFC 4648, 5).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<_> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |six: &[u8]| {
        let six = format!("{:0<6}", String::from_utf8_lossy(six));
        char::from(ALPHABET[usize::from_str_radix(&six, 2).unwrap()])
    };
    bits.concat().as_bytes().chunks(6).map(digit).collect()
}

fn token_part(token: &str, n: usize) -> &str {
    token.split('.').nth(n).unwrap()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.expect("a token names its key")
}

fn claims(user: &TestUser) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    json!({ "sub": user.id, "sid": user.session_id, "aud": "lair", "iat": now, "exp": now + 600 })
}

fn sign(header: &Header, claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn header(algorithm: Algorithm, kid: &str) -> Header {
    Header { kid: Some(kid.into()), ..Header::new(algorithm) }
}

#[tokio::test]
async fn only_tokens_with_our_signature_and_algorithm_are_accepted() {
    let server = server().await;
    let ada = server.create_user("ada").await;
    let (kid, good) = (kid(&ada.access_token), claims(&ada));
    // Each forgery below differs from this valid token in one point.
    server.get("/sync").token(&sign(&header(Algorithm::HS256, &kid), &good, SECRET)).expect(200).await;
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sign(&header(Algorithm::HS256, &kid), &claims, SECRET)
    };
    let none = |alg: &str| base64(json!({ "alg": alg, "typ": "JWT", "kid": kid }).to_string().as_bytes());
    let payload = token_part(&ada.access_token, 1);
    let signature = token_part(&ada.access_token, 2);
    let mut forged = vec![
        format!("{}.{payload}.", none("none")),
        format!("{}.{payload}", none("none")),
        format!("{}.{payload}.{signature}", none("none")),
        format!("{}.{payload}.{signature}", none("NONE")),
        format!("{}.{payload}.{signature}", none("RS256")),
        format!("{}.{}.{signature}", token_part(&ada.access_token, 0), base64(good.to_string().as_bytes())),
        sign(&header(Algorithm::HS384, &kid), &good, SECRET),
        sign(&header(Algorithm::HS512, &kid), &good, SECRET),
        sign(&header(Algorithm::HS256, &kid), &good, "another secret that is long enough for this"),
        sign(&header(Algorithm::HS256, &kid), &good, ""),
        sign(&Header::new(Algorithm::HS256), &good, SECRET),
        with("exp", json!(good["iat"].as_u64().unwrap() - 1)),
        with("exp", json!("never")),
        with("exp", Value::Null),
        with("aud", json!("lair-second-step")),
        with("aud", json!(["other", "place"])),
        with("aud", Value::Null),
        with("sid", json!("01890000-0000-7000-8000-000000000000")),
        with("sid", json!("x")),
    ];
    for kid in ["", "0", "../../../../dev/null", "jwt.key", "' or 1=1 --", "\0", &"k".repeat(10_000)] {
        forged.push(sign(&header(Algorithm::HS256, kid), &good, SECRET));
        forged.push(sign(&header(Algorithm::HS256, kid), &good, ""));
    }
    for token in forged.iter().filter(|token| token.len() < 8_000) {
        server.get("/sync").token(token).expect_error("not_signed_in").await;
    }
    // Keys named by URL or embedded in the header are ignored.
    let with_remote_key = Header {
        jku: Some("https://evil.example/keys".into()),
        x5u: Some("https://evil.example/cert".into()),
        ..header(Algorithm::HS256, &kid)
    };
    server
        .get("/sync")
        .token(&sign(&with_remote_key, &good, "a secret that evil.example knows well"))
        .expect_error("not_signed_in")
        .await;
}

#[tokio::test]
async fn a_valid_token_of_an_ended_session_is_rejected() {
    let server = server().await;
    let ada = server.create_user("ada").await;
    let token = sign(&header(Algorithm::HS256, &kid(&ada.access_token)), &claims(&ada), SECRET);
    server.get("/sync").token(&token).expect(200).await;
    ada.request("POST", "/auth/logout").expect(204).await;
    server.get("/sync").token(&token).expect_error("not_signed_in").await;
}

#[tokio::test]
async fn tokens_of_the_old_secret_are_valid_while_both_are_configured() {
    let mut server = server().await;
    let ada = server.create_user("ada").await;
    let new = "the secret that comes after that one and is as long";
    server.raw.jwt_secret = Some(format!("{new},{SECRET}"));
    server.restart().await;
    ada.get("/sync").expect(200).await;
    let later = ada.login_again().await;
    assert_ne!(kid(&later.access_token), kid(&ada.access_token));
    server.raw.jwt_secret = Some(new.into());
    server.restart().await;
    later.get("/sync").expect(200).await;
    ada.get("/sync").expect_error("not_signed_in").await;
    let body = json!({ "refresh_token": ada.refresh_token });
    server.post("/auth/refresh").json(&body).expect(200).await;
}

#[tokio::test]
async fn concurrent_uses_of_one_refresh_token_end_its_session() {
    let server = server().await;
    let ada = server.create_user("ada").await;
    let body = json!({ "refresh_token": ada.refresh_token });
    let tries = (0..8).map(|_| server.post("/auth/refresh").json(&body).send());
    let responses: Vec<Response> = futures::future::join_all(tries).await;
    let refreshed: Vec<_> = responses.iter().filter(|response| response.status == 200).collect();
    assert!(refreshed.len() <= 1, "{refreshed:?}");
    ada.get("/sync").expect_error("not_signed_in").await;
    for response in refreshed {
        let pair = response.json();
        server.get("/sync").token(pair["access_token"].as_str().unwrap()).expect_error("not_signed_in").await;
        let body = json!({ "refresh_token": pair["refresh_token"] });
        server.post("/auth/refresh").json(&body).expect_error("invalid_refresh_token").await;
    }
    let again = ada.login_again().await;
    let notifications = again.get("/notifications").expect(200).await;
    assert!(
        notifications["items"].as_array().unwrap().iter().any(|one| one["kind"] == "session_reuse"),
        "{notifications}"
    );
}

/// Logs in with the form, with these existing cookies.
async fn log_in_with_form(server: &Server, login: &str, cookies: &str) -> Response {
    let origin = format!("http://{}", server.api.address);
    let form = format!("login={login}&password={PASSWORD}");
    let request = server.post("//do/auth/sign-in").header("origin", &origin).header("accept", "text/html");
    request.header("cookie", cookies).body("application/x-www-form-urlencoded", form).send().await
}

fn set_cookie<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let cookies = response.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let mut values = cookies.filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')?.split(';').next());
    values.find(|value| !value.is_empty())
}

#[tokio::test]
async fn login_always_issues_new_cookies() {
    let server = server().await;
    let [ada, mara, ..] = server.create_users().await;
    let planted = format!(
        "lair_access={}; lair_refresh={}; lair_device=0123456789abcdef0123456789abcdef; lair_step=x; lair_shown=y",
        mara.access_token, mara.refresh_token
    );
    let response = log_in_with_form(&server, "ada", &planted).await;
    assert_eq!(response.status, 302, "{response:?}");
    let (access, refresh) =
        (set_cookie(&response, "lair_access").unwrap(), set_cookie(&response, "lair_refresh").unwrap());
    assert!(access != mara.access_token && refresh != mara.refresh_token);
    let me = server.get("/sync").token(access).expect(200).await;
    assert_eq!(me["self"]["id"], ada.id);
    assert_ne!(server.get("/sessions/current").token(access).expect(200).await["id"], ada.session_id);
    assert!(!set_cookie(&response, "lair_device").unwrap().starts_with("0123456789abcdef"));
    // The attacker's own session is unchanged.
    assert_eq!(mara.get("/sync").expect(200).await["self"]["id"], mara.id);
}

#[tokio::test]
async fn a_personal_access_token_is_limited_to_its_scope() {
    let server = server().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    for (scope, can_send, is_admin) in [("read", false, false), ("write", true, false), ("admin", true, true)] {
        let created = ada.post("/tokens", &json!({ "label": scope, "scope": scope })).expect(201).await;
        let token = created["token"].as_str().unwrap().to_owned();
        let session_id = created["id"].as_str().unwrap().to_owned();
        let program = TestUser { access_token: token, session_id, ..ada.clone() };
        program.get("/sync").expect(200).await;
        program.get("/notifications").expect(200).await;
        let message = json!({ "body": "hello", "client_id": scope });
        let send = program.post(&format!("/rooms/{lobby}/messages"), &message);
        let read = program.put("/notifications/read", &json!({}));
        if can_send {
            send.expect(201).await;
            read.expect(204).await;
        } else {
            send.expect_error("forbidden").await;
            read.expect_error("forbidden").await;
            program.post("/rooms", &json!({ "name": "Den" })).expect_error("forbidden").await;
        }
        let config = program.get("/admin/config");
        if is_admin {
            config.expect(200).await
        } else {
            config.expect_error("forbidden").await
        };
        // No access token can manage credentials.
        program.post("/tokens", &json!({ "label": "more", "scope": "read" })).expect_error("forbidden").await;
        program.delete(&format!("/tokens/{}", created["id"].as_str().unwrap())).expect_error("forbidden").await;
        program.delete(&format!("/sessions/{}", ada.session_id)).expect_error("forbidden").await;
        program.request("POST", "/sessions/terminate-all").expect_error("forbidden").await;
        program.put("/sessions/current", &json!({ "label": "x" })).expect_error("forbidden").await;
        program.get("/auth/second-factor").expect_error("forbidden").await;
        program.request("POST", "/auth/second-factor").expect_error("forbidden").await;
        program.post("/auth/second-factor/remove", &json!({ "code": "000000" })).expect_error("forbidden").await;
        program.post("/auth/second-factor/confirm", &json!({ "code": "000000" })).expect_error("forbidden").await;
        let code = json!({ "code": "000000" });
        program.post("/auth/second-factor/recovery-codes", &code).expect_error("forbidden").await;
        program.post("/auth/confirm-password", &json!({ "password": PASSWORD })).expect_error("forbidden").await;
        let mut socket = program.listen(None).await;
        ada.delete(&format!("/tokens/{}", created["id"].as_str().unwrap())).expect(204).await;
        assert_eq!(socket.wait_for_close().await.0, 4001);
        program.get("/sync").expect_error("not_signed_in").await;
    }
    mara.post("/tokens", &json!({ "label": "x", "scope": "admin" })).expect_error("forbidden").await;
    mara.post("/tokens", &json!({ "label": "x", "scope": "full" })).expect_field_error("scope", "invalid").await;
}
