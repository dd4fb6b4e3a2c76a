//! The name by which a client's repeated request to create something is recognised.

use crate::auth::tokens;
use protocol::{Error, Result, error::Code, id::ClientId, limits};
use serde::Serialize;

/// An `Idempotency-Key`, and what was asked for under it.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub key: ClientId,
    pub request_hash: i64,
}

impl IdempotencyKey {
    /// The key of a request, as far as it has one; `request` is all that makes it this one.
    pub fn new(key: Option<ClientId>, request: &impl Serialize) -> Result<Option<Self>> {
        let Some(key) = key else { return Ok(None) };
        limits::client_id("Idempotency-Key", &key)?;
        let request = serde_json::to_vec(request).map_err(|cause| crate::error::internal_error(&cause))?;
        Ok(Some(Self { key, request_hash: tokens::request_hash(&request) }))
    }

    /// Refuses a key that was used for another request; of what an earlier version stored nothing is known.
    pub fn check_repeat(&self, first: Option<i64>) -> Result<()> {
        if first.is_none_or(|first| first == self.request_hash) {
            return Ok(());
        }
        let detail = "This Idempotency-Key was used for another request, so nothing was done. Send it under a new one.";
        Err(Error::new(Code::IdempotencyKeyReused, detail))
    }
}
