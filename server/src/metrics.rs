//! `/metrics` in the text format of Prometheus, for who has the token of the configuration. Without one there is no such
//! page.

use crate::{problem::ErrorResponse, request, state::AppState};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::FollowerStatus;
use protocol::error::{Code, Error};
use std::fmt::Write as _;

/// The media type of the format.
const TEXT: (header::HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");

/// The route, if the configuration has a token.
pub fn router(state: &AppState) -> Router {
    if state.config.metrics_token.is_none() {
        return Router::new();
    }
    let metrics = get(show_metrics).layer(middleware::from_fn(request::skip_access_log));
    Router::new().route("/metrics", metrics).with_state(state.clone())
}

async fn show_metrics(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ErrorResponse> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if !state.config.metrics_token.as_deref().is_some_and(|token| is_same(token, given)) {
        let detail = "The metrics need the token of the setting metrics-token, as Authorization: Bearer.";
        return Err(Error::new(Code::NotSignedIn, detail).into());
    }
    let (newest, followers) = state.service.list_followers().await?;
    Ok(([TEXT], text(newest, &followers)).into_response())
}

/// Compares secrets in a time that does not depend on where they differ.
fn is_same(secret: &str, given: &str) -> bool {
    let differences = secret.bytes().zip(given.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    secret.len() == given.len() && differences == 0
}

/// A measurement: its name, type and description, and the value of a follower.
type Measurement = (&'static str, &'static str, &'static str, fn(&FollowerStatus) -> Option<i64>);

const OF_FOLLOWERS: [Measurement; 4] = [
    ("lair_follower_position", "counter", "Position of the last event that was followed.", |one| one.position),
    ("lair_follower_lag", "gauge", "Events that the follower is behind.", |one| one.position.map(|_| one.lag)),
    ("lair_follower_attempts", "gauge", "Failures of the follower's next event.", |one| Some(one.attempts)),
    ("lair_follower_set_aside_events", "gauge", "Events that could not be applied, up to 1000.", |one| {
        Some(one.set_aside)
    }),
];

/// The metrics as text.
fn text(newest: i64, followers: &[FollowerStatus]) -> String {
    let mut text = format!(
        "# HELP lair_position Position of the last event.\n# TYPE lair_position counter\nlair_position {newest}\n"
    );
    for (name, kind, help, value) in OF_FOLLOWERS {
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (follower, value) in followers.iter().filter_map(|one| Some((&one.name, value(one)?))) {
            let _ = writeln!(text, "{name}{{follower=\"{follower}\"}} {value}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_follower_has_its_lag_and_failures() {
        let follower = |name: &str, position| FollowerStatus {
            name: name.into(),
            position,
            lag: 2,
            attempts: 1,
            rebuild: false,
            set_aside: 3,
            last_error: None,
            ran_at: None,
        };
        let text = text(9, &[follower("search", Some(7)), follower("clean-up", None)]);
        for line in [
            "lair_position 9",
            "# TYPE lair_follower_lag gauge",
            "lair_follower_position{follower=\"search\"} 7",
            "lair_follower_lag{follower=\"search\"} 2",
            "lair_follower_attempts{follower=\"clean-up\"} 1",
            "lair_follower_set_aside_events{follower=\"clean-up\"} 3",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}: {text}");
        }
        assert!(!text.contains("lag{follower=\"clean-up\"}"), "{text}");
    }

    #[test]
    fn secrets_are_the_same_only_as_a_whole() {
        assert!(is_same("secret", "secret"));
        for given in ["", "secre", "secret2", "Secret", "secreT"] {
            assert!(!is_same("secret", given), "{given}");
        }
    }
}
