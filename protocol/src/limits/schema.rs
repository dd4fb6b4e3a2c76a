//! The limits as the OpenAPI document states them: one schema for each kind of field, from the same constants that the
//! checks use.

use super::{
    BIO_CHARS, CLIENT_ID_BYTES, DEFAULT_ROOMS, DESCRIPTION_CHARS, DIRECT_MEMBERS, DISPLAY_NAME_CHARS, EMAIL_CHARS,
    EMOJI_CHARS, HOST_LABEL_CHARS, INVITATION_DAYS, INVITATION_USES, LABEL_CHARS, LANGUAGE_CHARS, LOCAL_PART_BYTES,
    MEMBER_LIMIT, MEMBERS_PER_ADD, MESSAGE_CHARS, PAGE_MAX, PASSWORD_CHARS, POLL_SECONDS, PRONOUNS_CHARS, REASON_CHARS,
    RETENTION_DAYS, ROOM_INVITATION_SECONDS, ROOM_NAME_CHARS, ROOMS_PER_USER, SLOW_MODE_SECONDS, STATUS_CHARS,
    STATUS_SECONDS, TIME_ZONE_CHARS, TOPIC_CHARS, USER_QUERY_CHARS, USERNAME_CHARS,
    characters::{EMOJI_BASES, EMOJI_PARTS, INVISIBLE, JOINERS, PICTOGRAPHS, TAGS},
    messages::IGNORABLE,
};
use crate::{
    id::{ClientId, MessageId, NotificationId, RoomId, UserId},
    profile::AVATAR_SIZES,
    room::RoomKind,
    user::Role,
};
use std::ops::RangeInclusive;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type,
        schema::{ArrayBuilder, Schema},
    },
};

macro_rules! schemas {
    ($(#[doc = $doc:literal] $name:ident = $schema:expr;)+) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                Schema::from($schema.description(Some($doc.trim()))).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

impl PartialSchema for ClientId {
    fn schema() -> RefOr<Schema> {
        let id = text(1..=CLIENT_ID_BYTES).pattern(Some("^[!-~]+$"));
        let doc = "The id that a client gives to what it creates: visible ASCII characters.";
        Schema::from(id.description(Some(doc))).into()
    }
}

impl ToSchema for ClientId {}

schemas! {
    /// A new username.
    Username = text(USERNAME_CHARS).pattern(Some(r"^[\p{Alphabetic}\p{N}][\p{Alphabetic}\p{N}\p{M}._-]*$"));
    /// A new password.
    NewPassword = text(PASSWORD_CHARS).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    /// An email address; an empty one counts as none.
    Email = text(0..=EMAIL_CHARS).pattern(Some(format!("^$|{}", email())));
    /// A display name.
    DisplayName = name(DISPLAY_NAME_CHARS);
    /// A display name; an empty one counts as none.
    OptionalDisplayName = line(DISPLAY_NAME_CHARS);
    /// The name of a personal access token.
    TokenLabel = name(LABEL_CHARS);
    /// The name of a session; an empty one restores the default name.
    SessionLabel = line(LABEL_CHARS);
    /// Six digits, in groups or not.
    AppCode = ObjectBuilder::new().schema_type(Type::String).pattern(Some(app_code()));
    /// The name of a room.
    RoomName = name(ROOM_NAME_CHARS);
    /// The topic of a room.
    RoomTopic = line(TOPIC_CHARS);
    /// The description of a room.
    RoomDescription = text(0..=DESCRIPTION_CHARS).pattern(Some(lines()));
    /// The kind of a new room.
    CreatedRoomKind = ObjectBuilder::new().schema_type(Type::String)
        .enum_values(Some([RoomKind::Channel, RoomKind::Announcement].map(RoomKind::as_str)));
    /// How many members a room can have.
    MemberLimit = number(&MEMBER_LIMIT);
    /// How many seconds each member waits between two messages.
    SlowModeSeconds = number(&SLOW_MODE_SECONDS);
    /// After how many days messages are deleted.
    RetentionDays = number(&RETENTION_DAYS);
    /// The reason of a ban or mute.
    RestrictionReason = text(0..=REASON_CHARS).pattern(Some(lines()));
    /// The Markdown of a message.
    MessageBody = text(1..=MESSAGE_CHARS).pattern(Some(not_blank(r"\u0000", &blank())));
    /// The beginning of names.
    UserQuery = text(0..=USER_QUERY_CHARS).pattern(Some(format!("^[^{CONTROLS}]*$")));
    /// A few lines about a user.
    Bio = text(0..=BIO_CHARS).pattern(Some(lines()));
    /// Pronouns.
    Pronouns = line(PRONOUNS_CHARS);
    /// The text of a status.
    StatusText = line(STATUS_CHARS);
    /// One emoji; an empty text counts as none.
    Emoji = text(0..=EMOJI_CHARS).pattern(Some(emoji()));
    /// The IANA name of a time zone; an empty one counts as none.
    TimeZone = text(0..=TIME_ZONE_CHARS).pattern(Some("^[A-Za-z0-9/_+-]*$"));
    /// A BCP 47 tag; an empty one counts as none.
    LanguageTag = text(0..=LANGUAGE_CHARS).pattern(Some("^$|^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"));
    /// Where a page of a list begins. Opaque: pass it back unchanged.
    PageCursor = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    /// How many items a page has at most.
    PageSize = integer(1, PAGE_MAX);
    /// How many accounts an invitation is for.
    InvitationUses = integer(*INVITATION_USES.start(), *INVITATION_USES.end());
    /// How many days an invitation is valid.
    InvitationDays = integer(*INVITATION_DAYS.start(), *INVITATION_DAYS.end());
    /// How many seconds a room invitation is valid.
    RoomInvitationSeconds = number(&ROOM_INVITATION_SECONDS);
    /// How many seconds a status lasts.
    StatusSeconds = number(&STATUS_SECONDS);
    /// How many seconds a long poll waits.
    PollSeconds = integer(0, u32::try_from(POLL_SECONDS).unwrap_or(u32::MAX));
    /// The side of an avatar in pixels.
    AvatarSize = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(AVATAR_SIZES));
    /// The role of invited accounts.
    InvitedRole = ObjectBuilder::new().schema_type(Type::String)
        .enum_values(Some([Role::Member, Role::Guest].map(Role::as_str)));
    /// Users to add to a room.
    NewMembers = ArrayBuilder::new().items(UserId::schema()).min_items(Some(1)).max_items(Some(MEMBERS_PER_ADD));
    /// Messages to mark as unread.
    UnreadMessages = ArrayBuilder::new().items(MessageId::schema()).max_items(Some(ROOMS_PER_USER));
    /// The members of a direct or group room.
    DirectMembers = ArrayBuilder::new().items(UserId::schema()).min_items(Some(1)).max_items(Some(DIRECT_MEMBERS - 1));
    /// Rooms in the order of a list.
    OrderedRooms = ArrayBuilder::new().items(RoomId::schema()).max_items(Some(ROOMS_PER_USER)).unique_items(true);
    /// Rooms that new users join.
    DefaultRooms = ArrayBuilder::new().items(RoomId::schema()).max_items(Some(DEFAULT_ROOMS)).unique_items(true);
    /// Notifications to mark as read.
    NotificationIds = ArrayBuilder::new().items(NotificationId::schema()).max_items(Some(PAGE_MAX as usize));
}

/// Control characters, as part of a class in a pattern.
const CONTROLS: &str = r"\u0000-\u001f\u007f-\u009f";

fn text(chars: RangeInclusive<usize>) -> ObjectBuilder {
    let min = Some(*chars.start()).filter(|min| *min > 0);
    ObjectBuilder::new().schema_type(Type::String).min_length(min).max_length(Some(*chars.end()))
}

/// One line that may be empty.
fn line(max_chars: usize) -> ObjectBuilder {
    text(0..=max_chars).pattern(Some(format!("^[^{}]*$", unseen())))
}

/// One line that is not empty.
fn name(max_chars: usize) -> ObjectBuilder {
    text(1..=max_chars).pattern(Some(not_blank(&unseen(), &blank())))
}

fn integer(min: u32, max: u32) -> ObjectBuilder {
    let format = Some(SchemaFormat::KnownFormat(KnownFormat::Int32));
    ObjectBuilder::new().schema_type(Type::Integer).format(format).minimum(Some(min)).maximum(Some(max))
}

fn number(range: &RangeInclusive<i64>) -> ObjectBuilder {
    let format = Some(SchemaFormat::KnownFormat(KnownFormat::Int64));
    let range = (Some(*range.start()), Some(*range.end()));
    ObjectBuilder::new().schema_type(Type::Integer).format(format).minimum(range.0).maximum(range.1)
}

/// The pattern of a text without the excluded characters and with at least one that is not blank.
fn not_blank(excluded: &str, blank: &str) -> String {
    format!("^[^{excluded}]*[^{excluded}{blank}][^{excluded}]*$")
}

/// What shows nothing in a message.
fn blank() -> String {
    format!(r"\s{CONTROLS}{}{}", class(INVISIBLE.iter().cloned()), class(IGNORABLE.iter().cloned()))
}

/// Several lines that may be empty.
fn lines() -> String {
    format!(r"^([^{}]|[\t\n\r])*$", unseen())
}

/// Control and invisible characters, but not those that emoji and some scripts need. Where these can be is not stated.
fn unseen() -> String {
    let is_needed = |range: &&RangeInclusive<char>| **range == JOINERS || **range == TAGS;
    format!("{CONTROLS}{}", class(INVISIBLE.iter().filter(|range| !is_needed(range)).cloned()))
}

fn emoji() -> String {
    let bases = class(PICTOGRAPHS.iter().chain(EMOJI_BASES).cloned());
    let all = format!("{bases}{}", class(EMOJI_PARTS.iter().cloned()));
    format!("^$|^[{all}]*[{bases}][{all}]*$")
}

/// An address that needs no quoting.
fn email() -> String {
    let word = r"\p{Alphabetic}\p{N}\p{M}";
    let local = format!(r"[{word}!#$%&'*+\-/=?^_`{{|}}~]+");
    let label = format!(r"[{word}]([{word}-]{{0,{}}}[{word}])?", HOST_LABEL_CHARS - 2);
    format!(r"^(?=[^@]{{1,{LOCAL_PART_BYTES}}}@){local}(\.{local})*@{label}(\.{label})*$")
}

/// Six digits of any script, with spacing.
fn app_code() -> String {
    let spacing = format!(r"[\s\p{{Pd}}\u2212\u30fc{}]*", class(INVISIBLE.iter().cloned()));
    format!(r"^{spacing}(\p{{Nd}}{spacing}){{6}}$")
}

/// These ranges as part of a class in a pattern.
fn class(ranges: impl Iterator<Item = RangeInclusive<char>>) -> String {
    // An escape with four digits means the same in all dialects; one with more does not.
    let escape = |c: char| if c <= '\u{FFFF}' { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    let part = |range: RangeInclusive<char>| match range.into_inner() {
        (start, end) if start == end => escape(start),
        (start, end) => format!("{}-{}", escape(start), escape(end)),
    };
    ranges.map(part).collect()
}
