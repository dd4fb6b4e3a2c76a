//! Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane: the crate's default), on few threads so that signing in
//! never delays others.

use crate::{fault::broken, strength, turns::Turns};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use protocol::{Error, Result, error::FieldError};
use std::sync::Arc;

/// Who may wait for each turn, itself included: a few seconds' work. One more is refused at once.
const QUEUE: usize = 128;

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Turns,
    /// Compared against when there is no such account, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// Hashes on at most half of the processors.
    pub async fn new() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let turns = Turns::new((cores / 2).max(1), QUEUE);
        let mut passwords = Self { turns, nobody: "".into() };
        passwords.nobody = passwords.hash("nobody has this password".into()).await?.into();
        Ok(passwords)
    }

    /// The hash to store.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string()))
            .await?
            .ok_or_else(Error::internal)
    }

    /// Whether the password is right; `None` for an account that does not exist takes as long and is never right.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let right = self
            .run(move || {
                PasswordHash::new(&hash)
                    .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(right && exists)
    }

    /// What is wrong with a password that is easy to guess; `about` is what others know of the person.
    pub async fn weakness(
        &self,
        field: &'static str,
        password: &str,
        about: Vec<String>,
    ) -> Result<Option<FieldError>> {
        let password = password.to_owned();
        self.run(move || strength::check(field, &password, &about).err()).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = "Too many people are signing in just now. Try again in a moment.";
        self.turns.run(busy, work).await?.map_err(|cause| broken(&cause))
    }
}
