//! Most messages are a line of words. It needs neither the parser nor the sanitiser.

use protocol::limits::is_blank;

/// The HTML of a line of words, whose marks mean nothing in Markdown or HTML; `None` if there is anything else in it.
pub fn render(line: &str) -> Option<String> {
    let mut before = ' ';
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_word = matches!(rest.peek(), None | Some(' '));
        let is_plain = match c {
            ' ' => before != ' ' && rest.peek().is_some(),
            // After a digit, a dot could make a list; within a word, it could make an address.
            '.' => before.is_alphabetic() && ends_word,
            ',' | '!' | '?' | ';' | '…' => before.is_alphanumeric() && ends_word,
            '\'' | '’' | '-' => before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric()),
            c => c.is_alphanumeric(),
        };
        if !is_plain {
            return None;
        }
        before = c;
    }
    (!is_blank(line)).then(|| format!("<p>{line}</p>"))
}
