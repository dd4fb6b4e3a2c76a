//! Link definitions such as `[1]: https://example.org`.

use super::source::COLON;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};
use std::collections::{BTreeSet, HashSet};

/// Turns every definition into text that nothing refers to, that repeats another, or that leads nowhere: the parser
/// would drop its words.
pub fn keep_used(text: &str, options: Options, leads: impl Fn(&str) -> bool) -> String {
    if !text.contains("]:") {
        return text.to_owned();
    }
    let kept = used(text, options, leads);
    let mut kept_colons = kept.iter().filter_map(|start| text[*start..].find("]:").map(|at| start + at + 1)).peekable();
    let mut starts = kept.iter().peekable();
    let mut edited = String::with_capacity(text.len() + 16);
    let mut copied = 0;
    for (at, _) in text.match_indices("]:") {
        let colon = at + 1;
        while starts.peek().is_some_and(|start| **start < colon) {
            let start = starts.next().copied().unwrap_or_default();
            // A definition cannot follow a line of text, and what stands above it may have become one.
            if text[..start].ends_with('\n') {
                edited.push_str(&text[copied..start]);
                edited.push('\n');
                copied = start;
            }
        }
        edited.push_str(&text[copied..colon]);
        edited.push_str(if kept_colons.next_if_eq(&colon).is_some() { ":" } else { COLON });
        copied = colon + 1;
    }
    edited.push_str(&text[copied..]);
    edited
}

/// Where the definitions begin to which something refers.
fn used(text: &str, options: Options, leads: impl Fn(&str) -> bool) -> BTreeSet<usize> {
    let mut events = Parser::new_ext(text, options).into_offset_iter();
    let mut labels = HashSet::new();
    for (event, _) in events.by_ref() {
        if let Event::Start(
            Tag::Link { link_type: LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut, id, .. }
            | Tag::Image { link_type: LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut, id, .. },
        ) = event
        {
            labels.insert(id);
        }
    }
    let definitions = labels.iter().filter_map(|label| events.reference_definitions().get(label));
    definitions.filter(|definition| leads(&definition.dest)).map(|definition| definition.span.start).collect()
}
