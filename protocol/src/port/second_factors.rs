//! Two-factor authentication.

use crate::{
    command::ConfirmFactor,
    error::Result,
    session::{Caller, FactorSetup, RecoveryCodes, SecondFactor},
};
use async_trait::async_trait;

/// Two-factor authentication.
#[async_trait]
pub trait SecondFactors: Send + Sync + 'static {
    /// Whether the caller's sign-in needs a code.
    async fn second_factor(&self, caller: &Caller) -> Result<SecondFactor>;
    /// Begins to set one up: it counts once a code is given. Sensitive.
    async fn begin_factor(&self, caller: &Caller) -> Result<FactorSetup>;
    /// The one that was begun and is not confirmed, if there is one.
    async fn pending_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>>;
    /// Takes a code of it; from now on it counts.
    async fn confirm_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes>;
    /// Makes new recovery codes; the old ones are void. Sensitive.
    async fn renew_recovery_codes(&self, caller: &Caller) -> Result<RecoveryCodes>;
    /// Takes the second factor away. Sensitive.
    async fn remove_factor(&self, caller: &Caller) -> Result<()>;
}
