//! Where requests are counted: first by network, before it is known who asks, and then by who does.

use super::{Standing, Tier, Who};
use crate::{
    caller::{self, Identity},
    problem::Failure,
    state::Lair,
};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Network;
use protocol::port::Visitor;
use std::sync::Arc;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const NOW: HeaderName = HeaderName::from_static("ratelimit");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What a script of another site may read of an answer, beside what it always may.
pub const TOLD: [HeaderName; 5] = [POLICY, NOW, LIMIT, REMAINING, RESET];

/// Where passwords, codes and refresh tokens are tried.
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

/// What is asked for with a form's method and changes nothing.
const LOOK: &[&str] =
    &["/do/browse", "/do/history", "/do/members", "/do/message", "/do/open-room", "/do/snapshot", "/do/still-here"];

/// Refuses a network from which far too much comes, whoever is behind it.
pub async fn by_address(State(lair): State<Lair>, request: Request, next: Next) -> Response {
    let Some(pace) = &lair.pace else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let network = caller::address(&lair.config, &parts).map_or(Network::Unknown, Network::of);
    let mut standing = pace.count(Tier::Address, Who::Network(network));
    match standing.refused.take() {
        Some(error) => told(Failure(error).into_response(), &standing),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

/// Refuses who asks too much, and tells everyone how they stand. After [`caller::identify`].
pub async fn by_caller(State(lair): State<Lair>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>();
    let (Some(pace), Some(identity)) = (&lair.pace, identity) else { return next.run(request).await };
    let renewal = identity.renewal();
    let account = identity.caller().map(|caller| caller.user_id).or_else(|| renewal?.owner).map(Who::Account);
    let network = Who::Network(identity.network());
    let mut standing = match (tier(request.method(), request.uri()), account) {
        // Whoever guesses must not have a count of its own with each account that they make.
        (Tier::SignIn, Some(account)) => match pace.count(Tier::SignIn, network) {
            refused if refused.refused.is_some() => refused,
            standing => standing.tighter(pace.count(Tier::SignIn, account)),
        },
        (tier, account) => pace.count(tier, account.unwrap_or(network)),
    };
    // A cookie that is going to be renewed is a secret that is tried. One that we gave out is no guess, so neighbours do
    // not use up each other's renewals.
    if renewal.is_some() && standing.refused.is_none() {
        standing = standing.tighter(pace.count(Tier::SignIn, account.unwrap_or(network)));
    }
    let response = match standing.refused.take() {
        Some(error) => Failure(error).into_response(),
        None => next.run(request).await,
    };
    told(response, &standing)
}

fn tier(method: &Method, uri: &Uri) -> Tier {
    if method.is_safe() || LOOK.contains(&uri.path()) {
        Tier::Read
    } else if SIGN_IN.iter().any(|path| uri.path().starts_with(path)) {
        Tier::SignIn
    } else {
        Tier::Write
    }
}

/// The fields of draft-ietf-httpapi-ratelimit-headers as it is now, and the three of its early days that clients know.
fn told(mut response: Response, standing: &Standing) -> Response {
    let headers = response.headers_mut();
    let now = format!("\"{}\";r={};t={}", standing.name, standing.remaining, standing.reset);
    headers.insert(POLICY, standing.policy.clone());
    headers.extend(HeaderValue::try_from(now).ok().map(|now| (NOW, now)));
    headers.insert(LIMIT, standing.limit.into());
    headers.insert(REMAINING, standing.remaining.into());
    headers.insert(RESET, standing.reset.into());
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The server functions that change something, beside those where something secret is tried.
    const CHANGES: &str = "accept-invitation account-status add-member begin-factor block config create-room \
        decline-invitation delete-message delete-token edit-message end-other-sessions end-session invite join-room leave-room make-reset-link make-token \
        mark-all-read mark-read name-session preferences profile remove-avatar remove-factor remove-member \
        renew-recovery-codes reset-preferences role send-message send-verification sign-out sign-out-person \
        status take-factor unblock withdraw-invitation";

    #[test]
    fn each_request_has_its_tier() {
        let tier = |method: Method, path: &str| tier(&method, &path.parse().unwrap());
        assert_eq!(tier(Method::GET, "/api/v1/rooms"), Tier::Read);
        assert_eq!(tier(Method::GET, "/sign-in"), Tier::Read);
        assert_eq!(tier(Method::POST, "/api/v1/rooms"), Tier::Write);
        assert_eq!(tier(Method::DELETE, "/api/v1/messages/1"), Tier::Write);
        assert_eq!(tier(Method::POST, "/api/v1/auth/login"), Tier::SignIn);
        for form in ["sign-in", "sign-in-code", "sign-up", "deactivate", "confirm-password", "unlock-data", "set-email"]
        {
            assert_eq!(tier(Method::POST, &format!("/do/{form}")), Tier::SignIn, "{form}");
        }
    }

    /// A new server function finds its place here.
    #[test]
    fn each_server_function_has_its_tier() {
        let all: BTreeMap<&str, Method> = leptos::server_fn::axum::server_fn_paths().collect();
        assert!(LOOK.iter().all(|path| all.get(path) == Some(&Method::POST)), "{all:?}");
        for path in SIGN_IN.iter().filter(|path| path.starts_with("/do/")) {
            assert!(all.keys().any(|known| known.starts_with(path)), "{path}");
        }
        let changes = all.iter().filter(|(path, method)| tier(method, &path.parse().unwrap()) == Tier::Write);
        let changes: Vec<_> = changes.filter_map(|(path, _)| path.strip_prefix("/do/")).collect();
        assert_eq!(changes.join(" "), CHANGES);
    }
}
