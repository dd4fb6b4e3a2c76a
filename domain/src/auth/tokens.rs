//! Access tokens (signed, short-lived), and random secrets that are stored only as a hash.

use crate::{
    audit,
    auth::{
        session_cache::ACCESS_SECONDS,
        signing_keys::{Key, Keyring},
    },
    clock::Clock,
    digest::hex,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use protocol::{
    Error, Result,
    error::Code,
    id::{SessionId, UserId},
    time::Time,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

const AUDIENCE: &str = "lair";
/// Audience of a login step token, which proves that the password was right while the code is missing: no session
/// accepts it.
const LOGIN_STEP_AUDIENCE: &str = "lair-second-step";
/// Audience of a signed text that passes through a browser.
const SIGNED_TEXT_AUDIENCE: &str = "lair-signed-text";
/// Audience of a token that carries a text through a browser.
const WRAPPED_TEXT_AUDIENCE: &str = "lair-wrapped-text";
/// Seconds for which a text signature is valid: a page reloaded after that no longer shows the old error.
const SIGNED_TEXT_SECONDS: i64 = 10 * 60;
/// Seconds within which the code must follow the password.
pub const LOGIN_STEP_SECONDS: i64 = 5 * 60;
/// Prefix of personal access tokens, recognisable for users and secret scanners.
pub const PERSONAL_TOKEN_PREFIX: &str = "lair_";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    sid: SessionId,
    aud: String,
    iat: i64,
    exp: i64,
}

/// Claims of a login step token.
#[derive(Serialize, Deserialize)]
struct LoginStepClaims {
    sub: UserId,
    aud: String,
    exp: i64,
    /// Fingerprint of the password used: the step is void once the password changes.
    pwd: String,
}

#[derive(Serialize, Deserialize)]
struct SignedTextClaims {
    /// Hash of the text.
    sub: String,
    aud: String,
    exp: i64,
}

#[derive(Serialize, Deserialize)]
struct WrappedTextClaims {
    /// The text itself.
    sub: String,
    aud: String,
    exp: i64,
}

/// Signs and verifies tokens.
pub struct Signer {
    keys: Keyring,
}

impl Signer {
    /// Creates a signer with these keys.
    pub const fn new(keys: Keyring) -> Self {
        Self { keys }
    }

    /// Loads new keys, and rotates an old one.
    pub fn refresh(&self) {
        self.keys.refresh();
    }

    /// Signs an access token for the session, valid for [`ACCESS_SECONDS`].
    pub fn sign(&self, user: UserId, session: SessionId, now: Time) -> Result<String> {
        let iat = now.0 / 1000;
        self.encode(&Claims { sub: user, sid: session, aud: AUDIENCE.into(), iat, exp: iat + ACCESS_SECONDS })
    }

    /// Verifies an access token and returns its session.
    pub fn verify(&self, token: &str, now: Time) -> Result<SessionId> {
        let claims: Claims = self.decode(token, AUDIENCE).ok_or_else(|| {
            audit::credential_rejected("token", None, &Code::NotSignedIn.word());
            Error::new(Code::NotSignedIn, "Invalid access token. Sign in again.")
        })?;
        if claims.exp.saturating_mul(1000) <= now.0 {
            let detail = "The access token has expired. Get a new one with the refresh token.";
            return Err(Error::new(Code::NotSignedIn, detail));
        }
        Ok(claims.sid)
    }

    /// Signs a login step token, to be sent back with the code.
    pub fn sign_login_step(&self, user: UserId, password_hash: &str, now: Time) -> Result<String> {
        let exp = now.0 / 1000 + LOGIN_STEP_SECONDS;
        self.encode(&LoginStepClaims {
            sub: user,
            aud: LOGIN_STEP_AUDIENCE.into(),
            exp,
            pwd: fingerprint(password_hash),
        })
    }

    /// Verifies a login step token; returns its user and password fingerprint.
    pub fn verify_login_step(&self, step: &str, now: Time) -> Option<(UserId, String)> {
        let claims: LoginStepClaims = self.decode(step, LOGIN_STEP_AUDIENCE)?;
        (claims.exp.saturating_mul(1000) > now.0).then_some((claims.sub, claims.pwd))
    }

    /// Signs a text.
    pub fn sign_text(&self, text: &str, now: Time) -> Result<String> {
        let exp = now.0 / 1000 + SIGNED_TEXT_SECONDS;
        self.encode(&SignedTextClaims { sub: hex(&hash(text)), aud: SIGNED_TEXT_AUDIENCE.into(), exp })
    }

    /// Whether a signature is ours and belongs to this text.
    pub fn verify_text(&self, text: &str, signature: &str, now: Time) -> bool {
        let claims = self.decode::<SignedTextClaims>(signature, SIGNED_TEXT_AUDIENCE);
        claims.is_some_and(|claims| claims.sub == hex(&hash(text)) && claims.exp.saturating_mul(1000) > now.0)
    }

    /// Puts a text into a signed token.
    pub fn wrap_text(&self, text: &str, now: Time) -> Result<String> {
        let exp = now.0 / 1000 + SIGNED_TEXT_SECONDS;
        self.encode(&WrappedTextClaims { sub: text.to_owned(), aud: WRAPPED_TEXT_AUDIENCE.into(), exp })
    }

    /// The text of such a token.
    pub fn unwrap_text(&self, token: &str, now: Time) -> Option<String> {
        let claims: WrappedTextClaims = self.decode(token, WRAPPED_TEXT_AUDIENCE)?;
        (claims.exp.saturating_mul(1000) > now.0).then_some(claims.sub)
    }

    fn encode(&self, claims: &impl Serialize) -> Result<String> {
        let key = self.keys.current().ok_or_else(Error::internal)?;
        let header = Header { kid: Some(key.id), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(key.secret.as_bytes()))
            .map_err(|cause| crate::error::internal_error(&cause))
    }

    /// The token selects one of our keys by id; the algorithm is fixed, whatever the token's header says.
    fn decode<C: DeserializeOwned>(&self, token: &str, audience: &str) -> Option<C> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let Key { secret, .. } = self.keys.find(&header.kid?)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "sub", "aud"]);
        // Expiry is checked against our clock.
        validation.validate_exp = false;
        let key = DecodingKey::from_secret(secret.as_bytes());
        Some(jsonwebtoken::decode::<C>(token, &key, &validation).ok()?.claims)
    }
}

/// Fingerprint that identifies a password without revealing it.
pub fn fingerprint(password_hash: &str) -> String {
    hex(&hash(password_hash)[..8])
}

/// A new one-time secret (a refresh token or a link token), and the hash to store.
pub fn new_secret(clock: &Clock) -> (String, [u8; 32]) {
    let token = hex(&clock.secret::<32>());
    let hash = hash(&token);
    (token, hash)
}

/// A new personal access token, and the hash to store.
pub fn new_personal_token(clock: &Clock) -> (String, [u8; 32]) {
    let token = format!("{PERSONAL_TOKEN_PREFIX}{}", hex(&clock.secret::<32>()));
    let hash = hash(&token);
    (token, hash)
}

/// Hash under which a secret is stored: it has 256 random bits, so a plain hash is enough.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
