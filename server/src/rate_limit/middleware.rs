//! Middleware that counts requests: first by network, before the caller is known, and then by caller.

use super::{Bucket, Decision, RateKey};
use crate::{
    caller::{self, Identity},
    input,
    problem::{self, ErrorResponse, UnsentText},
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

/// Path prefix of the server functions that take a POST but change nothing.
const READ: &str = "/do/read/";

/// Paths of the forms with the text of a message.
const MESSAGE_FORMS: [&str; 2] = ["/do/send-message", "/do/edit-message"];

/// Path prefixes of the routes that take a password, code or token.
const SIGN_IN: &[&str] = &["/do/auth/", "/api/v1/auth/", "/api/v1/users/deactivate", "/api/v1/users/email"];

/// Rejects requests from a network that sends far too many, whichever users they are from.
pub async fn limit_by_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(limiter) = &state.rate_limiter else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let network = caller::address(&state.config, &parts).map_or(Network::Unknown, Network::from_ip);
    let mut decision = limiter.check(Bucket::Address, RateKey::Network(network));
    match decision.refused.take() {
        Some(error) => add_headers(ErrorResponse(error).into_response(), &decision),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

/// Rejects requests over a caller's limit, and adds rate limit headers to every response. After [`caller::identify`].
pub async fn limit_by_caller(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>();
    let (Some(limiter), Some(identity)) = (&state.rate_limiter, identity) else { return next.run(request).await };
    let renewal = identity.pending_refresh();
    let account = identity.caller().map(|caller| caller.user_id).or_else(|| renewal?.owner).map(RateKey::Account);
    let network = RateKey::Network(identity.network());
    let mut decision = match (bucket(request.method(), request.uri()), account) {
        // Also counted by network: an attacker must not get a new allowance with each account that they create.
        (Bucket::SignIn, Some(account)) => match limiter.check(Bucket::SignIn, network) {
            network_decision if network_decision.refused.is_some() => network_decision,
            network_decision => network_decision.stricter(limiter.check(Bucket::SignIn, account)),
        },
        (bucket, account) => limiter.check(bucket, account.unwrap_or(network)),
    };
    // A refresh cookie is a secret that could be guessed, so it counts as an attempt to sign in. A valid one is counted
    // by account, so that neighbours do not use up each other's refreshes.
    if renewal.is_some() && decision.refused.is_none() {
        decision = decision.stricter(limiter.check(Bucket::SignIn, account.unwrap_or(network)));
    }
    let response = match decision.refused.take() {
        Some(error) => with_unsent_text(request, ErrorResponse(error).into_response()).await,
        None => next.run(request).await,
    };
    add_headers(response, &decision)
}

/// Gives the text of a message back that was submitted without JavaScript, so that it is not lost.
async fn with_unsent_text(request: Request, mut response: Response) -> Response {
    if MESSAGE_FORMS.contains(&request.uri().path())
        && problem::accepts_html(request.headers())
        && let Ok((_, form)) = input::collect_body(request).await
        && let Some((_, text)) = form_urlencoded::parse(&form).find(|(name, _)| name == "body")
    {
        response.extensions_mut().insert(UnsentText(text.into_owned()));
    }
    response
}

fn bucket(method: &Method, uri: &Uri) -> Bucket {
    if method.is_safe() || uri.path().starts_with(READ) {
        Bucket::Read
    } else if SIGN_IN.iter().any(|prefix| uri.path().starts_with(prefix)) {
        Bucket::SignIn
    } else {
        Bucket::Write
    }
}

/// The fields of the current draft-ietf-httpapi-ratelimit-headers, and the three of its early versions that clients
/// know.
fn add_headers(mut response: Response, decision: &Decision) -> Response {
    let headers = response.headers_mut();
    let now = format!("\"{}\";r={};t={}", decision.name, decision.remaining, decision.reset);
    headers.insert(POLICY, decision.policy.clone());
    headers.extend(HeaderValue::try_from(now).ok().map(|now| (RATELIMIT, now)));
    headers.insert(LIMIT, decision.limit.into());
    headers.insert(REMAINING, decision.remaining.into());
    headers.insert(RESET, decision.reset.into());
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The server functions that change nothing.
    const READ_FUNCTIONS: &str = "check-session fragment get-message get-snapshot list-messages open-room profile-card \
        rate-password suggest-members";

    /// The server functions that take a password, code or token.
    const SIGN_IN_FUNCTIONS: &str = "change-password confirm-password confirm-second-factor deactivate-user \
        forgot-password remove-email remove-second-factor renew-recovery-codes reset-password set-email sign-in \
        sign-up submit-totp unlock-export verify-email";

    /// All other server functions.
    const WRITE_FUNCTIONS: &str = "accept-invitation add-member archive-room ban-user begin-second-factor block-user \
        clear-unread create-account-invitation create-reset-link create-room create-token \
        decline-invitation delete-message delete-room delete-token edit-message \
        end-account-sessions end-other-sessions end-session join-room leave-room mark-read \
        mark-unread mute-member open-direct-room read-all-notifications \
        remove-account-second-factor remove-avatar remove-member rename-session replace-settings \
        reset-room-permissions reset-settings restore-member restore-room restore-unread \
        revoke-account-invitation revoke-room-invitation send-message send-verification \
        set-account-status set-config set-favorite set-role set-room-notifications \
        set-room-permissions set-room-role set-status sign-out transfer-room unban-user \
        unblock-user unmute-member update-profile update-room";

    #[test]
    fn each_request_has_its_bucket() {
        let bucket = |method: Method, path: &str| bucket(&method, &path.parse().unwrap());
        assert_eq!(bucket(Method::GET, "/api/v1/rooms"), Bucket::Read);
        assert_eq!(bucket(Method::GET, "/sign-in"), Bucket::Read);
        assert_eq!(bucket(Method::POST, "/api/v1/rooms"), Bucket::Write);
        assert_eq!(bucket(Method::DELETE, "/api/v1/messages/1"), Bucket::Write);
        assert_eq!(bucket(Method::POST, "/api/v1/auth/login"), Bucket::SignIn);
        assert_eq!(bucket(Method::POST, "/api/v1/users/deactivate"), Bucket::SignIn);
        assert_eq!(bucket(Method::PUT, "/api/v1/users/email"), Bucket::SignIn);
        for form in
            ["sign-in", "submit-totp", "sign-up", "deactivate-user", "confirm-password", "unlock-export", "set-email"]
        {
            assert_eq!(bucket(Method::POST, &format!("/do/auth/{form}")), Bucket::SignIn, "{form}");
        }
        assert_eq!(bucket(Method::POST, "/do/read/get-snapshot"), Bucket::Read);
        assert_eq!(bucket(Method::POST, "/do/send-verification"), Bucket::Write);
        assert_eq!(bucket(Method::POST, "/do/read-all-notifications"), Bucket::Write);
    }

    /// A new server function must be added to one of the lists.
    #[test]
    fn each_server_function_has_its_bucket() {
        let all: BTreeMap<&str, Method> = leptos::server_fn::axum::server_fn_paths().collect();
        for (expected, prefix, functions) in [
            (Bucket::Read, "/do/read/", READ_FUNCTIONS),
            (Bucket::SignIn, "/do/auth/", SIGN_IN_FUNCTIONS),
            (Bucket::Write, "/do/", WRITE_FUNCTIONS),
        ] {
            let paths = all.iter().filter(|(path, method)| bucket(method, &path.parse().unwrap()) == expected);
            let names: Vec<_> = paths.map(|(path, _)| path.strip_prefix(prefix).unwrap_or(path)).collect();
            assert_eq!(names.join(" "), functions, "{expected:?}");
        }
        // Only these parts of pages are fetched with a GET.
        let other: Vec<_> = all.iter().filter(|(_, method)| **method != Method::POST).collect();
        assert_eq!(other, [(&"/do/read/profile-card", &Method::GET), (&"/do/read/suggest-members", &Method::GET)]);
    }
}
