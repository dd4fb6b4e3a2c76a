//! Renders Markdown to HTML: once, when the message is written, through the only sanitiser.

mod address;
mod cjk;
mod definitions;
mod events;
mod links;
mod plain;
mod source;

use self::{events::ChatEvents, source::Source};
use ammonia::Builder;
use protocol::limits::is_blank;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::LazyLock,
};

/// Classes of table cells, by the alignment of their column.
const ALIGNMENTS: [&str; 3] = ["align-left", "align-center", "align-right"];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .allowed_classes(HashMap::from(["th", "td"].map(|cell| (cell, HashSet::from(ALIGNMENTS)))))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer"))
        .set_tag_attribute_value("a", "target", "_blank")
        // Markers and bars stand on the side where the text begins.
        .set_tag_attribute_value("ul", "dir", "auto")
        .set_tag_attribute_value("ol", "dir", "auto")
        .set_tag_attribute_value("li", "dir", "auto")
        .set_tag_attribute_value("blockquote", "dir", "auto")
        .set_tag_attribute_value("table", "dir", "auto")
        // A wide block scrolls sideways, also by keyboard.
        .set_tag_attribute_value("pre", "tabindex", "0");
    builder
});

/// A line with more bars than this disables tables: each short row below would be filled up with that many cells.
const COLUMNS: usize = 24;
/// Maximum HTML length in bytes; a longer message is shown as plain text. The longest messages without markup stay far
/// below.
const HTML_BYTES: usize = 256 * 1024;

/// Renders the HTML of a message; none if it consists of blanks that are written as character references.
pub fn render(body: &str) -> Option<String> {
    plain::render(body).or_else(|| render_markdown(body))
}

fn render_markdown(body: &str) -> Option<String> {
    let (source, text, options) = prepare(body);
    let mut events = ChatEvents::new(Parser::new_ext(&text, options).into_offset_iter(), &source, &text);
    let html = match write(body.len(), &mut events) {
        Ok(html) if events.visible => html,
        Ok(_) if is_blank(&without_references(body)) => return None,
        // What was written is shown, if the rendering shows nothing.
        Ok(_) => write(body.len(), lines(body)).unwrap_or_default(),
        Err(_) => {
            let code = Tag::CodeBlock(CodeBlockKind::Indented);
            let events = [Event::Start(code), Event::Text(body.into()), Event::End(TagEnd::CodeBlock)];
            write(body.len(), events.into_iter()).unwrap_or_default()
        }
    };
    Some(SANITISER.clean(&html).to_string().trim_end().to_owned())
}

/// The source, the text that the parser reads in its place, and how.
fn prepare(body: &str) -> (Source, String, Options) {
    let tables = body.lines().all(|line| line.matches('|').count() <= COLUMNS);
    let options = Options::ENABLE_STRIKETHROUGH | if tables { Options::ENABLE_TABLES } else { Options::empty() };
    let source = Source::new(body, tables && body.lines().any(separates_columns));
    let leads = |destination: &str| links::href(&source.plain(destination)).is_some();
    let text = definitions::keep_used(&source.text, options, leads);
    (source, text, options)
}

/// Whether a line can be the one below the head of a table.
fn separates_columns(line: &str) -> bool {
    line.contains('|') && line.contains('-') && line.chars().all(|c| c.is_whitespace() || "|-:>".contains(c))
}

fn without_references(text: &str) -> String {
    let mut parts = text.split('&');
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
        rest.push_str(name.strip_prefix(';').unwrap_or(part));
    }
    rest
}

/// A paragraph of lines without markup.
fn lines(text: &str) -> impl Iterator<Item = Event<'_>> {
    let lines = text.trim().lines().enumerate().flat_map(|(number, line)| {
        let line_break = (number > 0).then_some(Event::HardBreak);
        line_break.into_iter().chain([Event::Text(line.into())])
    });
    [Event::Start(Tag::Paragraph)].into_iter().chain(lines).chain([Event::End(TagEnd::Paragraph)])
}

/// Writes HTML; fails when it becomes too long.
fn write<'a>(body: usize, events: impl Iterator<Item = Event<'a>>) -> Result<String, fmt::Error> {
    let mut html = Limited(String::with_capacity(body * 3 / 2 + 16));
    html::write_html_fmt(&mut html, events)?;
    Ok(html.0)
}

struct Limited(String);

impl fmt::Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > HTML_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
