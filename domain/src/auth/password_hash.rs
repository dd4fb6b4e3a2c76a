//! Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane: the crate's default), on few threads so that logins
//! never delay other work.

use crate::{auth::password_strength, error::internal_error, worker_pool::WorkerPool};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use protocol::{Error, Result, credentials::PasswordRating, error::FieldError, limits};
use std::sync::Arc;

/// Jobs per worker, the running one included: a few seconds' work. One more is rejected at once.
const QUEUE_PER_WORKER: usize = 128;

/// How a password compares with a hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but the hash is of the password as it was typed: those of earlier versions were not normalised.
    RightAsTyped,
}

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
        let password = limits::password(&password);
        self.run(move || Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string()))
            .await?
            .ok_or_else(Error::internal)
    }

    /// Verifies a password; with `None`, for an account that does not exist, it takes as long and is wrong.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<Verdict> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy_hash.to_string());
        let verdict = self.run(move || compare(&password, &hash)).await?;
        Ok(if exists { verdict } else { Verdict::Wrong })
    }

    /// Error for a password that is easy to guess; `user_inputs` is what others know of the user.
    pub async fn weakness(
        &self,
        field: &'static str,
        password: &str,
        user_inputs: Vec<String>,
    ) -> Result<Option<FieldError>> {
        let password = limits::password(password);
        self.run(move || password_strength::check(field, &password, &user_inputs).err()).await
    }

    /// How hard a password is to guess; `user_inputs` is what others know of the user.
    pub async fn rate(&self, password: String, user_inputs: Vec<String>) -> Result<PasswordRating> {
        self.run(move || password_strength::rate(&limits::password(&password), &user_inputs)).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = "Too many people are signing in right now. Try again in a moment.";
        self.workers.run(busy, work).await?.map_err(|cause| internal_error(&cause))
    }
}

fn compare(password: &str, hash: &str) -> Verdict {
    let Ok(hash) = PasswordHash::new(hash) else { return Verdict::Wrong };
    let is_right = |password: &str| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    let normalised = limits::password(password);
    if is_right(&normalised) {
        Verdict::Right
    } else if normalised != password && is_right(password) {
        Verdict::RightAsTyped
    } else {
        Verdict::Wrong
    }
}
