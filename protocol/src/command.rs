//! Commands of a caller. The same struct is the body of a REST request, the arguments of a server function and the
//! payload of a WebSocket command.

#[cfg(feature = "openapi")]
use crate::limits::schema;
use crate::{
    account::AccountStatus,
    error::{Code, Error},
    id::{ClientId, MessageId, NotificationId, RoomId, UserId},
    room::{NotificationLevel, RoomSort},
    session::Scope,
    time::Time,
    user::{Role, Status},
};
use serde::{Deserialize, Deserializer, Serialize};

// `field: String as (schema::Username)`: the type that the OpenAPI document shows, with its limits.
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(as ($($shown:tt)+))?,)*
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* $(#[cfg_attr(feature = "openapi", schema(value_type = $($shown)+))])? pub $field: $type,)*
        }
    )+};
}

macro_rules! no_secrets_in_debug {
    ($($name:ident)+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

mod rooms;

pub use rooms::{CreateRoom, RestrictMember, RoomFilter, SetRoomRole, TransferRoom, UpdateRoom, UpdateRoomSettings};

commands! {
    /// Create an account. The first account becomes an administrator.
    Register {
        /// Letters, digits, `.`, `_` or `-`, of one alphabet, and first a letter or digit; unique, case-insensitive.
        username: String as (schema::Username),
        /// Optional; unique if given.
        #[serde(default)]
        email: Option<String> as (Option<schema::Email>),
        /// Hard to guess.
        password: String as (schema::NewPassword),
        /// The name that others see; the username if omitted.
        #[serde(default)]
        display_name: Option<String> as (Option<schema::OptionalDisplayName>),
        /// Required only for the first registration on a server that is reachable from other machines; printed at
        /// start.
        #[serde(default)]
        setup_code: Option<String>,
        /// The code of an invitation link, if registration requires one.
        #[serde(default)]
        invitation: Option<String>,
    }
    /// Sign in.
    Login {
        /// Username or email address.
        login: String,
        /// The password.
        password: String,
        /// The code of the authenticator app, or a recovery code; required for accounts with a second factor.
        #[serde(default)]
        totp: Option<String>,
    }
    /// Exchange a refresh token for a new pair.
    Refresh {
        /// The newest refresh token of this session.
        refresh_token: String,
    }
    /// Confirm the caller's password, so that sensitive operations do not ask for it for a while.
    ConfirmPassword {
        /// The caller's password.
        password: String,
    }
    /// Rename a session.
    RenameSession {
        /// One line; empty restores the default name.
        label: String as (schema::SessionLabel),
    }
    /// Create a personal access token.
    CreateToken {
        /// What the token is for, on one line.
        label: String as (schema::TokenLabel),
        /// What the token may do.
        scope: Scope,
        /// When the token expires, in the future; never if omitted.
        #[serde(default)]
        expires_at: Option<Time>,
    }
    /// Confirm a second factor with a code of the authenticator app.
    ConfirmFactor {
        /// The code that the app shows now.
        code: String as (schema::AppCode),
        /// Whether the caller's other sessions, which were opened without a code, end; false if omitted.
        #[serde(default)]
        end_other_sessions: bool,
    }
    /// Prove possession of the second factor.
    ProveFactor {
        /// The code that the app shows now, or a recovery code.
        code: String,
    }
    /// Mark notifications as read.
    ReadNotifications {
        /// The notifications; all of them if omitted.
        #[serde(default)]
        ids: Option<Vec<NotificationId>> as (Option<schema::NotificationIds>),
    }
    /// Search users by name.
    SearchUsers {
        /// The beginning of a username or of words of a display name; empty lists everyone.
        query: String as (schema::UserQuery),
        /// Page size; 50 if omitted.
        #[serde(default)]
        limit: Option<u32> as (Option<schema::PageSize>),
        /// `next_cursor` of the previous page.
        #[serde(default)]
        cursor: Option<String> as (Option<schema::PageCursor>),
    }
    /// Deactivate the caller's account. Only administrators and moderators can reactivate it.
    Deactivate {
        /// The caller's password, as a confirmation.
        password: String,
    }
    /// Change the password; all other sessions end.
    ChangePassword {
        /// The current password.
        current_password: String,
        /// Hard to guess.
        new_password: String as (schema::NewPassword),
    }
    /// Request a password-reset link by email.
    ForgotPassword {
        /// Username or email address.
        login: String,
    }
    /// Reset the password with a link.
    ResetPassword {
        /// The token of the link.
        token: String,
        /// Hard to guess.
        new_password: String as (schema::NewPassword),
    }
    /// Verify an email address.
    VerifyEmail {
        /// The token of the link that was sent to the address.
        token: String,
    }
    /// Change the caller's email address.
    SetEmail {
        /// The new address; null removes the address.
        email: Option<String> as (Option<schema::Email>),
        /// The caller's password.
        password: String,
    }
    /// Create an account invitation.
    Invite {
        /// `member` or `guest`; `member` if omitted.
        #[serde(default)]
        role: Option<Role> as (Option<schema::InvitedRole>),
        /// How many accounts can be created with it; 1 if omitted.
        #[serde(default)]
        max_uses: Option<u32> as (Option<schema::InvitationUses>),
        /// How many days it is valid; 7 if omitted.
        #[serde(default)]
        days: Option<u32> as (Option<schema::InvitationDays>),
    }
    /// Change a user's role.
    SetRole {
        /// The new role.
        role: Role,
    }
    /// Deactivate or reactivate an account.
    SetAccountStatus {
        /// The new status.
        status: AccountStatus,
    }
    /// Open the direct or group room of some users, which is created if it does not exist.
    OpenDirectRoom {
        /// The other members: one for a direct room, up to 19 for a group room. The caller alone: a room for their notes.
        user_ids: Vec<UserId> as (schema::DirectMembers),
    }
    /// Set which messages of a room the caller is notified of.
    SetRoomNotifications {
        /// Which messages.
        level: NotificationLevel,
        /// Until when the room is muted, at most a year from now; not muted if omitted.
        #[serde(default)]
        muted_until: Option<Time>,
    }
    /// Set the order of the caller's rooms.
    SetRoomOrder {
        /// Rooms of the caller, in order. Those that are not listed come after them, by name.
        room_ids: Vec<RoomId> as (schema::OrderedRooms),
    }
    /// Set the rooms that new users join besides the Lobby.
    SetDefaultRooms {
        /// Public rooms.
        room_ids: Vec<RoomId> as (schema::DefaultRooms),
    }
    /// Search rooms by name and topic.
    SearchRooms {
        /// Parts of words of the name or topic, each of which must occur; empty lists all rooms.
        query: String as (schema::UserQuery),
        /// The order of the results; by name if omitted.
        #[serde(default)]
        sort: RoomSort as (RoomSort, required = false),
        /// Page size; 50 if omitted.
        #[serde(default)]
        limit: Option<u32> as (Option<schema::PageSize>),
        /// `next_cursor` of the previous page.
        #[serde(default)]
        cursor: Option<String> as (Option<schema::PageCursor>),
    }
    /// Add users to a room.
    AddMembers {
        /// The users.
        user_ids: Vec<UserId> as (schema::NewMembers),
    }
    /// Invite a user to a room.
    InviteToRoom {
        /// The user.
        user_id: UserId,
        /// How many seconds the invitation is valid; 7 days if omitted.
        #[serde(default)]
        expires_in: Option<i64> as (Option<schema::RoomInvitationSeconds>),
    }
    /// Send a message.
    SendMessage {
        /// Markdown.
        body: String as (schema::MessageBody),
        /// The client's id for the message: a repeat with the same id returns the first result.
        client_id: ClientId,
    }
    /// Edit a message.
    EditMessage {
        /// Markdown.
        body: String as (schema::MessageBody),
    }
    /// Mark a room as read up to and including a message.
    MarkRead {
        /// The last message read.
        message_id: MessageId,
    }
    /// Mark a room, or all rooms, as read.
    #[derive(Default)]
    ClearUnread {
        /// The room; all rooms if omitted.
        #[serde(default)]
        room_id: Option<RoomId>,
    }
    /// Mark messages, and all after each in its room, as unread.
    #[derive(Default)]
    RestoreUnread {
        /// The messages.
        message_ids: Vec<MessageId> as (schema::UnreadMessages),
    }
    /// Update the caller's profile; omitted fields are unchanged.
    #[derive(Default)]
    UpdateProfile {
        /// One line.
        #[serde(default, deserialize_with = "deserialize_some")]
        display_name: Option<String> as (schema::DisplayName, required = false),
        /// May have several lines.
        #[serde(default, deserialize_with = "deserialize_some")]
        bio: Option<String> as (schema::Bio, required = false),
        /// One line.
        #[serde(default, deserialize_with = "deserialize_some")]
        pronouns: Option<String> as (schema::Pronouns, required = false),
        /// An IANA name such as `Europe/Berlin`; null or empty for none.
        #[serde(default, deserialize_with = "deserialize_some")]
        time_zone: Option<Option<String>> as (Option<schema::TimeZone>),
        /// A BCP 47 tag such as `de-AT`; null or empty for none.
        #[serde(default, deserialize_with = "deserialize_some")]
        language: Option<Option<String>> as (Option<schema::LanguageTag>),
        /// The status; null clears it.
        #[serde(default, deserialize_with = "deserialize_some")]
        status: Option<Option<SetStatus>>,
    }
    /// Set the caller's status; without an emoji and a text, the status is cleared.
    #[derive(Default)]
    SetStatus {
        /// One emoji.
        #[serde(default)]
        emoji: Option<String> as (Option<schema::Emoji>),
        /// One line.
        #[serde(default)]
        text: Option<String> as (Option<schema::StatusText>),
        /// When the status expires, at most a year from now; if omitted, it stays until it is changed.
        #[serde(default)]
        expires_at: Option<Time>,
        /// The same in seconds from now; give at most one of the two.
        #[serde(default)]
        expires_in: Option<i64> as (Option<schema::StatusSeconds>),
    }
}

impl From<SetStatus> for Status {
    fn from(SetStatus { emoji, text, expires_at, .. }: SetStatus) -> Self {
        Self { emoji, text, expires_at }
    }
}

impl From<Status> for SetStatus {
    fn from(Status { emoji, text, expires_at }: Status) -> Self {
        Self { emoji, text, expires_at, expires_in: None }
    }
}

/// Makes every present field `Some`, so that null is accepted only where the inner type is optional, and is
/// distinguished there from an absent field.
fn deserialize_some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

// Passwords, tokens and message texts must never reach a log, not even by accident.
no_secrets_in_debug!(Register Login Refresh ConfirmPassword RenameSession CreateToken ConfirmFactor ProveFactor ReadNotifications AddMembers SendMessage EditMessage
    MarkRead ClearUnread RestoreUnread InviteToRoom UpdateProfile SetStatus SetRole SetAccountStatus);
no_secrets_in_debug!(SearchUsers Deactivate OpenDirectRoom SetRoomNotifications SetRoomOrder SetDefaultRooms SearchRooms);
no_secrets_in_debug!(ChangePassword ForgotPassword ResetPassword VerifyEmail SetEmail Invite);

/// A range of a room's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistoryRange {
    /// The newest messages.
    #[default]
    Latest,
    /// Messages just before this one.
    Before(MessageId),
    /// Messages just after this one.
    After(MessageId),
    /// Messages around this one.
    Around(MessageId),
    /// Messages around the one with this `seq`.
    AroundSeq(i64),
    /// Messages whose `seq` is below this.
    BeforeSeq(i64),
    /// Messages whose `seq` is above this.
    AfterSeq(i64),
}

/// The opaque `cursor` of a page of history: `b.` and a `seq` for the messages before it, `a.` for those after it.
impl std::str::FromStr for HistoryRange {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let seq = |text: &str| text.parse().ok().filter(|seq| (0..=i64::MAX).contains(seq));
        let range = match text.split_once('.') {
            Some(("b", text)) => seq(text).map(Self::BeforeSeq),
            Some(("a", text)) => seq(text).map(Self::AfterSeq),
            _ => None,
        };
        range.ok_or_else(|| Error::new(Code::InvalidCursor, "Pass next_cursor back unchanged, or leave cursor out."))
    }
}

impl std::fmt::Display for HistoryRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BeforeSeq(seq) => write!(f, "b.{seq}"),
            Self::AfterSeq(seq) => write!(f, "a.{seq}"),
            // Only the two `seq` ranges are used as cursors; the others have query parameters of their own.
            Self::Latest => f.write_str("latest"),
            Self::Before(id) => write!(f, "before {id}"),
            Self::After(id) => write!(f, "after {id}"),
            Self::Around(id) => write!(f, "around {id}"),
            Self::AroundSeq(seq) => write!(f, "around {seq}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_range_round_trips() {
        for range in [HistoryRange::BeforeSeq(1), HistoryRange::AfterSeq(i64::MAX), HistoryRange::AfterSeq(0)] {
            assert_eq!(range.to_string().parse::<HistoryRange>(), Ok(range));
        }
        for text in ["", "b", "b.", "c.1", "b.-1", "a.1.2", "b.99999999999999999999", "a. 1"] {
            assert_eq!(text.parse::<HistoryRange>().unwrap_err().code, Code::InvalidCursor, "{text}");
        }
    }
}
