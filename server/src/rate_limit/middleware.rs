//! Middleware that counts requests: first by network, before the caller is known, and then by caller.

use super::{Bucket, Decision, RateKey};
use crate::{
    caller::{self, Identity},
    problem::ErrorResponse,
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Network;
use protocol::port::BrowserSession;
use std::sync::Arc;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Response headers that scripts of other sites may read, in addition to the default ones.
pub const EXPOSED_HEADERS: [HeaderName; 5] = [POLICY, RATELIMIT, LIMIT, REMAINING, RESET];

/// Routes that take passwords, codes and refresh tokens.
const SIGN_IN: &[&str] = &[
    "/api/v1/auth/",
    "/api/v1/users/deactivate",
    "/api/v1/users/email",
    "/do/sign-in",
    "/do/sign-up",
    "/do/change-password",
    "/do/confirm-factor",
    "/do/confirm-password",
    "/do/deactivate",
    "/do/forgot-password",
    "/do/remove-email",
    "/do/reset-password",
    "/do/set-email",
    "/do/unlock-data",
    "/do/verify-email",
];

/// Routes that take a POST but change nothing.
const READ_ONLY: &[&str] =
    &["/do/browse", "/do/history", "/do/members", "/do/message", "/do/open-room", "/do/snapshot", "/do/still-here"];

/// Rejects requests from a network that sends far too many, whoever the callers are.
pub async fn limit_by_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(pace) = &state.rate_limiter else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let network = caller::address(&state.config, &parts).map_or(Network::Unknown, Network::from_ip);
    let mut decision = pace.check(Bucket::Address, RateKey::Network(network));
    match decision.refused.take() {
        Some(error) => add_headers(ErrorResponse(error).into_response(), &decision),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

/// Rejects requests over a caller's limit, and adds rate limit headers to every response. After [`caller::identify`].
pub async fn limit_by_caller(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>();
    let (Some(pace), Some(identity)) = (&state.rate_limiter, identity) else { return next.run(request).await };
    let renewal = identity.pending_refresh();
    let account = identity.caller().map(|caller| caller.user_id).or_else(|| renewal?.owner).map(RateKey::Account);
    let network = RateKey::Network(identity.network());
    let mut decision = match (bucket(request.method(), request.uri()), account) {
        // Also counted by network: an attacker must not get a new allowance with each account that they create.
        (Bucket::SignIn, Some(account)) => match pace.check(Bucket::SignIn, network) {
            refused if refused.refused.is_some() => refused,
            standing => standing.stricter(pace.check(Bucket::SignIn, account)),
        },
        (tier, account) => pace.check(tier, account.unwrap_or(network)),
    };
    // A refresh cookie is a secret that could be guessed, so it counts as an attempt to sign in. A valid one is counted
    // by account, so that neighbours do not use up each other's refreshes.
    if renewal.is_some() && decision.refused.is_none() {
        decision = decision.stricter(pace.check(Bucket::SignIn, account.unwrap_or(network)));
    }
    let response = match decision.refused.take() {
        Some(error) => ErrorResponse(error).into_response(),
        None => next.run(request).await,
    };
    add_headers(response, &decision)
}

fn bucket(method: &Method, uri: &Uri) -> Bucket {
    if method.is_safe() || READ_ONLY.contains(&uri.path()) {
        Bucket::Read
    } else if SIGN_IN.iter().any(|path| uri.path().starts_with(path)) {
        Bucket::SignIn
    } else {
        Bucket::Write
    }
}

/// The fields of the current draft-ietf-httpapi-ratelimit-headers, and the three of its early versions that clients
/// know.
fn add_headers(mut response: Response, standing: &Decision) -> Response {
    let headers = response.headers_mut();
    let now = format!("\"{}\";r={};t={}", standing.name, standing.remaining, standing.reset);
    headers.insert(POLICY, standing.policy.clone());
    headers.extend(HeaderValue::try_from(now).ok().map(|now| (RATELIMIT, now)));
    headers.insert(LIMIT, standing.limit.into());
    headers.insert(REMAINING, standing.remaining.into());
    headers.insert(RESET, standing.reset.into());
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The server functions that change something, except those that take a secret.
    const WRITE_FUNCTIONS: &str = "accept-invitation account-status add-member begin-factor block config create-room \
        decline-invitation delete-message delete-token edit-message end-other-sessions end-session invite join-room leave-room make-reset-link make-token \
        mark-all-read mark-read name-session preferences profile remove-avatar remove-factor remove-member \
        renew-recovery-codes reset-preferences role send-message send-verification sign-out sign-out-person \
        status take-factor unblock withdraw-invitation";

    #[test]
    fn each_request_has_its_bucket() {
        let bucket = |method: Method, path: &str| bucket(&method, &path.parse().unwrap());
        assert_eq!(bucket(Method::GET, "/api/v1/rooms"), Bucket::Read);
        assert_eq!(bucket(Method::GET, "/sign-in"), Bucket::Read);
        assert_eq!(bucket(Method::POST, "/api/v1/rooms"), Bucket::Write);
        assert_eq!(bucket(Method::DELETE, "/api/v1/messages/1"), Bucket::Write);
        assert_eq!(bucket(Method::POST, "/api/v1/auth/login"), Bucket::SignIn);
        for form in ["sign-in", "sign-in-code", "sign-up", "deactivate", "confirm-password", "unlock-data", "set-email"]
        {
            assert_eq!(bucket(Method::POST, &format!("/do/{form}")), Bucket::SignIn, "{form}");
        }
    }

    /// A new server function must be added to one of the lists.
    #[test]
    fn each_server_function_has_its_bucket() {
        let all: BTreeMap<&str, Method> = leptos::server_fn::axum::server_fn_paths().collect();
        assert!(READ_ONLY.iter().all(|path| all.get(path) == Some(&Method::POST)), "{all:?}");
        for path in SIGN_IN.iter().filter(|path| path.starts_with("/do/")) {
            assert!(all.keys().any(|known| known.starts_with(path)), "{path}");
        }
        let changes = all.iter().filter(|(path, method)| bucket(method, &path.parse().unwrap()) == Bucket::Write);
        let changes: Vec<_> = changes.filter_map(|(path, _)| path.strip_prefix("/do/")).collect();
        assert_eq!(changes.join(" "), WRITE_FUNCTIONS);
    }
}
