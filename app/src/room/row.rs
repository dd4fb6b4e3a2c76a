//! The markup of the timeline's rows: the same on the server and in the browser.

use crate::{
    api::MarkRead,
    page_user::page_user,
    room::grouping::{Actions, Byline, MessageRow, Row},
    ui::{Clock, avatar},
};
use leptos::server_fn::ServerFn;
use maud::{Markup, PreEscaped, html};
use protocol::{
    id::{MessageId, RoomId},
    message::Message,
    session::PAGE_USER_FIELD,
    state::room_state::RoomState,
};

/// Attribute that names what a click on an element does; texts of users cannot contain it.
pub const ACTION: &str = "data-action";

/// Id of a row's element.
pub fn element_id(row: &Row) -> String {
    match row {
        Row::Day(first, ..) => format!("day-{first}"),
        Row::New(_) => "unread".to_owned(),
        Row::Message(message) => message_element_id(message.id),
        Row::Activity(activity) => message_element_id(activity.id),
    }
}

/// Id of a message's element.
pub fn message_element_id(id: MessageId) -> String {
    format!("m-{id}")
}

/// Bytes of a usual row.
const ROW_BYTES: usize = 900;

/// Markup of rows, in order.
pub fn rows<'a>(rows: impl IntoIterator<Item = &'a Row>, state: &RoomState, clock: Clock) -> String {
    let rows = rows.into_iter();
    let mut markup = String::with_capacity(rows.size_hint().0 * ROW_BYTES);
    rows.for_each(|row| markup.push_str(&self::row(row, state, clock).into_string()));
    markup
}

fn row(row: &Row, state: &RoomState, clock: Clock) -> Markup {
    let id = element_id(row);
    match row {
        Row::Day(_, time, _) => html! { p.day-divider id=(id) { span { (clock.date(*time)) } } },
        Row::New(_) => html! { div.unread-divider id=(id) { span { "New" } (mark_read_form(state)) } },
        Row::Activity(row) => html! {
            p.activity id=(id) title=(clock.full(row.at)) { (row.text) }
        },
        Row::Message(row) => {
            state.find(row.id).map(|message| self::message(row, message, &id, clock)).unwrap_or_default()
        }
    }
}

/// Without JavaScript, the button that marks the room as read.
fn mark_read_form(state: &RoomState) -> Markup {
    let newest = state.messages.last().map(|message| message.id);
    html! {
        form.no-js-only action=(MarkRead::PATH) method="post" {
            (hidden("room_id", &state.room_id))
            @if let Some(newest) = newest { (hidden("message_id", &newest)) }
            @if let Some(user) = page_user() { (hidden(PAGE_USER_FIELD, &user)) }
            button.button.ghost type="submit" { "Mark as read" }
        }
    }
}

fn hidden(name: &str, value: &dyn std::fmt::Display) -> Markup {
    html! { input type="hidden" name=(name) value=(value.to_string()); }
}

fn message(row: &MessageRow, message: &Message, id: &str, clock: Clock) -> Markup {
    html! {
        article class=(class(row)) id=(id) data-seq=(message.seq) data-id=(message.id.to_string()) tabindex="-1" {
            (byline(&row.byline, message, clock))
            div.message-body { (body(message, row.blocked)) }
            (actions(row.actions, message.room_id, message.id))
        }
    }
}

/// Classes of a message's element.
pub const fn class(row: &MessageRow) -> &'static str {
    if row.byline.first_in_group { "message first-in-group" } else { "message" }
}

/// The author and the time.
pub fn byline(row: &Byline, message: &Message, clock: Clock) -> Markup {
    let author = &message.author;
    let time = html! {
        time datetime=(message.sent_at.to_string()) title=(clock.full(message.sent_at)) { (clock.time(message.sent_at)) }
    };
    if row.first_in_group {
        html! {
            div.byline {
                a href={ "/people/" (author.username) } rel="external" {
                    (avatar(author, "large"))
                    strong { (author.display_name) }
                }
                " " (time)
            }
        }
    } else {
        html! { div.byline.time-only { span.visually-hidden { (author.display_name) } " " (time) } }
    }
}

/// What is inside of a message's body.
pub fn body(message: &Message, blocked: bool) -> Markup {
    let text = html! {
        @if message.deleted {
            p.message-deleted { "This message was deleted." }
        } @else {
            // The server rendered and sanitised the HTML.
            div.prose { (PreEscaped(&message.html)) }
            @if message.edited_at.is_some() { span.message-edited { "edited" } }
        }
    };
    html! {
        @if blocked {
            details.message-blocked {
                summary { "Message from someone you blocked. " span { "Show" } span { "Hide" } }
                (text)
            }
        } @else {
            (text)
        }
    }
}

/// What the reader may do with a message: links that work without JavaScript.
pub fn actions(actions: Actions, room: RoomId, id: MessageId) -> Markup {
    let link = |action: &str, label: &str| {
        html! { a href={ "/rooms/" (room.to_string()) "/messages/" (id.to_string()) "/" (action) } data-action=(action) { (label) } }
    };
    html! {
        @if actions != Actions::default() {
            div.message-actions {
                @if actions.edit { (link("edit", "Edit")) }
                @if actions.delete { (link("delete", "Delete")) }
                @if actions.unread { (link("unread", "Mark unread")) }
            }
        }
    }
}
