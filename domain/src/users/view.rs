//! How people look at one moment: who is here, and what they still say they are doing.

use crate::events::hub::Hub;
use protocol::{id::UserId, time::Time, user::Presence};
use std::sync::Arc;

/// The moment at which people are looked at.
#[derive(Clone, Debug)]
pub struct ViewContext {
    pub at: Time,
    pub hub: Arc<Hub>,
}

impl ViewContext {
    /// Whether a person is here. Others are told only if the person lets them: see [`crate::store::users::UserRow::into_public`].
    pub fn presence(&self, user: UserId) -> Presence {
        if self.hub.is_online(user) { Presence::Online } else { Presence::Offline }
    }
}
