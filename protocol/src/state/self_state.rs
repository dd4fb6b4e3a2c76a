//! What a user sees of themselves, updated by events.

use crate::{
    event::{Change, Event},
    user::User,
};

impl User {
    /// Applies an event to what a user sees of themselves.
    pub fn apply(&mut self, event: &Event) {
        match &event.change {
            Change::UserUpdated(new) if new.id == self.id => {
                let own = (self.email.take(), self.settings.take(), self.unread_notifications);
                self.clone_from(new);
                // Events that everyone receives leave out what only the user themselves sees.
                if new.settings.is_none() {
                    (self.email, self.settings, self.unread_notifications) = own;
                }
            }
            Change::NotificationCreated(notification) => self.unread_notifications = notification.unread_notifications,
            _ => {}
        }
    }
}
