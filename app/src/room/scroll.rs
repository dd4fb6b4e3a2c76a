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

/// The scroll position of a timeline. Copies share the same state.
#[derive(Clone, Copy)]
pub struct ScrollPosition {
    room_view: RoomView,
    frame: NodeRef<html::Div>,
    /// `None` at the bottom.
    anchor: StoredValue<Option<Anchor>>,
    /// The timeline's scroll position when the anchor was set.
    scrolled: StoredValue<i32>,
    /// Height of the content when the anchor was last in place.
    height: StoredValue<i32>,
}

impl ScrollPosition {
    /// The position of a timeline with this content.
    pub fn new(room_view: RoomView, frame: NodeRef<html::Div>, content: NodeRef<html::Div>) -> Self {
        let (anchor, scrolled, height) = (StoredValue::new(None), StoredValue::new(0), StoredValue::new(0));
        let position = Self { room_view, frame, anchor, scrolled, height };
        Effect::new(move |before: Option<u32>| {
            let version = room_view.live.reset_version.get();
            if before.is_some_and(|before| before != version) {
                room_view.reload(anchor.get_value().map(|anchor| anchor.id));
            }
            version
        });
        Effect::new(move |before: Option<u32>| {
            let count = room_view.scroll_down.get();
            if before.is_some_and(|before| before != count) {
                position.to_bottom();
            }
            count
        });
        Effect::new(move || {
            let (Some(frame), Some(content)) = (frame.get(), content.get()) else { return };
            observe([&frame, &content], move || {
                // Do not interfere while the user is scrolling.
                if position.frame().is_some_and(|frame| frame.scroll_top() == scrolled.get_value()) {
                    position.restore();
                }
            });
            position.restore_saved();
            let save = move || save_anchor(room_view.id, anchor.try_get_value().flatten());
            let handle = window_event_listener_untyped("pagehide", move |_| save());
            on_cleanup(move || {
                handle.remove();
                save();
            });
        });
        position
    }

    fn frame(self) -> Option<HtmlElement> {
        self.frame.get_untracked().map(HtmlElement::from)
    }

    fn to_bottom(self) {
        let Some(frame) = self.frame() else { return };
        self.anchor.set_value(None);
        frame.set_scroll_top(0);
        self.set_in_place(&frame);
        self.room_view.at_bottom.set(true);
        self.room_view.placed.set(true);
    }

    /// Changes the content; what the user is reading stays in its place.
    pub fn keep(self, change: impl FnOnce()) {
        if let Some(frame) = self.frame().filter(|frame| frame.scroll_top() != self.scrolled.get_value()) {
            // The event of the user's scrolling is still to come.
            self.follow(&frame);
        }
        change();
        self.restore();
    }

    /// The user has scrolled.
    pub fn on_scroll(self) {
        let Some(frame) = self.frame() else { return };
        self.follow(&frame);
        let below = -frame.scroll_top();
        let bottom = self.anchor.with_value(Option::is_none);
        if self.room_view.at_bottom.get_untracked() != bottom {
            self.room_view.at_bottom.set(bottom);
        }
        let above = frame.scroll_height() - frame.client_height() - below;
        if above < NEAR_END {
            self.room_view.load_older();
        } else if below < NEAR_END {
            self.room_view.load_newer();
        }
    }

    /// Makes what is in view now the anchor.
    fn follow(self, frame: &HtmlElement) {
        let grown = frame.scroll_height() - self.height.get_value();
        // Content that arrived in the same frame has moved the anchor: restore it, shifted by the distance that the
        // user scrolled. If content went, it was the browser that scrolled.
        if grown != 0
            && let Some(Anchor { id, top }) = self.anchor.get_value()
        {
            let by_user = if grown > 0 { frame.scroll_top() - self.scrolled.get_value() } else { 0 };
            restore_anchor(frame, Anchor { id, top: top - by_user });
        }
        self.set_in_place(frame);
        // The end of the loaded messages is not the bottom: what is loaded next must not move the position.
        let newer = self.room_view.state.with_untracked(|state| state.newer);
        let bottom = -frame.scroll_top() < NEAR_BOTTOM && !newer;
        self.anchor.set_value(if bottom { None } else { first_visible(frame) });
    }

    fn restore(self) {
        if let (Some(frame), Some(anchor)) = (self.frame(), self.anchor.get_value()) {
            restore_anchor(&frame, anchor);
            self.set_in_place(&frame);
        }
    }

    fn set_in_place(self, frame: &HtmlElement) {
        self.scrolled.set_value(frame.scroll_top());
        self.height.set_value(frame.scroll_height());
    }

    /// Restores the position from before a reload or a room switch; else scrolls to the unread line; else to the bottom.
    fn restore_saved(self) {
        let (room_view, Some(frame)) = (self.room_view, self.frame()) else { return };
        if let Some(saved) = load_anchor(room_view.id) {
            self.anchor.set_value(Some(saved));
            room_view.at_bottom.set(false);
            let is_loaded = room_view.state.with_untracked(|state| state.find(saved.id).is_some());
            // The rows are rendered by the next frame; only then can the anchor be found.
            let restore = move || {
                request_animation_frame(move || {
                    if self.anchor.try_set_value(Some(saved)).is_some() {
                        return;
                    }
                    self.restore();
                    room_view.placed.set(true);
                    // There may be too little content below to keep the anchor in place yet; loading more fixes that.
                    if -frame.scroll_top() < NEAR_END {
                        room_view.load_newer();
                    }
                });
            };
            if is_loaded {
                restore();
            } else {
                room_view.load(HistoryPosition::Around(saved.id), restore);
            }
            return;
        }
        if let Ok(Some(line)) = frame.query_selector(".unread-divider") {
            let above = offset_from_top(&line, &frame) - UNREAD_LINE_OFFSET;
            if above < 0 {
                frame.set_scroll_top(frame.scroll_top() + above);
            }
        }
        self.on_scroll();
        room_view.placed.set(true);
    }
}

/// Scrolls down to the unread line, if it is below what is in view.
pub fn to_unread_line() -> bool {
    let find = |selector| document().query_selector(selector).ok().flatten();
    let (Some(frame), Some(line)) = (find(".timeline"), find(".timeline .unread-divider")) else { return false };
    let Ok(frame) = frame.dyn_into::<HtmlElement>() else { return false };
    let top = offset_from_top(&line, &frame);
    if top > frame.client_height() {
        frame.set_scroll_top(frame.scroll_top() + top - UNREAD_LINE_OFFSET);
        return true;
    }
    false
}

/// Runs `then` whenever one of the elements is resized, before the change is painted.
fn observe(elements: [&Element; 2], then: impl Fn() + 'static) {
    let then = Closure::<dyn Fn()>::new(then);
    let Ok(observer) = ResizeObserver::new(then.as_ref().unchecked_ref()) else { return };
    for element in elements {
        observer.observe(element);
    }
    let handles = StoredValue::new_local((observer, then));
    on_cleanup(move || {
        handles.try_with_value(|(observer, _)| observer.disconnect());
    });
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

/// The first message whose beginning is visible: one above may change its height, as the first of a group does when an
/// older message joins it. If there is none, the message that fills the timeline.
fn first_visible(frame: &HtmlElement) -> Option<Anchor> {
    let visible = frame.get_bounding_client_rect();
    let messages = frame.query_selector_all("article").ok()?;
    let element = |index: u32| messages.get(index).and_then(|node| node.dyn_into::<Element>().ok());
    // Messages are sorted by position, so binary search works.
    let (mut low, mut high) = (0_u32, messages.length());
    while low < high {
        let middle = low.midpoint(high);
        if element(middle)?.get_bounding_client_rect().top() >= visible.top() {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let begins = element(low).filter(|first| first.get_bounding_client_rect().top() < visible.bottom());
    let first = begins.or_else(|| element(low.checked_sub(1)?))?;
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
