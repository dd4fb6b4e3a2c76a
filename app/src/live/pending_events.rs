//! Events that arrive while a page of history is on its way: the page may have been read before or after them, so they
//! are applied to it again; an event that is already reflected changes nothing.

use protocol::event::Event;

/// The events since the first page that is still on its way was asked for.
#[derive(Default)]
pub struct EventBuffer {
    pending: usize,
    events: Vec<Event>,
}

impl EventBuffer {
    /// A page was asked for; pass the answer to [`Self::end`].
    pub fn begin(&mut self) -> usize {
        self.pending += 1;
        self.events.len()
    }

    /// The page is here: what happened since it was asked for.
    pub fn end(&mut self, start: usize) -> Vec<Event> {
        let events = self.events.get(start..).unwrap_or_default().to_vec();
        self.pending = self.pending.saturating_sub(1);
        if self.pending == 0 {
            self.events.clear();
        }
        events
    }

    /// Something happened.
    pub fn push(&mut self, event: &Event) {
        if self.pending > 0 {
            self.events.push(event.clone());
        }
    }
}
