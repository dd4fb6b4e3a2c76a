//! Idempotency keys, by which a client's repeated create request is recognised.

use crate::digest;
use protocol::{Error, Result, error::Code, id::ClientId, limits};
use serde::Serialize;

/// An `Idempotency-Key`, and the hash of its request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub key: ClientId,
    pub request_hash: i64,
}

impl IdempotencyKey {
    /// The key of a request, if it has one; `request` is everything that identifies the request.
    pub fn new(key: Option<ClientId>, request: &impl Serialize) -> Result<Option<Self>> {
        let Some(key) = key else { return Ok(None) };
        limits::client_id("Idempotency-Key", &key)?;
        let request = serde_json::to_vec(request).map_err(|cause| crate::error::internal_error(&cause))?;
        Ok(Some(Self { key, request_hash: digest::request_hash(&request) }))
    }

    /// Rejects a key that was used for another request; keys stored by an earlier version have no hash and are
    /// accepted.
    pub fn check_repeat(&self, first: Option<i64>) -> Result<()> {
        if first.is_none_or(|first| first == self.request_hash) {
            return Ok(());
        }
        let detail = "This Idempotency-Key was already used for another request, so nothing was done. Use a new one.";
        Err(Error::new(Code::IdempotencyKeyReused, detail))
    }
}
