//! Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane: the crate's default), on few threads so that logins
//! never delay other work.

use crate::{auth::password_strength, error::internal_error, worker_pool::WorkerPool};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use protocol::{Error, Result, error::FieldError};
use std::sync::Arc;

/// Jobs per worker, the running one included: a few seconds' work. One more is rejected at once.
const QUEUE_PER_WORKER: usize = 128;

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    workers: WorkerPool,
    /// Compared against when the account does not exist, so that the response time is the same.
    dummy_hash: Arc<str>,
}

impl Passwords {
    /// Uses at most half of the processors.
    pub async fn new() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = WorkerPool::new((cores / 2).max(1), QUEUE_PER_WORKER);
        let mut passwords = Self { workers, dummy_hash: "".into() };
        passwords.dummy_hash = passwords.hash("nobody has this password".into()).await?.into();
        Ok(passwords)
    }

    /// Hashes a password for storage.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string()))
            .await?
            .ok_or_else(Error::internal)
    }

    /// Verifies a password; with `None`, for an account that does not exist, it takes as long and returns false.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy_hash.to_string());
        let right = self
            .run(move || {
                PasswordHash::new(&hash)
                    .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(right && exists)
    }

    /// Error for a password that is easy to guess; `user_inputs` is what others know of the user.
    pub async fn weakness(
        &self,
        field: &'static str,
        password: &str,
        user_inputs: Vec<String>,
    ) -> Result<Option<FieldError>> {
        let password = password.to_owned();
        self.run(move || password_strength::check(field, &password, &user_inputs).err()).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = "Too many people are signing in right now. Try again in a moment.";
        self.workers.run(busy, work).await?.map_err(|cause| internal_error(&cause))
    }
}
