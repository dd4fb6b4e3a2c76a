//! What a caller can ask for. The same struct is the body of a REST request, the arguments of a server function and the
//! payload of a WebSocket command.

use crate::{
    account::AccountStatus,
    error::{Code, Error},
    id::{ClientId, MessageId, NotificationId, UserId},
    room::Visibility,
    session::Scope,
    time::Time,
    user::Role,
};
use serde::{Deserialize, Deserializer, Serialize};

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )+};
}

commands! {
    /// Make an account. The first one runs the service.
    Register {
        /// 2 to 32 letters, digits, `.`, `_` or `-`; unique without regard to case.
        username: String,
        /// Optional; unique when given.
        #[serde(default)]
        email: Option<String>,
        /// 8 to 128 characters, and hard to guess.
        password: String,
        /// What others see; the username when left out.
        #[serde(default)]
        display_name: Option<String>,
        /// Asked for only by the first sign-up of a server that listens beyond this machine; printed when it starts.
        #[serde(default)]
        setup_code: Option<String>,
        /// The code of an invitation link, where one is needed.
        #[serde(default)]
        invitation: Option<String>,
    }
    /// Sign in.
    Login {
        /// Username or e-mail address.
        login: String,
        /// The password.
        password: String,
        /// The code of the authenticator app, or a recovery code; needed by accounts with a second factor.
        #[serde(default)]
        totp: Option<String>,
    }
    /// Exchange a refresh token for a new pair.
    Refresh {
        /// The newest refresh token of this session.
        refresh_token: String,
    }
    /// Give the password again, so that for a while it is not asked for.
    ConfirmPassword {
        /// The caller's password.
        password: String,
    }
    /// Give a session a name.
    RenameSession {
        /// One line, at most 64 characters; empty for the name it had at first.
        label: String,
    }
    /// Make a personal access token.
    CreateToken {
        /// What it is for, 1 to 64 characters.
        label: String,
        /// How far it reaches.
        scope: Scope,
        /// When it ends, in the future; never when left out.
        #[serde(default)]
        expires_at: Option<Time>,
    }
    /// Show that the authenticator app knows the secret.
    ConfirmFactor {
        /// The code it shows now.
        code: String,
    }
    /// Note that notifications were read.
    ReadNotifications {
        /// Which, at most 200; all there are when left out.
        #[serde(default)]
        ids: Option<Vec<NotificationId>>,
    }
    /// Find people by name.
    SearchUsers {
        /// The beginning of a username or of words of a name, at most 100 characters; empty for everyone.
        query: String,
        /// At most this many, 1 to 200; 50 when left out.
        #[serde(default)]
        limit: Option<u32>,
        /// `next_cursor` of the page before.
        #[serde(default)]
        cursor: Option<String>,
    }
    /// Leave the service. Only an administrator brings the account back.
    Deactivate {
        /// The password, to be sure that it is you.
        password: String,
    }
    /// Set a new password; every other session ends.
    ChangePassword {
        /// The password until now.
        current_password: String,
        /// 8 to 128 characters, and hard to guess.
        new_password: String,
    }
    /// Have a link sent that sets the password anew.
    ForgotPassword {
        /// Username or e-mail address.
        login: String,
    }
    /// Set the password with a link that was sent.
    ResetPassword {
        /// The token of the link.
        token: String,
        /// 8 to 128 characters, and hard to guess.
        new_password: String,
    }
    /// Show that mail to an address arrives.
    VerifyEmail {
        /// The token of the link that was sent there.
        token: String,
    }
    /// Change one's e-mail address.
    SetEmail {
        /// The new address; null to have none.
        email: Option<String>,
        /// The caller's password.
        password: String,
    }
    /// Make an invitation to make an account.
    Invite {
        /// `member` or `guest`; `member` when left out.
        #[serde(default)]
        role: Option<Role>,
        /// How many accounts can be made with it, 1 to 1,000; 1 when left out.
        #[serde(default)]
        max_uses: Option<u32>,
        /// For how many days it is good, 1 to 365; 7 when left out.
        #[serde(default)]
        days: Option<u32>,
    }
    /// Give someone another role.
    SetRole {
        /// The role.
        role: Role,
    }
    /// Deactivate an account, or bring it back.
    SetAccountStatus {
        /// Whether one can sign in with it.
        status: AccountStatus,
    }
    /// Make a room; its maker is its owner and first member.
    CreateRoom {
        /// 1 to 80 characters; unique among public rooms without regard to case.
        name: String,
        /// Who can find it.
        #[serde(default)]
        visibility: Visibility,
        /// One line, at most 250 characters.
        #[serde(default)]
        topic: String,
        /// At most 2,000 characters.
        #[serde(default)]
        description: String,
    }
    /// Add people to a room.
    AddMembers {
        /// The people, 1 to 100.
        #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
        user_ids: Vec<UserId>,
    }
    /// Invite someone into a room.
    InviteToRoom {
        /// The person.
        user_id: UserId,
        /// For how many seconds the invitation is good: at most 30 days; 7 days when left out.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(minimum = 60, maximum = 2_592_000))]
        expires_in: Option<i64>,
    }
    /// Say something.
    SendMessage {
        /// Markdown, 1 to 16,000 characters.
        body: String,
        /// The client's name for it: a repeat answers with the first result.
        client_id: ClientId,
    }
    /// Say it differently.
    EditMessage {
        /// Markdown, 1 to 16,000 characters.
        body: String,
    }
    /// All up to and including this message is read.
    MarkRead {
        /// The last message read.
        message_id: MessageId,
    }
    /// Say something else about oneself; what is left out stays as it is.
    #[derive(Default)]
    UpdateProfile {
        /// 1 to 64 characters.
        #[serde(default, deserialize_with = "deserialize_some")]
        display_name: Option<String>,
        /// At most 500 characters, on several lines if need be.
        #[serde(default, deserialize_with = "deserialize_some")]
        bio: Option<String>,
        /// At most 40 characters.
        #[serde(default, deserialize_with = "deserialize_some")]
        pronouns: Option<String>,
        /// An IANA name such as `Europe/Berlin`; null or empty for none.
        #[serde(default, deserialize_with = "deserialize_some")]
        time_zone: Option<Option<String>>,
        /// A BCP 47 tag such as `de-AT`; null or empty for none.
        #[serde(default, deserialize_with = "deserialize_some")]
        language: Option<Option<String>>,
        /// What one is doing; null for nothing.
        #[serde(default, deserialize_with = "deserialize_some")]
        status: Option<Option<SetStatus>>,
    }
    /// Say what one is doing; to say nothing, leave out both the emoji and the text.
    #[derive(Default)]
    SetStatus {
        /// One emoji.
        #[serde(default)]
        emoji: Option<String>,
        /// At most 100 characters.
        #[serde(default)]
        text: Option<String>,
        /// Until when it holds, at most a year from now; until it is changed when left out.
        #[serde(default)]
        expires_at: Option<Time>,
        /// The same in seconds from now, for who would rather say it so.
        #[serde(default)]
        expires_in: Option<i64>,
    }
}

/// What is named at all: null takes something away only where there can be nothing.
fn deserialize_some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
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

// Passwords, tokens and what people say never reach a log, not even by accident.
no_secrets_in_debug!(Register Login Refresh ConfirmPassword RenameSession CreateToken ConfirmFactor ReadNotifications CreateRoom AddMembers SendMessage EditMessage
    MarkRead InviteToRoom UpdateProfile SetStatus SetRole SetAccountStatus);
no_secrets_in_debug!(SearchUsers Deactivate);
no_secrets_in_debug!(ChangePassword ForgotPassword ResetPassword VerifyEmail SetEmail Invite);

/// Which part of a room's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistoryRange {
    /// The newest messages.
    #[default]
    Latest,
    /// Those just before this one.
    Before(MessageId),
    /// Those just after this one.
    After(MessageId),
    /// This one in the middle.
    Around(MessageId),
    /// Those whose seq is below this.
    BeforeSeq(i64),
    /// Those whose seq is above this.
    AfterSeq(i64),
}

/// The opaque `cursor` of a page of history: `b.` and a seq for what is before it, `a.` for what is after it.
impl std::str::FromStr for HistoryRange {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let seq = |text: &str| text.parse().ok().filter(|seq| (0..=i64::MAX).contains(seq));
        let range = match text.split_once('.') {
            Some(("b", text)) => seq(text).map(Self::BeforeSeq),
            Some(("a", text)) => seq(text).map(Self::AfterSeq),
            _ => None,
        };
        range.ok_or_else(|| Error::new(Code::InvalidCursor, "Pass next_cursor back as it came, or leave cursor out."))
    }
}

impl std::fmt::Display for HistoryRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BeforeSeq(seq) => write!(f, "b.{seq}"),
            Self::AfterSeq(seq) => write!(f, "a.{seq}"),
            // Only places between messages travel as cursors; the others have query parameters of their own.
            Self::Latest => f.write_str("latest"),
            Self::Before(id) => write!(f, "before {id}"),
            Self::After(id) => write!(f, "after {id}"),
            Self::Around(id) => write!(f, "around {id}"),
        }
    }
}

/// Which rooms to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomFilter {
    /// All that the caller may see.
    #[default]
    Visible,
    /// Those the caller is in.
    Mine,
    /// Public ones the caller is not in.
    Joinable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_range_round_trips() {
        for span in [HistoryRange::BeforeSeq(1), HistoryRange::AfterSeq(i64::MAX), HistoryRange::AfterSeq(0)] {
            assert_eq!(span.to_string().parse::<HistoryRange>(), Ok(span));
        }
        for text in ["", "b", "b.", "c.1", "b.-1", "a.1.2", "b.99999999999999999999", "a. 1"] {
            assert_eq!(text.parse::<HistoryRange>().unwrap_err().code, Code::InvalidCursor, "{text}");
        }
    }
}
