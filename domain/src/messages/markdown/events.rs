//! Maps what the Markdown parser found to what a chat shows.

use super::{
    address, links,
    source::{Piece, Source},
};
use protocol::limits::is_blank;
use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd};
use std::{collections::VecDeque, ops::Range};

/// Nesting depth of quotes and lists; deeper ones are flattened to this depth.
pub(super) const DEPTH: usize = 8;

/// Markdown as used in chat: a line break is a break, HTML is text, an image becomes a link, a heading becomes strong
/// text, an address becomes a link, nesting is limited, and no word is dropped.
pub struct ChatEvents<'a, I> {
    events: I,
    source: &'a Source,
    /// What the parser read.
    text: &'a str,
    /// Output events that are not yet taken.
    ready: VecDeque<Event<'a>>,
    depth: usize,
    link: Option<Link>,
    /// What stands behind the labels that are being read, from the outermost to the innermost.
    labels: Vec<Behind>,
    code: Option<Code>,
    table: Table,
    /// What is open of the heading that is being read.
    heading: Option<Heading>,
    /// Where a paragraph ends that the next line continues, if it follows directly.
    open_paragraph: Option<usize>,
    /// Whether there is something to see.
    pub visible: bool,
}

/// A link that is being read.
struct Link {
    label: String,
    href: String,
    /// The destination as it was written.
    written: String,
}

/// What stands behind the label of a link or an image.
enum Behind {
    EndOfLink,
    /// The destination as it was written: it leads nowhere, or the label stands within a link.
    Text(String),
}

/// A code block that is being read.
struct Code {
    /// What stands behind the opening fence.
    info: String,
    empty: bool,
}

#[derive(PartialEq, Eq)]
enum Heading {
    /// Begins with `#`, and is still empty or not.
    Marked { empty: bool },
    /// A text above a line of `=` or `-`.
    Underlined,
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    columns: Vec<Alignment>,
    head: bool,
    column: usize,
    /// Where the last cell ended.
    cell_end: usize,
}

impl<'a, I: Iterator<Item = (Event<'a>, Range<usize>)>> ChatEvents<'a, I> {
    /// Maps the events of a parser that reads this text, which was prepared as this source.
    pub fn new(events: I, source: &'a Source, text: &'a str) -> Self {
        Self {
            events,
            source,
            text,
            ready: VecDeque::new(),
            depth: 0,
            link: None,
            labels: Vec::new(),
            code: None,
            table: Table::default(),
            heading: None,
            open_paragraph: None,
            visible: false,
        }
    }

    fn map_event(&mut self, event: Event<'a>, range: Range<usize>) {
        if let Some(end) = self.open_paragraph.take() {
            let continues = matches!(event, Event::Start(Tag::Paragraph)) && range.start == end;
            if continues || self.is_underlined(&event, &range) && range.start == end {
                self.ready.push_back(Event::HardBreak);
                if !continues {
                    self.heading = Some(Heading::Underlined);
                }
                return;
            }
            self.ready.push_back(Event::End(TagEnd::Paragraph));
        }
        if let Some(Heading::Marked { empty }) = &mut self.heading {
            *empty &= matches!(event, Event::End(TagEnd::Heading(_)));
        }
        match event {
            Event::SoftBreak | Event::HardBreak => {
                self.add_to_label(" ");
                self.ready.push_back(Event::HardBreak);
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) => {
                let code = self.source.plain(&code);
                self.add_to_label(&code);
                self.see(&code);
                self.ready.push_back(Event::Code(code.into()));
            }
            Event::Rule => {
                self.visible = true;
                self.ready.push_back(Event::Rule);
            }
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(tag, &range),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::HtmlBlock => self.ready.push_back(Event::Start(Tag::Paragraph)),
            Tag::Heading { .. } => {
                self.ready.push_back(Event::Start(Tag::Paragraph));
                if self.text[range.clone()].starts_with('#') {
                    self.heading = Some(Heading::Marked { empty: true });
                    self.ready.push_back(Event::Start(Tag::Strong));
                } else {
                    self.heading = Some(Heading::Underlined);
                }
            }
            Tag::Image { dest_url, .. } => self.start_link("![", &dest_url, true),
            Tag::Link { link_type, dest_url, .. } => {
                let prefix = if link_type == LinkType::Email { "mailto:" } else { "" };
                self.start_link("[", &format!("{prefix}{dest_url}"), false);
            }
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => self.source.plain(&info),
                    CodeBlockKind::Indented => String::new(),
                };
                self.ready.push_back(Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)));
                self.code = Some(Code { info: String::new(), empty: true });
                // One word names the language; more are words of the writer.
                if info.trim().contains(char::is_whitespace) {
                    self.text(&format!("{info}\n"));
                } else if let Some(code) = &mut self.code {
                    code.info = info;
                }
            }
            Tag::BlockQuote(_) | Tag::List(_) | Tag::Item => {
                self.depth += 1;
                if self.depth <= DEPTH {
                    self.ready.push_back(Event::Start(tag));
                }
            }
            Tag::Table(columns) => {
                self.table = Table { columns, ..Table::default() };
                self.ready.push_back(Event::Start(Tag::Table(Vec::new())));
            }
            Tag::TableHead | Tag::TableRow => {
                self.table.head = tag == Tag::TableHead;
                self.table.column = 0;
                self.table.cell_end = range.start;
                self.ready.push_back(Event::Start(tag));
            }
            Tag::TableCell => self.ready.push_back(self.table.start_cell()),
            other => self.ready.push_back(Event::Start(other)),
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::HtmlBlock => self.ready.push_back(Event::End(TagEnd::Paragraph)),
            TagEnd::Heading(_) => self.end_heading(range),
            TagEnd::Image | TagEnd::Link => self.end_link(),
            TagEnd::CodeBlock => {
                let info = self.code.as_mut().filter(|code| code.empty).map(|code| std::mem::take(&mut code.info));
                self.text(&info.unwrap_or_default());
                self.code = None;
                self.ready.push_back(Event::End(tag));
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => {
                self.depth -= 1;
                if self.depth < DEPTH {
                    self.ready.push_back(Event::End(tag));
                }
            }
            TagEnd::TableCell => {
                self.table.cell_end = range.end;
                self.ready.push_back(self.table.end_cell());
            }
            TagEnd::TableRow => {
                // Cells beyond the last column.
                let rest = self.text.get(self.table.cell_end..range.end).unwrap_or_default();
                let rest = rest.trim().trim_matches('|').trim();
                if !rest.is_empty() {
                    self.ready.push_back(self.table.start_cell());
                    self.text(rest);
                    self.ready.push_back(self.table.end_cell());
                }
                self.ready.push_back(Event::End(tag));
            }
            other => self.ready.push_back(Event::End(other)),
        }
    }

    fn is_underlined(&self, event: &Event, range: &Range<usize>) -> bool {
        matches!(event, Event::Start(Tag::Heading { .. })) && !self.text[range.clone()].starts_with('#')
    }

    fn end_heading(&mut self, range: &Range<usize>) {
        let written = self.text[range.clone()].trim_end();
        match self.heading.take() {
            Some(Heading::Underlined) => {
                let line = written.rsplit('\n').next().unwrap_or_default();
                let line = line.trim_start_matches(|c| c != '-' && c != '=').trim_end();
                if line.starts_with("---") {
                    self.visible = true;
                    self.ready.extend([Event::End(TagEnd::Paragraph), Event::Rule]);
                } else {
                    self.ready.push_back(Event::HardBreak);
                    self.text(line);
                    self.open_paragraph = Some(range.end);
                }
            }
            heading => {
                if heading == Some(Heading::Marked { empty: true }) {
                    self.text(written);
                }
                self.ready.extend([Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]);
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.empty &= text.is_empty();
            let text = self.source.plain(text);
            return self.push_text(text);
        }
        let source = self.source;
        for piece in source.pieces(text) {
            match piece {
                Piece::Text(text) if self.link.is_none() && text.contains("://") => self.link_all(&text),
                Piece::Text(text) => self.push_text(text),
                Piece::Address(span) if self.link.is_some() => self.push_text(span.label()),
                Piece::Address(span) => self.push_link(&span.label(), span.href()),
            }
        }
    }

    fn push_text(&mut self, text: String) {
        self.add_to_label(&text);
        self.see(&text);
        self.ready.push_back(Event::Text(text.into()));
    }

    fn see(&mut self, text: &str) {
        self.visible |= !is_blank(text);
    }

    fn add_to_label(&mut self, text: &str) {
        if let Some(link) = &mut self.link {
            link.label.push_str(text);
        }
    }

    /// Links the addresses in what could have been the destination of a link, and is text.
    fn link_all(&mut self, text: &str) {
        let mut copied = 0;
        for address in address::find_all(text) {
            self.push_text(text[copied..address.range.start].to_owned());
            self.push_link(&address::unescape(&text[address.range.clone()]), &address.href);
            copied = address.range.end;
        }
        self.push_text(text[copied..].to_owned());
    }

    fn push_link(&mut self, label: &str, href: &str) {
        self.ready.push_back(link_start(href));
        self.push_text(label.to_owned());
        self.push_end_of_link(label, href);
    }

    fn push_end_of_link(&mut self, label: &str, href: &str) {
        self.ready.push_back(Event::End(TagEnd::Link));
        if let Some(host) = links::true_host(label, href) {
            self.push_text(format!(" ({host})"));
        }
    }

    fn start_link(&mut self, opening: &str, destination: &str, image: bool) {
        // The picture on a badge: the link leads further than the picture.
        if image && self.link.is_some() {
            self.labels.push(Behind::Text(String::new()));
            return;
        }
        let written = self.source.plain(destination);
        let behind = match links::href(&written) {
            Some(href) if self.link.is_none() => {
                self.ready.push_back(link_start(&href));
                self.link = Some(Link { label: String::new(), href, written });
                Behind::EndOfLink
            }
            _ => {
                self.push_text(opening.to_owned());
                Behind::Text(format!("]({written})"))
            }
        };
        self.labels.push(behind);
    }

    fn end_link(&mut self) {
        match self.labels.pop() {
            Some(Behind::Text(text)) if !text.is_empty() => self.push_text(text),
            Some(Behind::EndOfLink) => {
                if let Some(Link { label, href, written }) = self.link.take() {
                    if is_blank(&label) {
                        self.push_text(written);
                    }
                    self.push_end_of_link(&label, &href);
                }
            }
            _ => {}
        }
    }
}

impl Table {
    fn start_cell(&self) -> Event<'static> {
        let class = match self.columns.get(self.column) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            _ => "",
        };
        Event::InlineHtml(format!("<{}{class}>", self.tag()).into())
    }

    fn end_cell(&mut self) -> Event<'static> {
        self.column += 1;
        Event::InlineHtml(format!("</{}>", self.tag()).into())
    }

    const fn tag(&self) -> &'static str {
        if self.head { "th" } else { "td" }
    }
}

fn link_start(href: &str) -> Event<'static> {
    // The HTML writer would encode the brackets of an IPv6 address.
    if href.contains('[') {
        let href = href.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
        return Event::InlineHtml(format!("<a href=\"{href}\">").into());
    }
    let (title, id) = (CowStr::Borrowed(""), CowStr::Borrowed(""));
    Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: href.to_owned().into(), title, id })
}

impl<'a, I: Iterator<Item = (Event<'a>, Range<usize>)>> Iterator for ChatEvents<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        while self.ready.is_empty() {
            match self.events.next() {
                Some((event, range)) => self.map_event(event, range),
                None => return self.open_paragraph.take().map(|_| Event::End(TagEnd::Paragraph)),
            }
        }
        self.ready.pop_front()
    }
}
