//! Buffers events that arrive while a page of history is being fetched. The page may have been read before or after
//! them, so they are applied to it again; an event that the page already reflects changes nothing.

use protocol::event::Event;

/// The events since the oldest pending fetch began.
#[derive(Default)]
pub struct EventBuffer {
    pending: usize,
    events: Vec<Event>,
}

impl EventBuffer {
    /// A fetch begins; pass the returned index to [`Self::end`].
    pub fn begin(&mut self) -> usize {
        self.pending += 1;
        self.events.len()
    }

    /// A fetch ended: returns the events since it began.
    pub fn end(&mut self, start: usize) -> Vec<Event> {
        let events = self.events.get(start..).unwrap_or_default().to_vec();
        self.pending = self.pending.saturating_sub(1);
        if self.pending == 0 {
            self.events.clear();
        }
        events
    }

    /// Records an event if a fetch is pending.
    pub fn push(&mut self, event: &Event) {
        if self.pending > 0 {
            self.events.push(event.clone());
        }
    }
}
