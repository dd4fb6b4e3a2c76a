//! Lines of room activity: what they say, and which consecutive ones are folded into one.

use protocol::message::{Message, MessageKind};

/// So many names are written out; more are counted.
const NAMES: usize = 3;

/// Whether the line after another one is folded into it: many users join or leave, or are added or removed by one.
pub fn folds(before: &Message, after: &Message) -> bool {
    before.kind == after.kind
        && match after.kind {
            MessageKind::Joined | MessageKind::Left => true,
            MessageKind::Added | MessageKind::Removed => before.author.id == after.author.id,
            _ => false,
        }
}

/// What the lines that are folded into one say.
pub fn text(lines: &[&Message]) -> String {
    let Some(first) = lines.first() else { return String::new() };
    let (actor, body) = (&first.author.display_name, &first.body);
    let subjects = || names(lines.iter().filter_map(|line| line.subject.as_ref()).map(|user| &*user.display_name));
    match first.kind {
        MessageKind::Text => String::new(),
        MessageKind::Joined => format!("{} joined", actors(lines)),
        MessageKind::Left => format!("{} left", actors(lines)),
        MessageKind::Added => format!("{actor} added {}", subjects()),
        MessageKind::Removed => format!("{actor} removed {}", subjects()),
        MessageKind::Renamed => format!("{actor} renamed the room to “{body}”"),
        MessageKind::Topic if body.is_empty() => format!("{actor} removed the topic"),
        MessageKind::Topic => format!("{actor} changed the topic to “{body}”"),
        MessageKind::Pinned => format!("{actor} pinned a message"),
        MessageKind::Transferred => format!("{actor} made {} the owner", subjects()),
        MessageKind::Archived => format!("{actor} archived the room"),
        MessageKind::Restored => format!("{actor} restored the room"),
    }
}

fn actors(lines: &[&Message]) -> String {
    names(lines.iter().map(|line| &*line.author.display_name))
}

/// "Ada", "Ada and Bo", "Ada, Bo and Cy", "Ada, Bo and 3 others".
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    match distinct.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] if distinct.len() <= NAMES => format!("{} and {last}", first.join(", ")),
        [one, two, others @ ..] => format!("{one}, {two} and {} others", others.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{folds, text};
    use protocol::message::Message;

    fn line(kind: &str, author: &str, subject: Option<&str>) -> Message {
        let id = |name: &str| format!("01890000-0000-7000-8000-0000000000{:02x}", name.len());
        let user = |name: &str| serde_json::json!({ "id": id(name), "username": "x", "display_name": name, "avatar_url": null });
        serde_json::from_value(serde_json::json!({
            "id": id(""), "room_id": id(""), "seq": 1, "kind": kind, "body": "Tea", "html": "", "client_id": "c",
            "author": user(author), "subject": subject.map(user), "sent_at": "2026-11-19T09:02:03.004Z", "version": 1,
        }))
        .unwrap()
    }

    fn text_of(lines: &[Message]) -> String {
        text(&lines.iter().collect::<Vec<_>>())
    }

    #[test]
    fn many_lines_of_a_kind_are_one_sentence() {
        let joined = |names: &[&str]| text_of(&names.iter().map(|name| line("joined", name, None)).collect::<Vec<_>>());
        assert_eq!(joined(&["Ada"]), "Ada joined");
        assert_eq!(joined(&["Ada", "Bo", "Ada"]), "Ada and Bo joined");
        assert_eq!(joined(&["Ada", "Bo", "Cyra"]), "Ada, Bo and Cyra joined");
        assert_eq!(joined(&["Ada", "Bo", "Cyra", "Damon", "Edward"]), "Ada, Bo and 3 others joined");
        let added = [line("added", "Ada", Some("Bo")), line("added", "Ada", Some("Cyra"))];
        assert_eq!(text_of(&added), "Ada added Bo and Cyra");
        assert_eq!(text_of(&[line("topic", "Ada", None)]), "Ada changed the topic to “Tea”");
        assert_eq!(text_of(&[line("transferred", "Ada", Some("Bo"))]), "Ada made Bo the owner");
    }

    #[test]
    fn only_lines_that_make_one_sentence_are_folded() {
        let folded =
            |one: (&str, &str), other: (&str, &str)| folds(&line(one.0, one.1, None), &line(other.0, other.1, None));
        assert!(folded(("joined", "Ada"), ("joined", "Bo")) && folded(("left", "Ada"), ("left", "Bo")));
        assert!(folded(("added", "Ada"), ("added", "Ada")) && !folded(("added", "Ada"), ("added", "Bo")));
        assert!(!folded(("joined", "Ada"), ("left", "Ada")) && !folded(("topic", "Ada"), ("topic", "Ada")));
    }
}
