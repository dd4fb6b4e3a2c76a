//! Brings the rows in the document up to date. Rows that stay are never moved or rebuilt, so that focus and selected
//! text survive whatever arrives; of a row that changed, only the changed parts are written.

use crate::{
    room::{
        grouping::{MessageRow, Row, RowKey},
        row,
    },
    ui::Clock,
};
use leptos::prelude::document;
use protocol::state::room_state::RoomState;
use std::collections::HashSet;
use web_sys::Element;

/// Changes the rows in `list` from `shown` to `wanted`. A row that is in both has the same neighbours among the rows
/// that stay, since both are in the order of the room: nothing has to be moved.
pub fn patch(list: &Element, shown: &[Row], wanted: &[Row], state: &RoomState, clock: Clock) {
    // Mostly, rows are added at the end.
    let same = shown.iter().zip(wanted).take_while(|(shown, wanted)| shown == wanted).count();
    let (shown, wanted) = (&shown[same..], &wanted[same..]);
    let keys: HashSet<RowKey> = wanted.iter().map(Row::key).collect();
    let (kept, gone): (Vec<&Row>, Vec<&Row>) = shown.iter().partition(|row| keys.contains(&row.key()));
    gone.into_iter().filter_map(element).for_each(|element| element.remove());
    let mut kept = kept.into_iter().peekable();
    let mut new = Vec::new();
    for row in wanted {
        let Some(before) = kept.next_if(|kept| kept.key() == row.key()) else {
            new.push(row);
            continue;
        };
        if new.is_empty() && before == row {
            continue;
        }
        let Some(element) = element(row) else { continue };
        insert(&element, "beforebegin", &row::rows(new.drain(..), state, clock));
        update(&element, before, row, state, clock);
    }
    insert(list, "beforeend", &row::rows(new, state, clock));
}

fn element(row: &Row) -> Option<Element> {
    document().get_element_by_id(&row::element_id(row))
}

fn insert(element: &Element, position: &str, markup: &str) {
    if !markup.is_empty() {
        // Fails only for an element without a parent.
        let _ = element.insert_adjacent_html(position, markup);
    }
}

/// Writes the parts of a row that changed.
fn update(element: &Element, before: &Row, after: &Row, state: &RoomState, clock: Clock) {
    match (before, after) {
        (Row::Message(before), Row::Message(after)) => update_message(element, before, after, state, clock),
        (before, after) if before != after => element.set_outer_html(&row::rows([after], state, clock)),
        _ => {}
    }
}

fn update_message(element: &Element, before: &MessageRow, after: &MessageRow, state: &RoomState, clock: Clock) {
    let part = |selector| element.query_selector(selector).ok().flatten();
    let (Some(message), Some(body)) = (state.find(after.id), part(":scope > .message-body")) else { return };
    if before.byline != after.byline {
        element.set_class_name(row::class(after));
        if let Some(byline) = part(":scope > .byline") {
            byline.set_outer_html(&row::byline(&after.byline, message, clock).into_string());
        }
    }
    if (before.version, before.blocked) != (after.version, after.blocked) {
        let hidden = || body.query_selector(":scope > .message-blocked").ok().flatten();
        let opened = hidden().is_some_and(|hidden| hidden.has_attribute("open"));
        body.set_inner_html(&row::body(message, after.blocked).into_string());
        if opened && let Some(hidden) = hidden() {
            // Fails only for an invalid attribute name.
            let _ = hidden.set_attribute("open", "");
        }
    }
    if before.actions != after.actions {
        if let Some(actions) = part(":scope > .message-actions") {
            actions.remove();
        }
        insert(&body, "afterend", &row::actions(after.actions, message.room_id, message.id).into_string());
    }
}
