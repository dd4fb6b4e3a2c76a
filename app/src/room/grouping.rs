//! Groups messages by day and author, and places the unread line.

use crate::room::activity;
use protocol::{
    id::{MessageId, UserId},
    message::Message,
    state::room_state::RoomState,
    time::Time,
};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Messages of one author within this many milliseconds form a group.
const GROUP_WINDOW: i64 = 5 * 60 * 1000;

/// One row of the timeline. Equal rows have the same markup, but for the form in the unread line that only pages without
/// JavaScript use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of a day: its first message, that message's time, and the version of the clock.
    Day(MessageId, Time, u32),
    /// The unread line, above this message.
    New(MessageId),
    /// A message.
    Message(MessageRow),
    /// Room activity: one line, or several of a kind.
    Activity(ActivityRow),
}

/// What the markup of room activity depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    /// The id of its first line.
    pub id: MessageId,
    /// What it says.
    pub text: String,
    /// When the last of its lines was written.
    pub at: Time,
    /// Version of the clock.
    pub clock: u32,
}

/// What the markup of a message depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its id.
    pub id: MessageId,
    /// What its byline depends on.
    pub byline: Byline,
    /// Version of its text.
    pub version: i64,
    /// Whether the reader blocked its author.
    pub blocked: bool,
    /// What the reader may do with it.
    pub actions: Actions,
}

/// What the byline of a message depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Byline {
    /// Whether the author is shown: the first message of its group.
    pub first_in_group: bool,
    /// Hash of the author's name and picture.
    pub author: u64,
    /// Version of the clock.
    pub clock: u32,
}

/// What a reader may do with a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Edit it.
    pub edit: bool,
    /// Delete it.
    pub delete: bool,
    /// Mark it unread.
    pub unread: bool,
}

/// Who reads the timeline, and how.
pub struct Reader<'a> {
    /// The reader.
    pub me: UserId,
    /// Messages of others after this seq are unread.
    pub unread_from: i64,
    /// Whether they may delete the messages of others.
    pub moderates: bool,
    /// Whom they blocked.
    pub blocked: &'a [UserId],
    /// Version of their clock.
    pub clock: u32,
}

impl Reader<'_> {
    /// What the reader may do with a message.
    pub fn actions(&self, message: &Message) -> Actions {
        let mine = message.author.id == self.me;
        let editable = message.kind.is_text() && !message.deleted;
        Actions { edit: mine && editable, delete: (mine || self.moderates) && editable, unread: !mine && editable }
    }

    fn is_new(&self, message: &Message) -> bool {
        message.seq > self.unread_from
            && message.author.id != self.me
            && message.kind.is_text()
            && !self.blocked.contains(&message.author.id)
    }

    /// The row of the first of these lines and of those that are folded into it.
    fn activity(&self, lines: &[&Message]) -> Option<Row> {
        let (first, last) = (lines.first()?, lines.last()?);
        let text = activity::text(lines);
        Some(Row::Activity(ActivityRow { id: first.id, text, at: last.sent_at, clock: self.clock }))
    }

    fn row(&self, message: &Message, first_in_group: bool) -> Row {
        let mut author = DefaultHasher::new();
        message.author.hash(&mut author);
        Row::Message(MessageRow {
            id: message.id,
            byline: Byline { first_in_group, author: author.finish(), clock: self.clock },
            version: message.version,
            blocked: self.blocked.contains(&message.author.id),
            actions: self.actions(message),
        })
    }
}

/// Which row it is, whatever it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// The heading of the day that begins with this message: in another time zone, days begin with other messages.
    Day(MessageId),
    /// The unread line above this message.
    New(MessageId),
    /// This message.
    Message(MessageId),
}

impl Row {
    /// Which row it is.
    pub const fn key(&self) -> RowKey {
        match self {
            Self::Day(first, ..) => RowKey::Day(*first),
            Self::New(above) => RowKey::New(*above),
            Self::Message(message) => RowKey::Message(message.id),
            Self::Activity(activity) => RowKey::Message(activity.id),
        }
    }
}

/// The rows of the loaded messages: at most about 300, so this is cheap enough for each change.
pub fn group_messages(state: &RoomState, reader: &Reader<'_>, day: impl Fn(Time) -> i64) -> Vec<Row> {
    let mut rows = Vec::with_capacity(state.messages.len() + 4);
    let (mut today, mut line_drawn) = (i64::MIN, false);
    let mut before: Option<&Message> = None;
    let mut lines: Vec<&Message> = Vec::new();
    for (index, message) in state.messages.iter().enumerate() {
        let date = day(message.sent_at);
        if date > today {
            today = date;
            before = None;
            rows.push(Row::Day(message.id, message.sent_at, reader.clock));
        }
        if !line_drawn && reader.is_new(message) {
            line_drawn = true;
            // Above the first loaded message it would stand in the middle of what is unread.
            if index > 0 || !state.older {
                before = None;
                rows.push(Row::New(message.id));
            }
        }
        if !message.kind.is_text() {
            if before.is_some_and(|before| activity::folds(before, message)) {
                rows.pop();
            } else {
                lines.clear();
            }
            lines.push(message);
            rows.extend(reader.activity(&lines));
            before = Some(message);
            continue;
        }
        let first_in_group = !before.is_some_and(|before| same_group(before, message.author.id, message.sent_at));
        rows.push(reader.row(message, first_in_group));
        before = Some(message);
    }
    rows
}

/// Whether a message by this author at this time belongs to the group of the message before it.
pub fn same_group(before: &Message, author: UserId, at: Time) -> bool {
    before.kind.is_text() && before.author.id == author && at.0 - before.sent_at.0 < GROUP_WINDOW
}

#[cfg(test)]
mod tests {
    use super::{Reader, Row, RowKey, group_messages};
    use protocol::{
        id::{RoomId, UserId},
        message::{History, Message, MessageKind},
        state::room_state::RoomState,
        time::Time,
    };

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn id(name: u8) -> String {
        format!("01890000-0000-7000-8000-0000000000{name:02x}")
    }

    fn message(seq: u8, author: u8, at: i64) -> Message {
        serde_json::from_value(serde_json::json!({
            "id": id(seq), "room_id": id(99), "seq": seq, "body": "", "html": "", "client_id": "c", "parent_id": null,
            "author": { "id": id(author), "username": "ada", "display_name": "Ada", "avatar_url": null },
            "sent_at": Time(at), "edited_at": null, "deleted": false, "version": 1, "reactions": [],
            "attachments": [], "mentions": [], "thread": { "replies": 0, "last_at": null },
        }))
        .unwrap()
    }

    fn row_codes(messages: &[Message], marker: i64, older: bool) -> String {
        let me: UserId = id(10).parse().unwrap();
        let room: RoomId = id(99).parse().unwrap();
        let page = History { items: messages.to_vec(), next_cursor: None, older, newer: false };
        let reader = Reader { me, unread_from: marker, moderates: false, blocked: &[], clock: 0 };
        let rows = group_messages(&RoomState::new(room, page), &reader, Time::day);
        let code = |row: &Row| match row {
            Row::Day(..) => 'D',
            Row::New(_) => 'N',
            Row::Message(message) if message.byline.first_in_group => 'M',
            Row::Message(_) => 'm',
            Row::Activity(_) => 'A',
        };
        rows.iter().map(code).collect()
    }

    #[test]
    fn messages_of_one_author_within_minutes_are_grouped() {
        let messages = [
            message(1, 11, 0),
            message(2, 11, 4 * MINUTE),
            message(3, 12, 5 * MINUTE),
            message(4, 12, 11 * MINUTE),
            message(5, 12, DAY),
        ];
        assert_eq!(row_codes(&messages, 5, false), "DMmMMDM");
    }

    #[test]
    fn room_activity_is_folded_and_ends_a_group_but_is_never_new() {
        let line = |seq: u8, author: u8, at: i64, kind| Message { kind, ..message(seq, author, at) };
        let joined = |seq, author, at| line(seq, author, at, MessageKind::Joined);
        let messages = [
            message(1, 11, 0),
            joined(2, 12, 1),
            joined(3, 13, 2),
            message(4, 11, 3),
            line(5, 11, 4, MessageKind::Left),
            joined(6, 14, DAY),
            joined(7, 15, DAY + 1),
            message(8, 11, DAY + 2),
        ];
        assert_eq!(row_codes(&messages, 8, false), "DMAMADAM");
        assert_eq!(row_codes(&messages, 4, false), "DMAMADANM");
    }

    #[test]
    fn the_unread_line_precedes_the_first_new_message_of_another_user() {
        let messages = [message(1, 11, 0), message(2, 10, 1), message(3, 11, 2), message(4, 11, 3)];
        assert_eq!(row_codes(&messages, 1, true), "DMMNMm");
        assert_eq!(row_codes(&messages, 4, true), "DMMMm");
    }

    #[test]
    fn the_unread_line_waits_for_the_message_above_it() {
        let messages = [message(3, 11, 0), message(4, 11, 1)];
        assert_eq!(row_codes(&messages, 1, true), "DMm");
        assert_eq!(row_codes(&messages, 0, false), "DNMm");
    }

    #[test]
    fn rows_that_stay_in_another_time_zone_keep_their_order() {
        const HOUR: i64 = 60 * MINUTE;
        let messages: Vec<_> = (0..20).map(|n| message(n, 11, 5 * DAY + i64::from(n) * 5 * HOUR)).collect();
        let keys = |offset: i64| -> Vec<RowKey> {
            let page = History { items: messages.clone(), next_cursor: None, older: false, newer: false };
            let state = RoomState::new(id(99).parse().unwrap(), page);
            let me = id(10).parse().unwrap();
            let reader = Reader { me, unread_from: 9, moderates: false, blocked: &[], clock: 0 };
            let rows = group_messages(&state, &reader, |time| (time.0 + offset * HOUR).div_euclid(DAY));
            rows.iter().map(Row::key).collect()
        };
        for offset in -12..=14 {
            let (utc, local) = (keys(0), keys(offset));
            let kept = |rows: &[RowKey], others: &[RowKey]| -> Vec<RowKey> {
                rows.iter().copied().filter(|key| others.contains(key)).collect()
            };
            assert_eq!(kept(&utc, &local), kept(&local, &utc), "{offset} hours");
        }
    }

    #[test]
    fn a_clock_running_backwards_starts_no_day_twice() {
        let messages = [message(1, 11, DAY), message(2, 11, DAY - 1), message(3, 11, DAY + 1)];
        assert_eq!(row_codes(&messages, 9, false), "DMmm");
    }
}
