//! The window of messages that a browser keeps of a room.

use super::{LOADED, ROOM, event, message, room_state, versions};
use crate::{
    event::Change,
    message::History,
    state::room_state::{MAX_MESSAGES, RoomState},
};
use proptest::prelude::*;

/// What happens to the window of messages that a browser keeps.
#[derive(Clone, Debug)]
enum Step {
    /// So many messages arrive.
    Arrive(i64),
    /// The reader scrolls away from the end, or back to it.
    ReadBack(bool),
    /// Loads the page of this size before or after the range, if there is one, while so many messages arrive.
    Older(i64, i64),
    Newer(i64, i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..200_i64).prop_map(Step::Arrive),
        any::<bool>().prop_map(Step::ReadBack),
        (1..60_i64, 0..200_i64).prop_map(|(size, arrive)| Step::Older(size, arrive)),
        (1..60_i64, 0..200_i64).prop_map(|(size, arrive)| Step::Newer(size, arrive)),
    ]
}

/// A page of history from one message to another, of a room with this many messages.
fn page(from: i64, to: i64, head: i64) -> History {
    let items: Vec<_> = (from.max(1)..=to.min(head)).map(|seq| message(seq, 1)).collect();
    History { items, next_cursor: None, older: from > 1, newer: to < head }
}

proptest! {
    #[test]
    fn the_window_is_contiguous_and_bounded_and_stays_with_the_reader(
        start in 1..400_i64, steps in prop::collection::vec(any_step(), 0..30)
    ) {
        let mut head = start;
        let mut state = RoomState::new(ROOM, page(head - 49, head, head));
        let arrive = |state: &mut RoomState, head: &mut i64, count| {
            for _ in 0..count {
                *head += 1;
                state.apply(&event(Change::MessageCreated(message(*head, 1))));
            }
        };
        for step in steps {
            let shown = versions(&state);
            let (first, last) = (state.messages[0].seq, state.messages[state.messages.len() - 1].seq);
            match step {
                Step::Arrive(count) => arrive(&mut state, &mut head, count),
                Step::ReadBack(back) => state.reading_back = back,
                Step::Older(..) if !state.older => {}
                Step::Newer(..) if !state.newer => {}
                Step::Older(size, count) => {
                    let page = page(first - size, first - 1, head);
                    arrive(&mut state, &mut head, count);
                    state.prepend(page);
                }
                Step::Newer(size, count) => {
                    let page = page(last + 1, last + size, head);
                    let before = head;
                    arrive(&mut state, &mut head, count);
                    state.append(page);
                    // The client applies what arrived while it was loading once more.
                    (before + 1..=head).for_each(|seq| state.apply(&event(Change::MessageCreated(message(seq, 1)))));
                }
            }
            prop_assert!(state.messages.len() <= MAX_MESSAGES);
            prop_assert!(state.messages.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq), "a gap");
            let (first, last) = (state.messages[0].seq, state.messages[state.messages.len() - 1].seq);
            prop_assert_eq!((state.older, state.newer), (first > 1, last < head));
            if state.reading_back && matches!(step, Step::Arrive(_)) {
                prop_assert!(shown.keys().all(|seq| (first..=last).contains(seq)), "what was read is gone");
            }
        }
    }
}

/// First and last seq, their number, and whether there are older and newer ones.
fn window(state: &RoomState) -> (i64, i64, usize, bool, bool) {
    let last = state.messages.len() - 1;
    (state.messages[0].seq, state.messages[last].seq, state.messages.len(), state.older, state.newer)
}

#[test]
fn what_is_far_from_the_reader_leaves_a_full_window() {
    let loaded = |from, to, head| RoomState::new(ROOM, page(from, to, head));
    let created = |seq| event(Change::MessageCreated(message(seq, 1)));
    // At the end, the oldest.
    let mut state = loaded(1, 299, 299);
    state.apply(&created(300));
    assert_eq!(window(&state), (1, 300, 300, false, false));
    state.apply(&created(301));
    assert_eq!(window(&state), (52, 301, 250, true, false));
    // Further back, it is not extended.
    let mut state = RoomState { reading_back: true, ..loaded(1, 299, 299) };
    state.apply(&created(300));
    assert_eq!(window(&state), (1, 300, 300, false, false));
    state.apply(&created(301));
    assert_eq!(window(&state), (1, 300, 300, false, true));
    // With older ones, the newest; with newer ones, the oldest.
    let mut state = loaded(51, 300, 300);
    state.prepend(page(1, 50, 300));
    assert_eq!(window(&state), (1, 300, 300, false, false));
    let mut state = loaded(100, 399, 399);
    state.prepend(page(50, 99, 399));
    assert_eq!(window(&state), (50, 299, 250, true, true));
    state.append(page(300, 349, 399));
    assert_eq!(window(&state), (50, 349, 300, true, true));
    state.append(page(350, 399, 399));
    assert_eq!(window(&state), (150, 399, 250, true, false));
}

#[test]
fn a_range_ends_before_what_is_newer() {
    let state = room_state();
    assert_eq!([LOADED - 1, LOADED, LOADED + 1].map(|seq| state.ends_before(seq)), [false, false, true]);
    let empty = RoomState { messages: Vec::new(), ..state };
    assert_eq!([0, 1].map(|seq| empty.ends_before(seq)), [false, true]);
}
