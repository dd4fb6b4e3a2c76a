//! Notifications about a user's own account, and their texts.

use crate::{
    id::{NotificationId, RoomId, RoomInvitationId, SessionId},
    session::{Scope, describe_client},
    time::Time,
    user::Role,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind of a notification. In JSON its name is `kind`, and its fields are in `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum NotificationKind {
    /// A sign-in from an unknown device.
    NewSignIn {
        /// The new session.
        session_id: SessionId,
        /// The device.
        device: String,
        /// The browser.
        browser: String,
        /// The IP address.
        ip: String,
    },
    /// A replaced refresh token was used again, so its session was ended: one of the two who hold it must have stolen
    /// it.
    SessionReuse {
        /// The session that was ended.
        session_id: SessionId,
        /// The name of the session.
        label: String,
        /// The IP address from which the old token was sent.
        ip: String,
    },
    /// The password was changed.
    PasswordChanged {
        /// Whether it was reset by a link, and not changed with the old password.
        by_link: bool,
    },
    /// The email address was changed.
    EmailChanged {
        /// The new address; null if it was removed.
        email: Option<String>,
    },
    /// The second factor was changed.
    SecondFactorChanged {
        /// What changed.
        change: FactorChange,
    },
    /// A personal access token was created.
    TokenCreated {
        /// The id of the token.
        session_id: SessionId,
        /// The name of the token.
        label: String,
        /// The scope of the token.
        scope: Scope,
    },
    /// An administrator changed the user's role.
    RoleChanged {
        /// The new role.
        role: Role,
    },
    /// The account was reactivated.
    Reactivated {},
    /// An administrator created a password-reset link.
    #[serde(alias = "reset_link_made")]
    ResetLinkCreated {},
    /// The user was invited to a room.
    RoomInvitation {
        /// The invitation.
        invitation_id: RoomInvitationId,
        /// The room.
        room_id: RoomId,
        /// The name of the room at that time.
        room_name: String,
        /// The display name of the user who created the invitation.
        invited_by: String,
    },
}

/// What changed about the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactorChange {
    /// Signing in now requires a code.
    TurnedOn,
    /// Signing in no longer requires a code.
    TurnedOff,
    /// New recovery codes were generated; the old ones are void.
    NewRecoveryCodes,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// An administrator removed the second factor.
    #[serde(alias = "taken_away")]
    RemovedByAdmin,
}

impl NotificationKind {
    /// The text of the notification.
    pub fn text(&self) -> String {
        match self {
            Self::NewSignIn { device, browser, ip, .. } => {
                format!(
                    "New sign-in: {}{}. If this wasn't you, sign out that device and change your password.",
                    describe_client(browser, device),
                    from_ip(ip)
                )
            }
            Self::SessionReuse { label, ip, .. } => format!(
                "\"{label}\" was signed out because an old token of its session was used again{}. If this wasn't you, \
                 check your sessions and change your password.",
                from_ip(ip)
            ),
            Self::PasswordChanged { by_link: false } => {
                "Your password was changed. Your other devices were signed out and your access tokens revoked.".into()
            }
            Self::PasswordChanged { by_link: true } => {
                "Your password was reset. All your devices were signed out and your access tokens revoked.".into()
            }
            Self::EmailChanged { email: Some(email) } => format!("Your email was changed to {email}."),
            Self::EmailChanged { email: None } => "Your email was removed from your account.".into(),
            Self::SecondFactorChanged { change } => change.text().into(),
            Self::TokenCreated { label, scope, .. } => {
                format!("The access token \"{label}\" was created with the scope {}.", scope.as_str())
            }
            Self::RoleChanged { role } => format!("An administrator changed your role to {}.", role.name()),
            Self::Reactivated {} => "Your account was reactivated. Welcome back.".into(),
            Self::ResetLinkCreated {} => "An administrator created a reset link for your password. If you didn't ask \
                                          for one, contact them."
                .into(),
            Self::RoomInvitation { room_name, invited_by, .. } => {
                format!("{invited_by} invited you to the room \"{room_name}\".")
            }
        }
    }

    /// The page on which the user can act on it.
    pub const fn link(&self) -> Option<&'static str> {
        match self {
            Self::NewSignIn { .. } | Self::SessionReuse { .. } => Some("/settings/sessions"),
            Self::PasswordChanged { .. } | Self::EmailChanged { .. } => Some("/settings/account"),
            Self::SecondFactorChanged { .. } => Some("/settings/security"),
            Self::TokenCreated { .. } => Some("/settings/tokens"),
            Self::RoomInvitation { .. } => Some("/notifications"),
            Self::RoleChanged { .. } | Self::Reactivated {} | Self::ResetLinkCreated {} => None,
        }
    }
}

impl FactorChange {
    const fn text(self) -> &'static str {
        match self {
            Self::TurnedOn => "Two-factor authentication was turned on.",
            Self::TurnedOff => "Two-factor authentication was turned off.",
            Self::NewRecoveryCodes => "You have new recovery codes. The old ones no longer work.",
            Self::RemovedByAdmin => {
                "An administrator turned off two-factor authentication for your account. If you didn't ask for this, \
                 contact them. You can turn it on again."
            }
            Self::RecoveryCodeUsed => "Someone used one of your recovery codes. It can't be used again.",
        }
    }
}

fn from_ip(ip: &str) -> String {
    if ip.is_empty() { String::new() } else { format!(" from {ip}") }
}

/// A notification of one user. Deleted after a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The notification's id.
    pub id: NotificationId,
    /// The name of its [`NotificationKind`].
    pub kind: String,
    /// The fields of that kind. Not typed here, since the browser reads only `text`.
    pub data: Value,
    /// The notification as a text for people.
    pub text: String,
    /// The page on which the user can act on it.
    pub link: Option<String>,
    /// When it was created.
    pub created_at: Time,
    /// When it was read; null if it is unread.
    pub read_at: Option<Time>,
    /// How many notifications are unread including this one, counted up to 100; present only in the event that
    /// announces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_notifications: Option<i64>,
}

impl Notification {
    /// Creates a notification of the given kind.
    pub fn new(id: NotificationId, notice: &NotificationKind, created_at: Time, read_at: Option<Time>) -> Self {
        let mut parts = serde_json::to_value(notice).unwrap_or_default();
        let kind = parts["kind"].as_str().unwrap_or_default().to_owned();
        let (data, text, link) = (parts["data"].take(), notice.text(), notice.link().map(str::to_owned));
        Self { id, kind, data, text, link, created_at, read_at, unread_notifications: None }
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::{Notification, NotificationId, NotificationKind, Time};
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{RefOr, schema::Schema},
    };

    /// A notification of one user. Deleted after a while.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "this is what the document says of a notification")]
    struct NotificationSchema {
        /// The notification's id.
        id: NotificationId,
        #[serde(flatten)]
        notice: NotificationKind,
        /// The notification as a text for people.
        text: String,
        /// The page on which the user can act on it.
        link: Option<String>,
        /// When it was created.
        created_at: Time,
        /// When it was read; null if it is unread.
        read_at: Option<Time>,
        /// How many notifications are unread including this one, counted up to 100; present only in the event that
        /// announces it.
        #[serde(skip_serializing_if = "Option::is_none")]
        unread_notifications: Option<i64>,
    }

    impl PartialSchema for Notification {
        fn schema() -> RefOr<Schema> {
            NotificationSchema::schema()
        }
    }

    impl ToSchema for Notification {
        fn name() -> std::borrow::Cow<'static, str> {
            "Notification".into()
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            NotificationSchema::schemas(schemas);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_notification_is_stored_by_kind_with_its_data() {
        let id: NotificationId = "01890000-0000-7000-8000-000000000000".parse().unwrap();
        let notice = NotificationKind::EmailChanged { email: Some("ada@example.org".into()) };
        let notification = Notification::new(id, &notice, Time(0), None);
        assert_eq!(
            (notification.kind.as_str(), &notification.data),
            ("email_changed", &json!({ "email": "ada@example.org" }))
        );
        assert_eq!(notification.text, "Your email was changed to ada@example.org.");
        assert_eq!(Notification::new(id, &NotificationKind::Reactivated {}, Time(0), None).data, json!({}));
    }
}
