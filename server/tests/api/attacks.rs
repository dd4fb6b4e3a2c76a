//! What strangers try, across all endpoints. What belongs to one endpoint is tested beside it.

use crate::harness::{PASSWORD, Server};
use serde_json::json;
use std::time::{Duration, Instant};

/// Pairs that are compared: by chance alone, one side is the slower of nearly all of them once in a million runs.
const PAIRS: usize = 24;

/// Whether two questions take so differently long that their answers give something away: one is slower nearly always, and
/// not by a little. Asked in turns, so that whatever else the machine does slows both.
async fn timing_difference<F: Future<Output = ()>>(
    one: impl Fn() -> F,
    other: impl Fn() -> F,
) -> Option<(Duration, Duration)> {
    let timed = async |question: F| {
        let begun = Instant::now();
        question.await;
        begun.elapsed()
    };
    let mut pairs = Vec::new();
    for turn in 0..PAIRS {
        // Who goes first changes, so that nobody profits from what the first one warmed up.
        let (first, second) = if turn % 2 == 0 { (one(), other()) } else { (other(), one()) };
        let (first, second) = (timed(first).await, timed(second).await);
        pairs.push(if turn % 2 == 0 { (first, second) } else { (second, first) });
    }
    let slower = pairs.iter().filter(|(one, other)| one > other).count();
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let (one, other) = pairs.into_iter().unzip();
    let (one, other) = (median(one), median(other));
    let (long, short) = (one.max(other), one.min(other));
    let nearly_always = slower.min(PAIRS - slower) <= 1;
    (nearly_always && long > short + short / 4).then_some((one, other))
}

#[tokio::test]
async fn response_times_do_not_reveal_whether_an_account_exists() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let login = |login: &'static str, password: String| {
        let ask = server.post("/auth/login").json(&json!({ "login": login, "password": password }));
        async { drop(ask.expect_error("wrong_credentials").await) }
    };
    let wrong = || PASSWORD.replace('h', "g");
    let difference = timing_difference(|| login("ada", wrong()), || login("nobody", wrong())).await;
    assert_eq!(difference, None, "a known and an unknown username");
    let difference = timing_difference(|| login("ada", wrong()), || login("nobody@nowhere.example", wrong())).await;
    assert_eq!(difference, None, "a known username and an unknown e-mail address");
    let difference = timing_difference(|| login("ada", "x".repeat(1000)), || login("nobody", "x".repeat(1000))).await;
    assert_eq!(difference, None, "a password beyond the maximum length");
}

#[tokio::test]
async fn the_timing_measurement_detects_a_difference() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let quick = || {
        let ask = server.get("/health");
        async { drop(ask.expect(200).await) }
    };
    let slow = || {
        let ask = server.post("/auth/login").json(&json!({ "login": "ada", "password": "wrong" }));
        async { drop(ask.expect_error("wrong_credentials").await) }
    };
    assert!(
        timing_difference(|| futures::future::Either::Left(quick()), || futures::future::Either::Right(slow()))
            .await
            .is_some()
    );
}

#[tokio::test]
async fn paths_and_parameters_cannot_inject_response_headers() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for path in
        ["/users/username/x%0d%0aset-cookie:%20a=b", "//sign-in?next=%2f%0d%0aset-cookie:%20a=b", "/%0d%0ax:%20y"]
    {
        let answer = ada.get(path).send().await;
        assert_eq!((answer.header("set-cookie"), answer.header("x")), ("", ""), "{path}");
    }
    // A form leads on only to places of this site, whatever it was told.
    let own = format!("http://{}", server.api.address);
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aset-cookie:%20a=b", "/a\r\nx: y"]
    {
        let form = serde_urlencoded::to_string([("login", "ada"), ("password", PASSWORD), ("next", next)]).unwrap();
        let ask = server.post("//do/sign-in").header("origin", &own).header("accept", "text/html");
        let answer = ask.body("application/x-www-form-urlencoded", form).send().await;
        assert_eq!(answer.status, 302, "{next}: {}", answer.text);
        let place = answer.header("location");
        assert!(place == "/" || place == "/%0d%0aset-cookie:%20a=b", "{next}: {place}");
        assert!(answer.headers.get_all("set-cookie").iter().all(|cookie| cookie.as_bytes().starts_with(b"lair_")));
    }
}
