//! Scroll position. The timeline is laid out from the bottom up, so that it starts and stays at the newest message
//! without any script. When the user has scrolled up, one message is the anchor and stays in place, whatever changes
//! around it.

use crate::{api::HistoryPosition, browser, room::conversation::RoomView};
use leptos::{html, prelude::*};
use protocol::id::{MessageId, RoomId};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};

/// At most this far from the bottom, in pixels, counts as being at the bottom.
const NEAR_BOTTOM: i32 = 32;
/// This close to an end of the loaded messages, in pixels, more are loaded.
const NEAR_END: i32 = 500;
/// Distance of the unread line from the top of the timeline when a room is opened at it, in pixels.
const UNREAD_LINE_OFFSET: i32 = 96;

/// The anchor message, and its offset from the top of the timeline, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Anchor {
    id: MessageId,
    top: i32,
}

/// Anchors the scroll position; returns the scroll handler.
pub fn anchor(
    room_view: RoomView,
    frame: NodeRef<html::Div>,
    content: NodeRef<html::Div>,
) -> impl Fn() + Copy + Send + 'static {
    let anchor = StoredValue::new(None::<Anchor>);
    // The timeline's scroll position when the anchor was set.
    let scrolled = StoredValue::new(0);
    // Height of the content when the anchor was last in place.
    let height = StoredValue::new(0);
    let element = move || frame.get_untracked().map(HtmlElement::from);
    let on_scroll = move || {
        let Some(frame) = element() else { return };
        // Content that arrived in the same frame has moved the anchor: restore it, shifted by the distance that the
        // user scrolled.
        if frame.scroll_height() != height.get_value()
            && let Some(Anchor { id, top }) = anchor.get_value()
        {
            restore_anchor(&frame, Anchor { id, top: top - (frame.scroll_top() - scrolled.get_value()) });
        }
        height.set_value(frame.scroll_height());
        let below = -frame.scroll_top();
        scrolled.set_value(frame.scroll_top());
        // The end of the loaded messages is not the bottom: what is loaded next must not move the position.
        let bottom = below < NEAR_BOTTOM && !room_view.state.with_untracked(|state| state.newer);
        anchor.set_value(if bottom { None } else { first_visible(&frame) });
        if room_view.at_bottom.get_untracked() != bottom {
            room_view.at_bottom.set(bottom);
        }
        let above = frame.scroll_height() - frame.client_height() - below;
        if above < NEAR_END {
            room_view.load_older();
        } else if below < NEAR_END {
            room_view.load_newer();
        }
    };
    Effect::new(move || {
        let (Some(frame), Some(content)) = (frame.get(), content.get()) else { return };
        observe(&content, move || {
            if let (Some(frame), Some(anchor)) = (element(), anchor.get_value()) {
                // Do not interfere while the user is scrolling.
                if frame.scroll_top() == scrolled.get_value() {
                    restore_anchor(&frame, anchor);
                    scrolled.set_value(frame.scroll_top());
                    height.set_value(frame.scroll_height());
                }
            }
        });
        restore_position(room_view, &HtmlElement::from(frame), anchor, scrolled);
        let save = move || save_anchor(room_view.id, anchor.try_get_value().flatten());
        let handle = window_event_listener_untyped("pagehide", move |_| save());
        on_cleanup(move || {
            handle.remove();
            save();
        });
    });
    on_scroll
}

/// Scrolls to the newest message.
pub fn to_bottom(frame: &HtmlElement) {
    frame.set_scroll_top(0);
}

/// Runs `then` whenever the element is resized, before the change is painted.
fn observe(element: &Element, then: impl Fn() + 'static) {
    let then = Closure::<dyn Fn()>::new(then);
    let Ok(observer) = ResizeObserver::new(then.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let handles = StoredValue::new_local((observer, then));
    on_cleanup(move || {
        handles.try_with_value(|(observer, _)| observer.disconnect());
    });
}

/// Restores the position from before a reload or a room switch; else scrolls to the unread line; else to the bottom.
fn restore_position(
    room_view: RoomView,
    frame: &HtmlElement,
    anchor: StoredValue<Option<Anchor>>,
    scrolled: StoredValue<i32>,
) {
    if let Some(saved) = load_anchor(room_view.id) {
        anchor.set_value(Some(saved));
        room_view.at_bottom.set(false);
        let is_loaded = room_view.state.with_untracked(|state| state.find(saved.id).is_some());
        let frame = frame.clone();
        // The rows are rendered by the next frame; only then can the anchor be found.
        let restore = move || {
            request_animation_frame(move || {
                restore_anchor(&frame, saved);
                anchor.try_set_value(Some(saved));
                scrolled.try_set_value(frame.scroll_top());
                // There may be too little content below to keep the anchor in place yet; loading more fixes that.
                if -frame.scroll_top() < NEAR_END {
                    room_view.load_newer();
                }
            });
        };
        if is_loaded { restore() } else { room_view.load(HistoryPosition::Around(saved.id), restore) }
    } else if let Ok(Some(line)) = frame.query_selector(".unread-divider") {
        let above = offset_from_top(&line, frame) - UNREAD_LINE_OFFSET;
        if above < 0 {
            frame.set_scroll_top(frame.scroll_top() + above);
        }
    }
}

/// Scrolls a message back to its anchored offset.
fn restore_anchor(frame: &HtmlElement, anchor: Anchor) {
    if let Some(message) = document().get_element_by_id(&format!("m-{}", anchor.id)) {
        let moved = offset_from_top(&message, frame) - anchor.top;
        if moved != 0 {
            frame.set_scroll_top(frame.scroll_top() + moved);
        }
    }
}

/// Offset of an element from the top of the timeline, in whole pixels.
#[allow(clippy::cast_possible_truncation, reason = "a distance on a screen")]
fn offset_from_top(element: &Element, frame: &HtmlElement) -> i32 {
    (element.get_bounding_client_rect().top() - frame.get_bounding_client_rect().top()).round() as i32
}

/// The first message that is at least partly visible.
fn first_visible(frame: &HtmlElement) -> Option<Anchor> {
    let edge = frame.get_bounding_client_rect().top();
    let messages = frame.query_selector_all("article").ok()?;
    let element = |index: u32| messages.get(index).and_then(|node| node.dyn_into::<Element>().ok());
    // Messages are sorted by position, so binary search works.
    let (mut low, mut high) = (0_u32, messages.length());
    while low < high {
        let middle = low.midpoint(high);
        if element(middle)?.get_bounding_client_rect().bottom() > edge { high = middle } else { low = middle + 1 }
    }
    let first = element(low)?;
    let id = first.get_attribute("data-id")?.parse().ok()?;
    Some(Anchor { id, top: offset_from_top(&first, frame) })
}

fn key(room: RoomId) -> String {
    format!("lair.scroll.{room}")
}

fn save_anchor(room: RoomId, anchor: Option<Anchor>) {
    let Some(storage) = browser::session_storage() else { return };
    // If the storage is full, only the position is lost.
    let _ = match anchor {
        Some(Anchor { id, top }) => storage.set_item(&key(room), &format!("{id} {top}")),
        None => storage.remove_item(&key(room)),
    };
}

fn load_anchor(room: RoomId) -> Option<Anchor> {
    let text = browser::session_storage()?.get_item(&key(room)).ok()??;
    let (id, top) = text.split_once(' ')?;
    Some(Anchor { id: id.parse().ok()?, top: top.parse().ok()? })
}
