//! What the service tells a person about their own account, and the words for it.

use crate::{
    id::{NotificationId, RoomId, RoomInvitationId, SessionId},
    session::{Scope, describe_client},
    time::Time,
    user::Role,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What there is to tell. On the wire its name is `kind`, what belongs to it `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum NotificationKind {
    /// Someone signed in from a device that was not known.
    NewSignIn {
        /// The sign-in.
        session_id: SessionId,
        /// What it was made on.
        device: String,
        /// And with what.
        browser: String,
        /// From which address.
        ip: String,
    },
    /// A refresh token that was used up came back, so its session was ended: one of the two who held it is a thief.
    SessionReuse {
        /// The session that is over.
        session_id: SessionId,
        /// What it was called.
        label: String,
        /// The address from which the old token came.
        ip: String,
    },
    /// The password is another one.
    PasswordChanged {
        /// Whether it was set anew by a link instead of by who knew the old one.
        by_link: bool,
    },
    /// The e-mail address is another one.
    EmailChanged {
        /// The new one; null when it was taken away.
        email: Option<String>,
    },
    /// The second step of signing in changed.
    SecondFactorChanged {
        /// In which way.
        change: FactorChange,
    },
    /// A personal access token was made.
    TokenCreated {
        /// The token, as a session.
        session_id: SessionId,
        /// What it was called.
        label: String,
        /// How far it reaches.
        scope: Scope,
    },
    /// An administrator gave the account another role.
    RoleChanged {
        /// The new one.
        role: Role,
    },
    /// An administrator brought a deactivated account back.
    Reactivated {},
    /// An administrator made a link that sets the password anew.
    #[serde(alias = "reset_link_made")]
    ResetLinkCreated {},
    /// Someone invited the person into a room.
    RoomInvitation {
        /// The invitation.
        invitation_id: RoomInvitationId,
        /// The room.
        room_id: RoomId,
        /// What it was called.
        room_name: String,
        /// The display name of who invites.
        invited_by: String,
    },
}

/// How the second step of signing in changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactorChange {
    /// Signing in needs a code from now on.
    TurnedOn,
    /// It needs none any more.
    TurnedOff,
    /// There are new recovery codes; the old ones are void.
    NewRecoveryCodes,
    /// Someone signed in with a recovery code.
    RecoveryCodeUsed,
    /// An administrator took the need for a code away.
    #[serde(alias = "taken_away")]
    RemovedByAdmin,
}

impl NotificationKind {
    /// What the person reads.
    pub fn text(&self) -> String {
        match self {
            Self::NewSignIn { device, browser, ip, .. } => {
                format!(
                    "New sign-in: {}{}. If that was not you, end that session and change your password.",
                    describe_client(browser, device),
                    from_ip(ip)
                )
            }
            Self::SessionReuse { label, ip, .. } => format!(
                "The session \"{label}\" was ended, because an old token of it came back{}. If you did not copy tokens \
                 yourself, someone may have: look at your sessions and change your password.",
                from_ip(ip)
            ),
            Self::PasswordChanged { by_link: false } => {
                "Your password was changed, and your other sessions and access tokens were ended.".into()
            }
            Self::PasswordChanged { by_link: true } => {
                "Your password was set anew by a link, and your sessions and access tokens were ended.".into()
            }
            Self::EmailChanged { email: Some(email) } => format!("Your e-mail address is now {email}."),
            Self::EmailChanged { email: None } => "Your e-mail address was taken out of your account.".into(),
            Self::SecondFactorChanged { change } => change.text().into(),
            Self::TokenCreated { label, scope, .. } => {
                format!("The access token \"{label}\" was made; its scope is {}.", scope.as_str())
            }
            Self::RoleChanged { role } => format!("An administrator changed your role: you are now {}.", role.as_str()),
            Self::Reactivated {} => "Your account is active again. Welcome back.".into(),
            Self::ResetLinkCreated {} => {
                "An administrator made a link with which your password can be set anew. If you did \
                                       not ask for one, ask them why."
                    .into()
            }
            Self::RoomInvitation { room_name, invited_by, .. } => {
                format!("{invited_by} invited you to the room \"{room_name}\".")
            }
        }
    }

    /// The page on which to do something about it.
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
            Self::TurnedOn => "Signing in to your account now needs a code as well.",
            Self::TurnedOff => "Signing in to your account no longer needs a code.",
            Self::NewRecoveryCodes => "You have new recovery codes; the old ones are void.",
            Self::RemovedByAdmin => {
                "An administrator took your second step away: signing in no longer needs a code. If you did not ask for \
                 that, ask them why; you can turn it on again."
            }
            Self::RecoveryCodeUsed => "Someone signed in with one of your recovery codes; it is used up.",
        }
    }
}

fn from_ip(ip: &str) -> String {
    if ip.is_empty() { String::new() } else { format!(", from {ip}") }
}

/// Something told to one person. Kept for a while, and gone after that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// Which.
    pub id: NotificationId,
    /// What it is about: the name of a [`NotificationKind`].
    pub kind: String,
    /// What belongs to it: the fields of that notice. Not typed here, since the browser reads only `text`.
    pub data: Value,
    /// The same for people.
    pub text: String,
    /// The page on which to do something about it.
    pub link: Option<String>,
    /// When it was told.
    pub created_at: Time,
    /// When it was read; null until then.
    pub read_at: Option<Time>,
    /// How many are unread, this one among them, counted up to 100; said only when it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_notifications: Option<i64>,
}

impl Notification {
    /// A notice as it is told.
    pub fn new(id: NotificationId, notice: &NotificationKind, created_at: Time, read_at: Option<Time>) -> Self {
        let mut parts = serde_json::to_value(notice).unwrap_or_default();
        let kind = parts["kind"].as_str().unwrap_or_default().to_owned();
        let (data, text, link) = (parts["data"].take(), notice.text(), notice.link().map(str::to_owned));
        Self { id, kind, data, text, link, created_at, read_at, unread_notifications: None }
    }
}

crate::from_json! {
    Notification { id, kind, data, text, link, created_at, read_at, unread_notifications }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::{Notification, NotificationId, NotificationKind, Time};
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{RefOr, schema::Schema},
    };

    /// Something told to one person. Kept for a while, and gone after that.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "this is what the document says of a notification")]
    struct NotificationSchema {
        /// Which.
        id: NotificationId,
        #[serde(flatten)]
        notice: NotificationKind,
        /// The same for people.
        text: String,
        /// The page on which to do something about it.
        link: Option<String>,
        /// When it was told.
        created_at: Time,
        /// When it was read; null until then.
        read_at: Option<Time>,
        /// How many are unread, this one among them, counted up to 100; only in the event that tells of it.
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
        assert_eq!(notification.text, "Your e-mail address is now ada@example.org.");
        assert_eq!(Notification::new(id, &NotificationKind::Reactivated {}, Time(0), None).data, json!({}));
    }
}
