//! Time and presence needed to turn a stored user into the API's user.

use crate::{
    events::hub::Hub,
    store::users::{UserRow, avatar_link},
};
use protocol::{
    id::UserId,
    time::Time,
    user::{Presence, User},
};
use std::sync::Arc;

/// The time and the presence at which users are viewed.
#[derive(Clone, Debug)]
pub struct ViewContext {
    pub at: Time,
    pub hub: Arc<Hub>,
}

impl ViewContext {
    /// Presence of a user. Others see it only if the user allows it: see [`crate::store::users::UserRow::into_public`].
    pub fn presence(&self, user: UserId) -> Presence {
        self.hub.presence(user)
    }
}

impl UserRow {
    /// Public view. A user who hides their presence is always offline to others.
    pub fn into_public(self, view: &ViewContext) -> User {
        let shows = self.settings().privacy.show_online;
        let user = self.into_self(view);
        let presence = if shows { user.presence } else { Presence::Offline };
        User { presence, email: None, settings: None, unread_notifications: None, ..user }
    }

    /// View for the user themselves.
    pub fn into_self(self, view: &ViewContext) -> User {
        User {
            settings: Some(self.settings()),
            id: self.id,
            username: self.username,
            display_name: self.display_name,
            avatar_url: avatar_link(self.avatar.as_deref()),
            role: self.role,
            status: self.status.at(view.at),
            presence: view.presence(self.id),
            created_at: self.created_at,
            deactivated: self.deactivated_at.is_some(),
            email: self.email,
            unread_notifications: Some(self.unread_notifications),
        }
    }
}
