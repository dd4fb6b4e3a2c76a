//! Where the reader is. The timeline's box is laid out from the bottom up, so that it begins and stays at the newest
//! message by itself, with or without a live page. Scrolled up, one message is held in place, whatever changes around it.

use crate::{api::HistoryPosition, browser, room::conversation::RoomView};
use leptos::{html, prelude::*};
use protocol::id::{MessageId, RoomId};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};

/// So near to the bottom, in pixels, counts as being there.
const NEAR_BOTTOM: i32 = 32;
/// So near to an end of what is loaded, more is loaded.
const NEAR_END: i32 = 500;
/// Where the line before what is new stands when a room is opened on it.
const UNREAD_LINE_OFFSET: i32 = 96;

/// The message that is held in place, and how far below the top of the box it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Anchor {
    id: MessageId,
    top: i32,
}

/// Holds the reader's place; answers what to do when they scroll.
pub fn anchor(
    talk: RoomView,
    frame: NodeRef<html::Div>,
    content: NodeRef<html::Div>,
) -> impl Fn() + Copy + Send + 'static {
    let anchor = StoredValue::new(None::<Anchor>);
    // How far the box was scrolled when the anchor stood there.
    let scrolled = StoredValue::new(0);
    // How high its content was when everything was last in place.
    let height = StoredValue::new(0);
    let element = move || frame.get_untracked().map(HtmlElement::from);
    let on_scroll = move || {
        let Some(frame) = element() else { return };
        // What came in the same moment has moved the anchor: it is put back, by as much further as was scrolled.
        if frame.scroll_height() != height.get_value()
            && let Some(Anchor { id, top }) = anchor.get_value()
        {
            restore_anchor(&frame, Anchor { id, top: top - (frame.scroll_top() - scrolled.get_value()) });
        }
        height.set_value(frame.scroll_height());
        let below = -frame.scroll_top();
        scrolled.set_value(frame.scroll_top());
        // The end of what is loaded is not the bottom: what is loaded next must not carry the reader along.
        let bottom = below < NEAR_BOTTOM && !talk.state.with_untracked(|state| state.newer);
        anchor.set_value(if bottom { None } else { first_visible(&frame) });
        if talk.at_bottom.get_untracked() != bottom {
            talk.at_bottom.set(bottom);
        }
        let above = frame.scroll_height() - frame.client_height() - below;
        if above < NEAR_END {
            talk.load_older();
        } else if below < NEAR_END {
            talk.load_newer();
        }
    };
    Effect::new(move || {
        let (Some(frame), Some(content)) = (frame.get(), content.get()) else { return };
        observe(&content, move || {
            if let (Some(frame), Some(anchor)) = (element(), anchor.get_value()) {
                // Someone who scrolls just now is not held back.
                if frame.scroll_top() == scrolled.get_value() {
                    restore_anchor(&frame, anchor);
                    scrolled.set_value(frame.scroll_top());
                    height.set_value(frame.scroll_height());
                }
            }
        });
        restore_position(talk, &HtmlElement::from(frame), anchor, scrolled);
        let save = move || save_anchor(talk.id, anchor.try_get_value().flatten());
        let handle = window_event_listener_untyped("pagehide", move |_| save());
        on_cleanup(move || {
            handle.remove();
            save();
        });
    });
    on_scroll
}

/// Brings the newest message into view.
pub fn to_bottom(frame: &HtmlElement) {
    frame.set_scroll_top(0);
}

/// Runs `then` whenever the element changes its size, before the change is painted.
fn observe(element: &Element, then: impl Fn() + 'static) {
    let then = Closure::<dyn Fn()>::new(then);
    let Ok(observer) = ResizeObserver::new(then.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let handles = StoredValue::new_local((observer, then));
    on_cleanup(move || {
        handles.try_with_value(|(observer, _)| observer.disconnect());
    });
}

/// Where the reader was before the page was reloaded or another room opened; else where the new begins; else the bottom.
fn restore_position(
    talk: RoomView,
    frame: &HtmlElement,
    anchor: StoredValue<Option<Anchor>>,
    scrolled: StoredValue<i32>,
) {
    if let Some(saved) = load_anchor(talk.id) {
        anchor.set_value(Some(saved));
        talk.at_bottom.set(false);
        let is_loaded = talk.state.with_untracked(|state| state.find(saved.id).is_some());
        let frame = frame.clone();
        // The rows are drawn when the next frame is; then the place can be found.
        let restore = move || {
            request_animation_frame(move || {
                restore_anchor(&frame, saved);
                anchor.try_set_value(Some(saved));
                scrolled.try_set_value(frame.scroll_top());
                // So little may stand below that the place cannot be held yet; it is when there is more.
                if -frame.scroll_top() < NEAR_END {
                    talk.load_newer();
                }
            });
        };
        if is_loaded { restore() } else { talk.load(HistoryPosition::Around(saved.id), restore) }
    } else if let Ok(Some(line)) = frame.query_selector("[data-new]") {
        let above = offset_from_top(&line, frame) - UNREAD_LINE_OFFSET;
        if above < 0 {
            frame.set_scroll_top(frame.scroll_top() + above);
        }
    }
}

/// Puts a message back to where it was.
fn restore_anchor(frame: &HtmlElement, anchor: Anchor) {
    if let Some(message) = document().get_element_by_id(&format!("m-{}", anchor.id)) {
        let moved = offset_from_top(&message, frame) - anchor.top;
        if moved != 0 {
            frame.set_scroll_top(frame.scroll_top() + moved);
        }
    }
}

/// How far below the top of the box something is, in whole pixels.
#[allow(clippy::cast_possible_truncation, reason = "a distance on a screen")]
fn offset_from_top(element: &Element, frame: &HtmlElement) -> i32 {
    (element.get_bounding_client_rect().top() - frame.get_bounding_client_rect().top()).round() as i32
}

/// The first message that reaches into the box.
fn first_visible(frame: &HtmlElement) -> Option<Anchor> {
    let edge = frame.get_bounding_client_rect().top();
    let messages = frame.query_selector_all("article").ok()?;
    let element = |index: u32| messages.get(index).and_then(|node| node.dyn_into::<Element>().ok());
    // Messages stand in order, so the first can be found by halving.
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
    format!("lair.place.{room}")
}

fn save_anchor(room: RoomId, anchor: Option<Anchor>) {
    let Some(storage) = browser::session_storage() else { return };
    // A full storage costs only the place.
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
