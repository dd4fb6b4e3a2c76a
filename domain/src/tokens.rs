//! Access tokens (signed, short-lived) and refresh tokens (random, stored only as a hash).

use crate::{StartError, clock::Clock, sessions::ACCESS_SECONDS};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use protocol::{
    Error, Result,
    error::Code,
    id::{SessionId, UserId},
    time::Time,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, io::Write as _, path::Path};

const AUDIENCE: &str = "lair";
/// A shorter secret could be guessed offline (RFC 7518, 3.2: at least the size of the hash).
const SECRET_BYTES: usize = 32;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    sid: SessionId,
    aud: String,
    iat: i64,
    exp: i64,
}

/// Signs and checks access tokens.
pub struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Signer {
    /// A signer with the configured secret, or with one made at first start and kept with the data.
    pub fn open(data: &Path, secret: Option<&str>, clock: &Clock) -> Result<Self, StartError> {
        let secret = match secret {
            Some(secret) if secret.len() < SECRET_BYTES => {
                return Err(StartError(format!(
                    "jwt-secret: needs at least {SECRET_BYTES} characters; `openssl rand -hex 32` makes one"
                )));
            }
            Some(secret) => secret.to_owned(),
            None => kept_secret(data, clock)?,
        };
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "sub", "aud"]);
        // Times are compared by our clock, below.
        validation.validate_exp = false;
        Ok(Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
            validation,
        })
    }

    /// A token that proves the session for [`ACCESS_SECONDS`].
    pub fn sign(&self, user: UserId, session: SessionId, now: Time) -> Result<String> {
        let iat = now.0 / 1000;
        let claims = Claims { sub: user, sid: session, aud: AUDIENCE.into(), iat, exp: iat + ACCESS_SECONDS };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|cause| crate::fault::broken(&cause))
    }

    /// The session that a token proves.
    pub fn check(&self, token: &str, now: Time) -> Result<SessionId> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| Error::new(Code::NotSignedIn, "The access token is not valid. Sign in again."))?
            .claims;
        if claims.exp * 1000 <= now.0 {
            let detail = "The access token has expired. Exchange the refresh token for a new one.";
            return Err(Error::new(Code::NotSignedIn, detail));
        }
        Ok(claims.sid)
    }
}

/// The secret in `jwt.key`, made by chance when it is missing and readable only by the owner.
fn kept_secret(data: &Path, clock: &Clock) -> Result<String, StartError> {
    let path = data.join("jwt.key");
    let failed = |e: std::io::Error| StartError(format!("cannot keep the signing key in {}: {e}", path.display()));
    match std::fs::read_to_string(&path) {
        Ok(secret) if secret.trim().len() >= SECRET_BYTES => return Ok(secret.trim().to_owned()),
        Ok(_) => return Err(StartError(format!("{} is damaged: remove it to sign everyone out", path.display()))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(failed(e)),
    }
    let secret = hex(&clock.secret::<SECRET_BYTES>());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(failed)?;
    file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(secret)
}

/// A refresh token, and the hash under which it is stored.
pub fn new_refresh(clock: &Clock) -> (String, [u8; 32]) {
    let token = hex(&clock.secret::<32>());
    let hash = refresh_hash(&token);
    (token, hash)
}

/// The hash under which a refresh token is stored: it has 256 bits of chance, so a plain hash is enough.
pub fn refresh_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
