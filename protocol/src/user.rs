//! People.

use crate::{
    column::text_column,
    command::SetStatus,
    event::{Change, Event},
    id::UserId,
    settings::Settings,
    time::Time,
};
use serde::{Deserialize, Serialize};

/// What a person may do across the whole service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the service.
    Admin,
    /// Keeps the peace.
    Moderator,
    /// Everyone else.
    Member,
    /// Sees only the rooms they were invited to.
    Guest,
}

impl Role {
    /// Whether they find, enter and make rooms by themselves; a guest is brought in. The rights are
    /// `domain`'s: this is what the screens offer.
    pub const fn is_permanent(self) -> bool {
        !matches!(self, Self::Guest)
    }
}

text_column!(Presence { Online = "online", Offline = "offline" });
text_column!(Role { Admin = "admin", Moderator = "moderator", Member = "member", Guest = "guest" });

/// Whether a person is here now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one of their clients is connected.
    Online,
    /// None is.
    Offline,
}

/// What a person says they are doing. One that has expired is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// One emoji; null when there is none.
    pub emoji: Option<String>,
    /// A few words; null when there are none.
    pub text: Option<String>,
    /// Until when it holds; null means until it is changed.
    pub expires_at: Option<Time>,
}

impl From<Status> for SetStatus {
    fn from(Status { emoji, text, expires_at }: Status) -> Self {
        Self { emoji, text, expires_at, expires_in: None }
    }
}

impl From<SetStatus> for Status {
    fn from(SetStatus { emoji, text, expires_at, .. }: SetStatus) -> Self {
        Self { emoji, text, expires_at }
    }
}

/// A person as they appear beside what they wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    /// The account.
    pub id: UserId,
    /// Unique, without regard to case.
    pub username: String,
    /// What others see.
    pub display_name: String,
    /// A picture; null means initials are drawn.
    pub avatar_url: Option<String>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account.
    pub id: UserId,
    /// Unique, without regard to case.
    pub username: String,
    /// What others see.
    pub display_name: String,
    /// A picture; null means initials are drawn.
    pub avatar_url: Option<String>,
    /// What they may do.
    pub role: Role,
    /// What they say they are doing; null when they say nothing.
    pub status: Option<Status>,
    /// Whether they are here now.
    pub presence: Presence,
    /// When the account was made.
    pub created_at: Time,
    /// Whether they left: the name stays, but nobody is behind it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deactivated: bool,
    /// Shown only to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Shown only to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// How many notifications one has not read, counted up to 100. Shown only to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_notifications: Option<i64>,
}

impl User {
    /// The short form shown beside messages.
    pub fn author(&self) -> Author {
        Author {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
        }
    }

    /// Leaves out what they are doing, for those who may know of them and no more.
    pub fn hide_status(&mut self) {
        (self.status, self.presence) = (None, Presence::Offline);
    }

    /// Brings what one sees of oneself up to date.
    pub fn apply(&mut self, event: &Event) {
        match &event.change {
            Change::UserUpdated(new) if new.id == self.id => {
                let own = (self.email.take(), self.settings.take(), self.unread_notifications);
                self.clone_from(new);
                // What everyone is told leaves out what only oneself sees.
                if new.settings.is_none() {
                    (self.email, self.settings, self.unread_notifications) = own;
                }
            }
            Change::NotificationCreated(notification) => self.unread_notifications = notification.unread_notifications,
            _ => {}
        }
    }
}

/// Where a picture is, by the hash of what was uploaded: a square of so many pixels, which a browser may keep for good.
pub fn avatar_url(hash: &str, size: u32) -> String {
    format!("/api/v1/avatars/{hash}/{size}")
}

/// The square that is shown beside a name, in pixels: enough for the sharpest screens.
pub const AVATAR_DISPLAY_SIZE: u32 = 128;

crate::from_json! {
    Status { emoji, text, expires_at }
    Author { id, username, display_name, avatar_url }
    User { id, username, display_name, avatar_url, role, status, presence, created_at, deactivated, email, settings,
        unread_notifications }
}
