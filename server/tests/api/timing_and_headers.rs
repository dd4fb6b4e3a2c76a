//! Response times and injected headers. Attacks on a single endpoint are tested with that endpoint.

use crate::harness::{PASSWORD, Server};
use serde_json::json;
use std::time::{Duration, Instant};

/// Number of compared pairs: by chance, one side is slower in nearly all of them once in a million runs.
const PAIRS: usize = 24;

/// Whether the response times of two requests differ measurably: one is slower nearly always, and not by a little. They
/// are sent alternately, so that other load on the machine slows both.
async fn timing_difference<F: Future<Output = ()>>(
    one: impl Fn() -> F,
    other: impl Fn() -> F,
) -> Option<(Duration, Duration)> {
    let timed = async |question: F| {
        let started = Instant::now();
        question.await;
        started.elapsed()
    };
    let mut pairs = Vec::new();
    for turn in 0..PAIRS {
        // The order alternates, so that neither benefits from caches that the other one filled.
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
        let request = server.post("/auth/login").json(&json!({ "login": login, "password": password }));
        async { drop(request.expect_error("wrong_credentials").await) }
    };
    let wrong = || PASSWORD.replace('h', "g");
    let difference = timing_difference(|| login("ada", wrong()), || login("nobody", wrong())).await;
    assert_eq!(difference, None, "a known and an unknown username");
    let difference = timing_difference(|| login("ada", wrong()), || login("nobody@nowhere.example", wrong())).await;
    assert_eq!(difference, None, "a known username and an unknown email address");
    let difference = timing_difference(|| login("ada", "x".repeat(1000)), || login("nobody", "x".repeat(1000))).await;
    assert_eq!(difference, None, "a password beyond the maximum length");
}

#[tokio::test]
async fn the_timing_measurement_detects_a_difference() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let quick = || {
        let request = server.get("/health");
        async { drop(request.expect(200).await) }
    };
    let slow = || {
        let request = server.post("/auth/login").json(&json!({ "login": "ada", "password": "wrong" }));
        async { drop(request.expect_error("wrong_credentials").await) }
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
        let response = ada.get(path).send().await;
        assert_eq!((response.header("set-cookie"), response.header("x")), ("", ""), "{path}");
    }
    // A form redirects only to paths of this site.
    let own = format!("http://{}", server.api.address);
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aset-cookie:%20a=b", "/a\r\nx: y"]
    {
        let form = serde_urlencoded::to_string([("login", "ada"), ("password", PASSWORD), ("next", next)]).unwrap();
        let request = server.post("//do/auth/sign-in").header("origin", &own).header("accept", "text/html");
        let response = request.body("application/x-www-form-urlencoded", form).send().await;
        assert_eq!(response.status, 302, "{next}: {}", response.text);
        let location = response.header("location");
        assert!(location == "/" || location == "/%0d%0aset-cookie:%20a=b", "{next}: {location}");
        assert!(response.headers.get_all("set-cookie").iter().all(|cookie| cookie.as_bytes().starts_with(b"lair_")));
    }
}
