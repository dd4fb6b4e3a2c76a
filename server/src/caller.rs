//! Authentication: the caller is found once per request, from a Bearer token or the browser's cookies. A handler that
//! takes [`SignedIn`] requires a caller.

mod cookies;
mod host;
mod origin;
mod page_user;
mod renewal;

pub use host::require_own_host;
pub use origin::{require_same_origin, require_socket_origin};
pub use page_user::{OtherUser, require_form_user, require_page_user};
pub use renewal::{PendingRefresh, refresh};

use crate::{
    config::ServerConfig,
    log,
    problem::{ErrorResponse, Reply},
    state::AppState,
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Network, audit};
use protocol::{
    clock::{BrowserClock, CLOCK_COOKIE},
    error::{Code, Error, Result},
    id::UserId,
    port::BrowserSession,
    session::{Caller, Client, Tokens},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// The peer address of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The kind of credential that a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// No credential.
    None,
    /// `Authorization: Bearer`.
    Bearer,
    /// The browser's cookies, which it also sends when another site triggers the request.
    Cookie,
}

/// The identity of one request.
pub struct Identity {
    caller: OnceLock<Caller>,
    pending_refresh: Option<PendingRefresh>,
    client: Client,
    network: Network,
    /// The device cookie, empty if the browser has none yet.
    device_cookie: String,
    /// Proves that the password was right, while the code is still required.
    login_step: Option<String>,
    /// A secret that the previous form created.
    flash: Option<String>,
    /// What was typed into the previous form.
    typed: Option<String>,
    /// What the browser says of its time zone.
    browser_clock: Option<BrowserClock>,
    /// The kind of credential, whether or not it was valid.
    pub credential: CredentialKind,
    cookie_changes: Mutex<Vec<cookies::CookieChange>>,
    /// Why a page or form was refused.
    refusal: OnceLock<Error>,
}

// It contains secrets: none of them may reach a log, not even by accident.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("caller", &self.caller)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

impl BrowserSession for Identity {
    fn caller(&self) -> Option<Caller> {
        self.caller.get().copied()
    }

    fn client(&self) -> Client {
        Client { device_cookie: Some(self.device_cookie.clone()), ..self.client.clone() }
    }

    fn set_tokens(&self, tokens: &Tokens) {
        self.change_cookies(cookies::CookieChange::pair(tokens));
        self.clear_login_step();
        self.clear_flash();
    }

    fn clear_tokens(&self) {
        self.change_cookies(cookies::CookieChange::Clear);
        self.clear_login_step();
        self.clear_flash();
    }

    fn login_step(&self) -> Option<String> {
        self.login_step.clone()
    }

    fn set_login_step(&self, step: String) {
        self.change_cookies(cookies::CookieChange::LoginStep(step));
    }

    fn take_flash(&self) -> Option<String> {
        self.flash.clone().inspect(|_| self.change_cookies(cookies::CookieChange::Flash(None)))
    }

    fn set_flash(&self, secret: &str) {
        self.change_cookies(cookies::CookieChange::Flash(Some(secret.to_owned())));
    }

    fn take_typed(&self) -> Option<String> {
        self.typed.clone().inspect(|_| self.change_cookies(cookies::CookieChange::Typed(None)))
    }

    fn set_typed(&self, signed: &str) {
        self.change_cookies(cookies::CookieChange::Typed(Some(signed.to_owned())));
    }

    fn record_refusal(&self, error: &Error) {
        // The first one is enough.
        let _ = self.refusal.set(error.clone());
    }
}

impl Identity {
    /// The network of the client.
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The time zone and hour cycle that the browser claims to have. Whether the time zone exists is not checked.
    pub const fn browser_clock(&self) -> Option<&BrowserClock> {
        self.browser_clock.as_ref()
    }

    /// The refresh cookie, while it is not known yet whether it will be exchanged.
    pub const fn pending_refresh(&self) -> Option<&PendingRefresh> {
        self.pending_refresh.as_ref()
    }

    /// The user whose session the request has, if any: also one that has yet to be refreshed.
    fn owner(&self) -> Option<UserId> {
        let caller = self.caller().map(|caller| caller.user_id);
        caller.or_else(|| self.pending_refresh.as_ref()?.owner)
    }

    /// Sets the caller, once it is known.
    fn set_caller(&self, caller: Option<Caller>) {
        if let Some(caller) = caller {
            log::note_user(caller.user_id);
            // A request has one caller, so it is set once.
            let _ = self.caller.set(caller);
        }
    }

    /// After signing in or out, no code is awaited any more.
    fn clear_login_step(&self) {
        if self.login_step.is_some() {
            self.change_cookies(cookies::CookieChange::LoginStep(String::new()));
        }
    }

    /// A pending secret belongs to the previous user, and so does what was typed.
    fn clear_flash(&self) {
        if self.flash.is_some() {
            self.change_cookies(cookies::CookieChange::Flash(None));
        }
        if self.typed.is_some() {
            self.change_cookies(cookies::CookieChange::Typed(None));
        }
    }

    fn change_cookies(&self, change: cookies::CookieChange) {
        self.cookie_changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    async fn find(state: &AppState, request: &Parts) -> Result<Self> {
        let (headers, address) = (&request.headers, address(&state.config, request));
        let network = address.map_or(Network::Unknown, Network::from_ip);
        let client = client(address, headers);
        let secure = origin::is_secure(&state.config, request);
        let cookie = |name| cookies::read(headers, name, secure);
        let device = cookie(cookies::DEVICE).unwrap_or_default().to_owned();
        let step = cookie(cookies::LOGIN_STEP).map(str::to_owned);
        let flash = cookie(cookies::FLASH).map(str::to_owned);
        let typed = cookie(cookies::TYPED).map(str::to_owned);
        let browser_clock = cookie(CLOCK_COOKIE).and_then(BrowserClock::parse);
        let (credential, changes) = (CredentialKind::None, Mutex::default());
        let (caller, renewal, refusal) = (OnceLock::new(), None, OnceLock::new());
        let mut identity = Self {
            caller,
            pending_refresh: renewal,
            client,
            network,
            device_cookie: device,
            login_step: step,
            flash,
            typed,
            browser_clock,
            credential,
            cookie_changes: changes,
            refusal,
        };
        if let Some(token) = bearer(headers) {
            identity.credential = CredentialKind::Bearer;
            identity.set_caller(unless_unauthorized(state.service.authenticate(token).await)?);
            return Ok(identity);
        }
        let (access, refresh) = (cookie(cookies::ACCESS), cookie(cookies::REFRESH));
        if access.is_some() || refresh.is_some() {
            identity.credential = CredentialKind::Cookie;
        }
        if let Some(token) = access {
            identity.set_caller(unless_unauthorized(state.service.authenticate(token).await)?);
        }
        if let (None, Some(token)) = (identity.caller(), refresh) {
            let renewal = PendingRefresh::find(state, token).await?;
            if renewal.owner.is_none() {
                // Only the cookies of the session are cleared: a login step in progress continues.
                identity.change_cookies(cookies::CookieChange::Clear);
            }
            identity.pending_refresh = Some(renewal);
        }
        Ok(identity)
    }
}

/// An invalid token means that nobody is signed in; other errors are passed on.
fn unless_unauthorized<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code.status() == 401 => Ok(None),
        Err(error) => Err(error),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The client's address: the nearest hop that is not one of our own proxies.
pub fn address(config: &ServerConfig, request: &Parts) -> Option<IpAddr> {
    let headers = &request.headers;
    let ours = |ip: &IpAddr| config.trusted_proxies.iter().any(|network| network.contains(ip));
    let mut ip = request.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
    if ip.as_ref().is_some_and(ours) {
        let hops = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
        for hop in hops.flat_map(|value| value.rsplit(',')) {
            let Some(hop) = parse_hop(hop.trim()) else { break };
            ip = Some(hop.to_canonical());
            if !ours(&hop) {
                break;
            }
        }
    }
    ip
}

/// Some proxies add the port, and some the brackets that an IPv6 address with a port needs.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    text.parse().ok().or_else(|| text.parse().ok().map(|hop: SocketAddr| hop.ip())).or_else(bare)
}

fn client(address: Option<IpAddr>, headers: &HeaderMap) -> Client {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ip = address.map(|address| address.to_string()).unwrap_or_default();
    Client { ip, user_agent: agent.chars().take(256).collect(), device_cookie: None }
}

/// Identifies the caller, and sets refreshed or changed cookies on the response. For everything but files.
pub async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let identity = match Identity::find(&state, &parts).await {
        Ok(identity) => Arc::new(identity),
        Err(error) => return ErrorResponse(error).into_response(),
    };
    parts.extensions.insert(identity.clone());
    let secure = origin::is_secure(&state.config, &parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(error) = identity.refusal.get() {
        audit::permission_denied(error);
    }
    let changes = std::mem::take(&mut *identity.cookie_changes.lock().unwrap_or_else(PoisonError::into_inner));
    cookies::write(response.headers_mut(), changes, secure);
    response
}

/// The identity that [`identify`] found.
pub fn identity(parts: &Parts) -> Result<Arc<Identity>> {
    parts.extensions.get::<Arc<Identity>>().cloned().ok_or_else(|| {
        tracing::error!("a route requires the caller, but authentication did not run");
        Error::internal()
    })
}

/// A signed-in caller.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Reply<Self> {
        let identity = identity(parts)?;
        let detail = match identity.credential {
            CredentialKind::None => "Sign in first, and send the header Authorization: Bearer <access token>.",
            CredentialKind::Bearer => "Invalid or expired access token. Refresh it, or sign in again.",
            CredentialKind::Cookie => "Your session has ended. Sign in again.",
        };
        Ok(Self(identity.caller().ok_or_else(|| Error::new(Code::NotSignedIn, detail))?))
    }
}

/// The client of a request, signed in or not.
#[derive(Clone, Debug)]
pub struct ClientInfo(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for ClientInfo {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Reply<Self> {
        Ok(Self(identity(parts)?.client.clone()))
    }
}

/// The whole identity, for handlers that change cookies or need the kind of credential.
#[derive(Clone, Debug)]
pub struct RequestIdentity(pub Arc<Identity>);

impl<S: Send + Sync> FromRequestParts<S> for RequestIdentity {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Reply<Self> {
        Ok(Self(identity(parts)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;

    fn ip(peer: &str, forwarded: &[&str]) -> String {
        let raw = RawConfig { trusted_proxies: Some(vec!["10.0.0.0/8".into(), "::1".into()]), ..RawConfig::default() };
        let mut request = axum::http::Request::new(());
        for value in forwarded {
            request.headers_mut().append("x-forwarded-for", value.parse().unwrap());
        }
        request.extensions_mut().insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
        address(&raw.check().unwrap(), &request.into_parts().0).unwrap().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(ip("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(ip("::ffff:192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(ip("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(ip("::1", &["203.0.113.9, 198.51.100.7, 10.1.1.1"]), "198.51.100.7");
        assert_eq!(ip("::1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(ip("10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn a_forged_forwarded_header_does_not_hide_the_client() {
        // Our proxy appends the address it saw to whatever the client sent.
        for forged in ["203.0.113.9", "10.0.0.9, 203.0.113.9", "nonsense", ", ,", "203.0.113.9:1, [::1]:2"] {
            assert_eq!(ip("10.0.0.1", &[&format!("{forged}, 198.51.100.7")]), "198.51.100.7", "{forged}");
        }
        assert_eq!(ip("10.0.0.1", &["203.0.113.9", "", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(ip("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(ip("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(ip("10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(ip("10.0.0.1", &["[::ffff:198.51.100.7]"]), "198.51.100.7");
        for nonsense in ["[198.51.100.7]", "[2001:db8::7", "2001:db8::7]", "[[2001:db8::7]]", "[]"] {
            assert_eq!(ip("10.0.0.1", &[nonsense]), "10.0.0.1", "{nonsense}");
        }
        assert_eq!(ip("10.0.0.1", &[""]), "10.0.0.1");
        assert_eq!(ip("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
        // A list of only our own proxies: the first of them is the farthest address that is known.
        assert_eq!(ip("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }
}
