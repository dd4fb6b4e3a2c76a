//! Prepares the source of a message for the Markdown parser: what Markdown must not take apart is replaced by marks
//! that the parser takes for letters, and put back into what it returns.

use super::{
    address::{self, Address, Finder},
    cjk,
};

/// Encloses the number of a span that was taken out. All marks are noncharacters, which no text contains.
const OPEN: char = '\u{FDD0}';
const CLOSE: char = '\u{FDD1}';
/// Stands between emphasis and a full-width mark, which would otherwise hide the emphasis from the parser.
const JOINER: char = '\u{FDD2}';
/// Stands for a `<`: HTML is text.
const LESS: char = '\u{FDD3}';
/// Stands for the `:` of a link definition that is text.
pub(super) const COLON: &str = "\u{FDD4}";

/// A source in which spans are replaced by marks.
pub struct Source {
    /// The source for the parser.
    pub text: String,
    spans: Vec<Span>,
}

/// A span that Markdown must not take apart.
pub struct Span {
    text: String,
    address: Option<Address>,
}

impl Span {
    /// The address, where it is shown as text.
    pub fn label(&self) -> String {
        address::unescape(&self.text)
    }

    /// What a link to the address refers to.
    pub fn href(&self) -> &str {
        self.address.as_ref().map_or("", |address| &address.href)
    }
}

/// A part of a text that the parser returned.
pub enum Piece<'s> {
    /// Text as it was written.
    Text(String),
    /// An address.
    Address(&'s Span),
}

/// The square brackets read so far.
#[derive(Default)]
struct Labels {
    open: usize,
    /// Whether the last `]` had its `[`.
    closed: bool,
}

impl Labels {
    const fn read(&mut self, c: char) {
        if c == '[' {
            self.open += 1;
        } else if c == ']' {
            self.closed = self.open > 0;
            self.open = self.open.saturating_sub(1);
        }
    }
}

impl Source {
    /// Replaces what Markdown must not take apart.
    pub fn new(body: &str, bar_ends: bool) -> Self {
        let mut source = Self { text: String::with_capacity(body.len() + body.len() / 4), spans: Vec::new() };
        let mut finder = Finder::new(body, bar_ends);
        let last_paren = body.rfind(')').unwrap_or_default();
        let mut labels = Labels::default();
        let mut at = 0;
        while let Some(c) = body[at..].chars().next() {
            let destination = labels.closed && at < last_paren && body[..at].ends_with("](");
            labels.read(c);
            at = match c {
                'h' | 'H' | 'w' | 'W' | '@' if !destination => match finder.find_at(at) {
                    Some(address) => {
                        // The part of an email address before the `@` was copied already.
                        source.text.truncate(source.text.len() - (at - address.range.start));
                        let end = address.range.end;
                        source.take(&body[address.range.clone()], Some(address));
                        end
                    }
                    None => source.copy_word(body, at, c),
                },
                '<' => match autolink_len(&body[at..]) {
                    Some(len) => {
                        source.text.push_str(&body[at..at + len]);
                        at + len
                    }
                    None if destination || body[..at].trim_end_matches(' ').ends_with("]:") => source.copy(c, at),
                    None => {
                        source.text.push(LESS);
                        at + 1
                    }
                },
                '*' | '~' => source.copy_run(body, at, c),
                '\u{FDD0}'..='\u{FDEF}' => {
                    source.text.push(char::REPLACEMENT_CHARACTER);
                    at + c.len_utf8()
                }
                '&' if is_reference_to_mark(&body[at..]) => {
                    source.text.push('&');
                    source.text.push(JOINER);
                    at + 1
                }
                '\\' | '.' | '%' | 'A'..='Z' | 'a'..='z' => source.copy_word(body, at, c),
                _ => source.copy(c, at),
            };
        }
        source
    }

    fn copy(&mut self, c: char, at: usize) -> usize {
        self.text.push(c);
        at + c.len_utf8()
    }

    /// Copies a letter, an escaped mark, or a path of Windows.
    fn copy_word(&mut self, body: &str, at: usize, c: char) -> usize {
        if let Some(end) = windows_path_end(body, at) {
            self.take(&body[at..end], None);
            return end;
        }
        let next = self.copy(c, at);
        let escaped = body[next..].chars().next().filter(|next| c == '\\' && next.is_ascii_punctuation());
        escaped.map_or(next, |escaped| self.copy(escaped, next))
    }

    fn take(&mut self, text: &str, address: Option<Address>) {
        self.text.push(OPEN);
        self.text.push_str(&self.spans.len().to_string());
        self.text.push(CLOSE);
        self.spans.push(Span { text: text.to_owned(), address });
    }

    /// Copies a run of `*` or `~`.
    fn copy_run(&mut self, body: &str, at: usize, c: char) -> usize {
        let end = body.len() - body[at..].trim_start_matches(c).len();
        let (before, after) = cjk::joiners(body[..at].chars().next_back(), body[end..].chars().next());
        if before {
            self.text.push(JOINER);
        }
        self.text.push_str(&body[at..end]);
        if after {
            self.text.push(JOINER);
        }
        end
    }

    /// Puts back what was replaced.
    pub fn pieces(&self, text: &str) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(|c| (OPEN..='\u{FDD4}').contains(&c)) {
            plain.push_str(&rest[..at]);
            let mark = rest[at..].chars().next().unwrap_or(JOINER);
            rest = &rest[at + mark.len_utf8()..];
            match mark {
                OPEN => {
                    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                    let number = rest[..digits].parse::<usize>().ok();
                    let Some(span) = number.and_then(|number| self.spans.get(number)) else { continue };
                    rest = &rest[digits..];
                    if span.address.is_none() {
                        plain.push_str(&span.text);
                    } else {
                        if !plain.is_empty() {
                            pieces.push(Piece::Text(std::mem::take(&mut plain)));
                        }
                        pieces.push(Piece::Address(span));
                    }
                }
                LESS => plain.push('<'),
                '\u{FDD4}' => plain.push(':'),
                _ => {}
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        pieces
    }

    /// Puts back what was replaced, where an address is text.
    pub fn plain(&self, marked: &str) -> String {
        let text = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Address(span) => span.text.clone(),
        };
        self.pieces(marked).into_iter().map(text).collect()
    }
}

/// Whether a text begins with a character reference to a mark.
fn is_reference_to_mark(text: &str) -> bool {
    let number =
        text.strip_prefix("&#").and_then(|rest| rest.get(..rest.bytes().take(9).position(|byte| byte == b';')?));
    let code = number.and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    code.is_some_and(|code| (0xFDD0..=0xFDEF).contains(&code))
}

/// The length of an address in angle brackets. Only what becomes a link counts: `<xsl:if>` is text.
fn autolink_len(text: &str) -> Option<usize> {
    let inner = &text[1..];
    let end =
        inner.find(|c: char| c.is_whitespace() || c == '<' || c == '>').filter(|end| inner[*end..].starts_with('>'))?;
    let inner = &inner[..end];
    let is_link = ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| inner.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)));
    (is_link || address::find_all(inner).iter().any(|found| found.range == (0..end))).then_some(end + 2)
}

/// The end of a path of Windows, in which a backslash escapes nothing.
fn windows_path_end(body: &str, at: usize) -> Option<usize> {
    let before = body[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || "\\/.%".contains(c)) || !begins_path(&body[at..]) {
        return None;
    }
    let word_end = |at: usize| {
        body[at..].find(|c: char| c.is_whitespace() || "`\"<>|".contains(c)).map_or(body.len(), |len| at + len)
    };
    let mut end = word_end(at);
    // Names of folders contain spaces: the path goes on if a backslash follows within the next words.
    'path: loop {
        let mut next = end;
        for _ in 0..3 {
            if !body[next..].starts_with(' ') || body[..next].ends_with([',', ';', ':', '.', '!', '?']) {
                break 'path;
            }
            let word = &body[next + 1..word_end(next + 1)];
            next += 1 + word.len();
            if word.contains(':') || word.starts_with('\\') || begins_path(word) {
                break 'path;
            }
            if word.contains('\\') {
                end = next;
                continue 'path;
            }
        }
        break;
    }
    let path = &body[at..end];
    let path = path.trim_end_matches(|c| {
        "*~.,;:!?']}".contains(c) || c == '_' && before == Some('_') || c == ')' && !path.contains('(')
    });
    Some(at + path.len())
}

/// Whether a text begins as a path does: with a drive, a server, this or the upper folder, or a variable.
fn begins_path(text: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'\\') => {
            text[1..].strip_prefix('\\').is_some_and(|rest| rest.starts_with(|c| is_name(c) || c == '?' || c == '.'))
        }
        Some(b'.') => text.trim_start_matches('.').strip_prefix('\\').is_some_and(|rest| rest.starts_with(is_name)),
        Some(b'%') => {
            let name = text[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_()".contains(c));
            name.starts_with("%\\")
        }
        Some(letter) if letter.is_ascii_alphabetic() => {
            bytes.get(1..3) == Some(b":\\") && bytes.get(3).is_some_and(|next| !next.is_ascii_whitespace())
        }
        _ => false,
    }
}
