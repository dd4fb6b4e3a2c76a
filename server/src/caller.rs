//! Who is asking: found once per request from a Bearer token or the browser's cookies. Asking for [`SignedIn`] is the
//! check.

mod cookies;
mod host;
mod origin;
mod page_user;
mod renewal;

pub use host::require_own_host;
pub use origin::{require_same_origin, socket_origin};
pub use page_user::{OtherUser, require_form_user, require_page_user};
pub use renewal::{Renewal, renew};

use crate::{
    config::Config,
    problem::{Failure, Reply},
    request,
    state::Lair,
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Network, audit};
use protocol::{
    error::{Code, Error, Result},
    id::UserId,
    port::Visitor,
    session::{Caller, Client, Tokens},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// The address at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// How the caller showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing was shown.
    None,
    /// `Authorization: Bearer`.
    Bearer,
    /// The browser's cookies, which it also sends when another site makes it ask.
    Cookie,
}

/// Who is behind one request.
pub struct Identity {
    caller: OnceLock<Caller>,
    renewal: Option<Renewal>,
    client: Client,
    network: Network,
    /// By what the browser is known, empty when it is not yet.
    device: String,
    /// Proves that the password was right, while the code is still to come.
    step: Option<String>,
    /// A secret that a form has just made.
    shown: Option<String>,
    /// How they showed it, whether or not it was good.
    pub proof: Proof,
    changes: Mutex<Vec<cookies::Change>>,
    /// Why a page or form was refused.
    refusal: OnceLock<Error>,
}

// What it holds proves things: none of it reaches a log, not even by accident.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("caller", &self.caller).field("proof", &self.proof).finish_non_exhaustive()
    }
}

impl Visitor for Identity {
    fn caller(&self) -> Option<Caller> {
        self.caller.get().copied()
    }

    fn client(&self) -> Client {
        Client { device: Some(self.device.clone()), ..self.client.clone() }
    }

    fn sign_in(&self, tokens: &Tokens) {
        self.change(cookies::Change::pair(tokens));
        self.forget_step();
        self.forget_shown();
    }

    fn sign_out(&self) {
        self.change(cookies::Change::Clear);
        self.forget_step();
        self.forget_shown();
    }

    fn step(&self) -> Option<String> {
        self.step.clone()
    }

    fn ask_code(&self, step: String) {
        self.change(cookies::Change::Step(step));
    }

    fn shown(&self) -> Option<String> {
        self.shown.clone().inspect(|_| self.change(cookies::Change::Shown(None)))
    }

    fn show_once(&self, secret: &str) {
        self.change(cookies::Change::Shown(Some(secret.to_owned())));
    }

    fn refused(&self, error: &Error) {
        // One is enough.
        let _ = self.refusal.set(error.clone());
    }
}

impl Identity {
    /// The network they ask from.
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The refresh cookie, while it is not known yet whether it will be exchanged.
    pub const fn renewal(&self) -> Option<&Renewal> {
        self.renewal.as_ref()
    }

    /// Whose sign-in the request came with, if anyone's: one that has yet to be renewed too.
    fn owner(&self) -> Option<UserId> {
        let caller = self.caller().map(|caller| caller.user_id);
        caller.or_else(|| self.renewal.as_ref()?.owner)
    }

    /// It is known now who it is, if anyone.
    fn found(&self, caller: Option<Caller>) {
        if let Some(caller) = caller {
            request::note_user(caller.user_id);
            // Whoever it is, they are found once.
            let _ = self.caller.set(caller);
        }
    }

    /// Whoever is signed in or out awaits no code any more.
    fn forget_step(&self) {
        if self.step.is_some() {
            self.change(cookies::Change::Step(String::new()));
        }
    }

    /// A secret that waits to be shown is of whoever was here before.
    fn forget_shown(&self) {
        if self.shown.is_some() {
            self.change(cookies::Change::Shown(None));
        }
    }

    fn change(&self, change: cookies::Change) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    async fn find(lair: &Lair, request: &Parts) -> Result<Self> {
        let (headers, address) = (&request.headers, address(&lair.config, request));
        let network = address.map_or(Network::Unknown, Network::of);
        let client = client(address, headers);
        let secure = origin::is_secure(&lair.config, request);
        let cookie = |name| cookies::read(headers, name, secure);
        let device = cookie(cookies::DEVICE).unwrap_or_default().to_owned();
        let step = cookie(cookies::STEP).map(str::to_owned);
        let shown = cookie(cookies::SHOWN).map(str::to_owned);
        let (proof, changes) = (Proof::None, Mutex::default());
        let (caller, renewal, refusal) = (OnceLock::new(), None, OnceLock::new());
        let mut found = Self { caller, renewal, client, network, device, step, shown, proof, changes, refusal };
        if let Some(token) = bearer(headers) {
            found.proof = Proof::Bearer;
            found.found(known(lair.service.authenticate(token).await)?);
            return Ok(found);
        }
        let (access, refresh) = (cookie(cookies::ACCESS), cookie(cookies::REFRESH));
        if access.is_some() || refresh.is_some() {
            found.proof = Proof::Cookie;
        }
        if let Some(token) = access {
            found.found(known(lair.service.authenticate(token).await)?);
        }
        if let (None, Some(token)) = (found.caller(), refresh) {
            let renewal = Renewal::find(lair, token).await?;
            if renewal.owner.is_none() {
                // A sign-in that is under way in its place goes on.
                found.change(cookies::Change::Clear);
            }
            found.renewal = Some(renewal);
        }
        Ok(found)
    }
}

/// A token that is no good means nobody is signed in; any other trouble is trouble.
fn known<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(thing) => Ok(Some(thing)),
        Err(error) if error.code.status() == 401 => Ok(None),
        Err(error) => Err(error),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The address a request comes from: the nearest hop that is not one of our own proxies.
pub fn address(config: &Config, request: &Parts) -> Option<IpAddr> {
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

/// Some proxies write the port too.
fn parse_hop(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse().ok().map(|hop: SocketAddr| hop.ip()))
}

fn client(address: Option<IpAddr>, headers: &HeaderMap) -> Client {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ip = address.map(|address| address.to_string()).unwrap_or_default();
    Client { ip, user_agent: agent.chars().take(256).collect(), device: None }
}

/// Finds out who is asking, and puts renewed or changed cookies on the answer. For everything but files.
pub async fn identify(State(lair): State<Lair>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let identity = match Identity::find(&lair, &parts).await {
        Ok(identity) => Arc::new(identity),
        Err(error) => return Failure(error).into_response(),
    };
    parts.extensions.insert(identity.clone());
    let secure = origin::is_secure(&lair.config, &parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(error) = identity.refusal.get() {
        audit::refused(error);
    }
    let changes = std::mem::take(&mut *identity.changes.lock().unwrap_or_else(PoisonError::into_inner));
    cookies::write(response.headers_mut(), changes, secure);
    response
}

/// The identity that [`identify`] found.
pub fn identity(parts: &Parts) -> Result<Arc<Identity>> {
    parts.extensions.get::<Arc<Identity>>().cloned().ok_or_else(|| {
        tracing::error!("a route asks who is calling, but nobody has looked");
        Error::internal()
    })
}

/// Someone who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Reply<Self> {
        let identity = identity(parts)?;
        let detail = match identity.proof {
            Proof::None => "Sign in first: send the header Authorization: Bearer <access token>.",
            Proof::Bearer => "The access token is not valid, or no longer. Refresh it, or sign in again.",
            Proof::Cookie => "Your sign-in is over. Sign in again.",
        };
        Ok(Self(identity.caller().ok_or_else(|| Error::new(Code::NotSignedIn, detail))?))
    }
}

/// Where a request comes from, signed in or not.
#[derive(Clone, Debug)]
pub struct CalledFrom(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for CalledFrom {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Reply<Self> {
        Ok(Self(identity(parts)?.client.clone()))
    }
}

/// The whole identity, for what changes the browser's cookies or asks how the caller showed who they are.
#[derive(Clone, Debug)]
pub struct Visit(pub Arc<Identity>);

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Reply<Self> {
        Ok(Self(identity(parts)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Raw;

    fn ip(peer: &str, forwarded: &[&str]) -> String {
        let raw = Raw { trusted_proxies: Some(vec!["10.0.0.0/8".into(), "::1".into()]), ..Raw::default() };
        let mut request = axum::http::Request::new(());
        for value in forwarded {
            request.headers_mut().append("x-forwarded-for", value.parse().unwrap());
        }
        request.extensions_mut().insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
        address(&raw.check().unwrap(), &request.into_parts().0).unwrap().to_string()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(ip("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(ip("::ffff:192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(ip("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(ip("::1", &["203.0.113.9, 198.51.100.7, 10.1.1.1"]), "198.51.100.7");
        assert_eq!(ip("::1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(ip("10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn what_the_caller_wrote_into_the_header_hides_nobody() {
        // Our proxy adds the address it saw behind whatever the caller sent.
        for forged in ["203.0.113.9", "10.0.0.9, 203.0.113.9", "nonsense", ", ,", "203.0.113.9:1, [::1]:2"] {
            assert_eq!(ip("10.0.0.1", &[&format!("{forged}, 198.51.100.7")]), "198.51.100.7", "{forged}");
        }
        assert_eq!(ip("10.0.0.1", &["203.0.113.9", "", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(ip("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(ip("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(ip("10.0.0.1", &[""]), "10.0.0.1");
        assert_eq!(ip("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
        // A list of nothing but proxies of ours: the first of them is as far as we know.
        assert_eq!(ip("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }
}
