//! Groups messages by day and author, and places the unread line.

use protocol::{
    id::{MessageId, UserId},
    message::Message,
    time::Time,
};

/// Messages of one author within this many milliseconds form a group.
const GROUP_WINDOW: i64 = 5 * 60 * 1000;

/// One row of the timeline. Equal rows render the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The heading of a day.
    Day(i64, Time),
    /// The unread line.
    New,
    /// A message.
    Message {
        /// Its id.
        id: MessageId,
        /// Version of its text.
        version: i64,
        /// Whether its author is shown: the first message of its group.
        first_in_group: bool,
    },
}

/// Groups messages. Those after `unread_from` that are not by `me` are unread.
pub fn group_messages(messages: &[Message], unread_from: i64, me: UserId, day: impl Fn(Time) -> i64) -> Vec<Row> {
    let mut rows = Vec::with_capacity(messages.len() + 4);
    let (mut today, mut line_drawn) = (i64::MIN, false);
    let mut before: Option<&Message> = None;
    for message in messages {
        let date = day(message.sent_at);
        if date > today {
            today = date;
            before = None;
            rows.push(Row::Day(date, message.sent_at));
        }
        if !line_drawn && message.seq > unread_from && message.author.id != me {
            line_drawn = true;
            before = None;
            rows.push(Row::New);
        }
        let first_in_group = !before.is_some_and(|before| same_group(before, message.author.id, message.sent_at));
        rows.push(Row::Message { id: message.id, version: message.version, first_in_group });
        before = Some(message);
    }
    rows
}

/// Whether a message by this author at this time belongs to the group of the message before it.
pub fn same_group(before: &Message, author: UserId, at: Time) -> bool {
    before.author.id == author && at.0 - before.sent_at.0 < GROUP_WINDOW
}

#[cfg(test)]
mod tests {
    use super::{Row, group_messages};
    use protocol::{id::UserId, message::Message, time::Time};

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

    fn row_codes(messages: &[Message], marker: i64) -> String {
        let me: UserId = id(10).parse().unwrap();
        let rows = group_messages(messages, marker, me, Time::day);
        let code = |row: &Row| match row {
            Row::Day(..) => 'D',
            Row::New => 'N',
            Row::Message { first_in_group: true, .. } => 'M',
            Row::Message { first_in_group: false, .. } => 'm',
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
        assert_eq!(row_codes(&messages, 5), "DMmMMDM");
    }

    #[test]
    fn the_unread_line_precedes_the_first_new_message_of_another_user() {
        let messages = [message(1, 11, 0), message(2, 10, 1), message(3, 11, 2), message(4, 11, 3)];
        assert_eq!(row_codes(&messages, 1), "DMMNMm");
        assert_eq!(row_codes(&messages, 4), "DMMMm");
    }

    #[test]
    fn a_clock_running_backwards_starts_no_day_twice() {
        let messages = [message(1, 11, DAY), message(2, 11, DAY - 1), message(3, 11, DAY + 1)];
        assert_eq!(row_codes(&messages, 9), "DMmm");
    }
}
