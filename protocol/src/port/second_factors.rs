//! Two-factor authentication.

use crate::{
    command::{ConfirmFactor, ProveFactor},
    error::Result,
    session::{Caller, FactorSetup, RecoveryCodes, SecondFactor},
};
use async_trait::async_trait;

/// Two-factor authentication.
#[async_trait]
pub trait SecondFactors: Send + Sync + 'static {
    /// Whether the caller has a second factor.
    async fn get_second_factor(&self, caller: &Caller) -> Result<SecondFactor>;
    /// Starts the setup of a second factor: a code must confirm it. Requires a recent password confirmation.
    async fn begin_second_factor(&self, caller: &Caller) -> Result<FactorSetup>;
    /// Gets the second factor that is set up but not confirmed, if there is one.
    async fn get_pending_second_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>>;
    /// Confirms the second factor with a code; from now on signing in requires it.
    async fn confirm_second_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes>;
    /// Generates new recovery codes; the old ones are void. Requires a code and a recent password confirmation.
    async fn renew_recovery_codes(&self, caller: &Caller, command: ProveFactor) -> Result<RecoveryCodes>;
    /// Removes the second factor. Requires a recent password confirmation, and a code unless the setup was never
    /// confirmed.
    async fn remove_second_factor(&self, caller: &Caller, command: ProveFactor) -> Result<()>;
}
