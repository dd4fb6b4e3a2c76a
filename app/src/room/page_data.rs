//! What a room page is loaded from, and the data by which the browser hydrates it. That leaves out what the browser has
//! already: the messages' HTML is in the rows of the page, and the ids that their senders' clients gave them have served
//! their purpose once a message is stored.

use crate::api::{HistoryPosition, OpenedRoom};
use protocol::{
    id::{ClientId, MessageId, UserId},
    message::{History, Message, MessageKind, Reaction, Thread},
    room::Room,
    time::Time,
    user::Author,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, sync::Arc};

/// A room, and where it was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct PageData {
    /// Where it was opened.
    pub position: HistoryPosition,
    /// The room and its messages. Shared, since a page takes them out of the data that they are kept in.
    pub opened: Arc<OpenedRoom>,
}

/// The data for hydration. Each author is in it once.
#[derive(Serialize, Deserialize)]
struct HydrationData<'a> {
    position: HistoryPosition,
    room: Cow<'a, Room>,
    authors: Vec<Cow<'a, Author>>,
    messages: Option<Vec<HydrationMessage<'a>>>,
    next_cursor: Option<Cow<'a, str>>,
    older: bool,
    newer: bool,
}

/// A message: its id, seq, the index of its author, body, times in milliseconds, whether it was deleted, and its version.
#[derive(Serialize, Deserialize)]
struct HydrationMessage<'a>(
    MessageId,
    i64,
    usize,
    Cow<'a, str>,
    i64,
    Option<i64>,
    bool,
    i64,
    Option<Box<MessageExtras>>,
);

/// What most messages do not have.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct MessageExtras {
    kind: MessageKind,
    subject: Option<Author>,
    parent_id: Option<MessageId>,
    reactions: Vec<Reaction>,
    attachments: Vec<String>,
    mentions: Vec<UserId>,
    thread: Thread,
}

impl Serialize for PageData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OpenedRoom { room, history } = &*self.opened;
        let mut authors = Vec::new();
        let messages = history
            .as_ref()
            .map(|history| history.items.iter().map(|message| HydrationMessage::new(message, &mut authors)).collect());
        HydrationData {
            position: self.position,
            room: Cow::Borrowed(room),
            messages,
            authors,
            next_cursor: history.as_ref().and_then(|history| history.next_cursor.as_deref().map(Cow::Borrowed)),
            older: history.as_ref().is_some_and(|history| history.older),
            newer: history.as_ref().is_some_and(|history| history.newer),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PageData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = HydrationData::deserialize(deserializer)?;
        let HydrationData { position, room, authors, messages, next_cursor, older, newer } = data;
        let history = messages.map(|messages| History {
            items: messages.into_iter().filter_map(|message| message.message(&room, &authors)).collect(),
            next_cursor: next_cursor.map(Cow::into_owned),
            older,
            newer,
        });
        Ok(Self { position, opened: Arc::new(OpenedRoom { room: room.into_owned(), history }) })
    }
}

impl<'a> HydrationMessage<'a> {
    fn new(message: &'a Message, authors: &mut Vec<Cow<'a, Author>>) -> Self {
        // Every field is named, so that a new one is not left out by mistake.
        let Message {
            id,
            room_id: _,
            seq,
            kind,
            author,
            subject,
            body,
            html: _,
            client_id: _,
            parent_id,
            sent_at,
            edited_at,
            deleted,
            version,
            reactions,
            attachments,
            mentions,
            thread,
        } = message;
        let index = authors.iter().position(|known| **known == *author).unwrap_or_else(|| {
            authors.push(Cow::Borrowed(author));
            authors.len() - 1
        });
        let extras = MessageExtras {
            kind: *kind,
            subject: subject.clone(),
            parent_id: *parent_id,
            reactions: reactions.clone(),
            attachments: attachments.clone(),
            mentions: mentions.clone(),
            thread: thread.clone(),
        };
        let extras = (extras != MessageExtras::default()).then(|| Box::new(extras));
        let edited_at = edited_at.map(|at| at.0);
        Self(*id, *seq, index, Cow::Borrowed(body), sent_at.0, edited_at, *deleted, *version, extras)
    }

    /// The message, but for its HTML.
    fn message(self, room: &Room, authors: &[Cow<'_, Author>]) -> Option<Message> {
        let Self(id, seq, author, body, sent_at, edited_at, deleted, version, extras) = self;
        let MessageExtras { kind, subject, parent_id, reactions, attachments, mentions, thread } =
            extras.map(|extras| *extras).unwrap_or_default();
        Some(Message {
            id,
            room_id: room.id,
            seq,
            kind,
            author: Author::clone(authors.get(author)?),
            subject,
            body: body.into_owned(),
            html: String::new(),
            client_id: ClientId(String::new()),
            parent_id,
            sent_at: Time(sent_at),
            edited_at: edited_at.map(Time),
            deleted,
            version,
            reactions,
            attachments,
            mentions,
            thread,
        })
    }
}

/// Fills in the HTML that the data for hydration leaves out, from the rows of the page.
#[cfg(not(feature = "ssr"))]
pub fn read_html(opened: &mut Arc<OpenedRoom>) {
    use crate::room::row::message_element_id;
    let prose = |message: &Message| {
        let row = leptos::prelude::document().get_element_by_id(&message_element_id(message.id))?;
        row.query_selector(".prose").ok()?
    };
    let messages = Arc::make_mut(opened).history.iter_mut().flat_map(|history| &mut history.items);
    for message in messages.filter(|message| message.html.is_empty()) {
        if let Some(prose) = prose(message) {
            message.html = prose.inner_html();
        }
    }
}

/// The server has the HTML.
#[cfg(feature = "ssr")]
pub const fn read_html(_opened: &mut Arc<OpenedRoom>) {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn page() -> PageData {
        let id = |number: u8| format!("00000000-0000-7000-8000-0000000000{number:02}");
        let message = |seq: u8, author: u8, change: Value| {
            let mut message = json!({
                "id": id(seq), "room_id": id(99), "seq": seq, "body": "a \u{0}\u{2028}\"<\\", "html": "<p>a</p>",
                "client_id": "c", "parent_id": null, "author": { "id": id(author), "username": "ada",
                "display_name": "Ada", "avatar_url": null }, "sent_at": Time(7), "edited_at": null, "deleted": false,
                "version": 1, "reactions": [], "attachments": [], "mentions": [],
                "thread": { "replies": 0, "last_at": null },
            });
            message.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            message
        };
        let items = [
            message(1, 11, json!({})),
            message(2, 12, json!({"edited_at": Time(9), "version": 3})),
            message(3, 11, json!({"deleted": true, "body": "", "html": ""})),
            message(
                5,
                12,
                json!({"kind": "added", "body": "", "html": "", "subject": { "id": id(11), "username": "ada",
                "display_name": "Bo", "avatar_url": null }}),
            ),
            message(
                4,
                11,
                json!({"parent_id": id(1), "mentions": [id(12)],
                "reactions": [{ "emoji": "👍", "count": 2, "me": true }], "thread": { "replies": 3, "last_at": Time(8) }}),
            ),
        ];
        let room = json!({"id": id(99), "name": "Den", "kind": "channel", "visibility": "public", "topic": "",
            "description": "", "emoji": "", "settings": protocol::room::RoomSettings::default(), "permissions":
            protocol::permissions::RoomPermissions::defaults(protocol::room::RoomKind::Channel, protocol::room::Visibility::Public), "head": 4, "member_count": 2, "archived": false, "created_at": Time(1)});
        let history = json!({"items": items, "next_cursor": "before:1", "older": true, "newer": false});
        let opened = serde_json::from_value(json!({"room": room, "history": history})).unwrap();
        PageData { position: HistoryPosition::Unread, opened: Arc::new(opened) }
    }

    #[test]
    fn hydration_data_has_everything_but_html_and_client_ids() {
        let mut page = page();
        let data = serde_json::to_string(&page).unwrap();
        assert_eq!(data.matches("\"Ada\"").count(), 2, "{data}");
        let opened = Arc::make_mut(&mut page.opened);
        for message in &mut opened.history.as_mut().unwrap().items {
            message.html.clear();
            message.client_id.0.clear();
        }
        assert_eq!(serde_json::from_str::<PageData>(&data).unwrap(), page);
        Arc::make_mut(&mut page.opened).history = None;
        let data = serde_json::to_string(&page).unwrap();
        assert_eq!(serde_json::from_str::<PageData>(&data).unwrap(), page);
    }
}
