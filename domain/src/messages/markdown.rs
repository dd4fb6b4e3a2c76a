//! Renders Markdown to HTML: once, when the message is written, through the only sanitiser.

use ammonia::Builder;
use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::LazyLock,
};

/// Nesting depth of quotes and lists; deeper ones are flattened to this depth.
const DEPTH: usize = 8;

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
        .allowed_classes(HashMap::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer"))
        .set_tag_attribute_value("a", "target", "_blank")
        // A wide block scrolls sideways, also by keyboard.
        .set_tag_attribute_value("pre", "tabindex", "0");
    builder
});

/// A line with more bars than this disables tables: each short row below would be filled up with that many cells.
const COLUMNS: usize = 24;
/// Maximum HTML length in bytes; a longer message is shown as plain text. The longest messages without markup stay far
/// below.
const HTML_BYTES: usize = 256 * 1024;

/// Renders the HTML of a message.
pub fn render(body: &str) -> String {
    let tables = body.lines().all(|line| line.matches('|').count() <= COLUMNS);
    let options = Options::ENABLE_STRIKETHROUGH | if tables { Options::ENABLE_TABLES } else { Options::empty() };
    let html = write(body.len(), ChatEvents::new(Parser::new_ext(body, options))).unwrap_or_else(|_| {
        let code = CodeBlockKind::Indented;
        let events = [Event::Start(Tag::CodeBlock(code)), Event::Text(body.into()), Event::End(TagEnd::CodeBlock)];
        write(body.len(), events.into_iter()).unwrap_or_default()
    });
    SANITISER.clean(&html).to_string().trim_end().to_owned()
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

/// Markdown as used in chat: a line break is a break, HTML is text, an image becomes a link, a heading becomes strong
/// text, an address becomes a link, and nesting is limited.
struct ChatEvents<'a, I> {
    events: I,
    /// Pending output events of one input event, in reverse order.
    ready: Vec<Event<'a>>,
    depth: usize,
    /// Nesting depth of links and code, in which addresses are not linked.
    verbatim: usize,
}

impl<'a, I: Iterator<Item = Event<'a>>> ChatEvents<'a, I> {
    const fn new(events: I) -> Self {
        Self { events, ready: Vec::new(), depth: 0, verbatim: 0 }
    }

    /// Maps one event; `None` drops it.
    fn map_event(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        Some(match event {
            Event::SoftBreak => Event::HardBreak,
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Heading { .. }) => {
                self.ready.push(Event::Start(Tag::Strong));
                Event::Start(Tag::Paragraph)
            }
            Event::End(TagEnd::Heading(_)) => {
                self.ready.push(Event::End(TagEnd::Paragraph));
                Event::End(TagEnd::Strong)
            }
            Event::Start(Tag::Image { dest_url, title, id, .. }) => {
                self.verbatim += 1;
                Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id })
            }
            Event::End(TagEnd::Image) => {
                self.verbatim -= 1;
                Event::End(TagEnd::Link)
            }
            Event::Start(tag @ (Tag::Link { .. } | Tag::CodeBlock(_))) => {
                self.verbatim += 1;
                Event::Start(tag)
            }
            Event::End(tag @ (TagEnd::Link | TagEnd::CodeBlock)) => {
                self.verbatim -= 1;
                Event::End(tag)
            }
            Event::Start(tag @ (Tag::BlockQuote(_) | Tag::List(_) | Tag::Item)) => {
                self.depth += 1;
                return (self.depth <= DEPTH).then_some(Event::Start(tag));
            }
            Event::End(tag @ (TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item)) => {
                self.depth -= 1;
                return (self.depth < DEPTH).then_some(Event::End(tag));
            }
            Event::Text(text) if self.verbatim == 0 && text.contains("://") => return self.link(&text),
            other => other,
        })
    }

    /// Links the addresses in a text.
    fn link(&mut self, text: &str) -> Option<Event<'a>> {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]);
        let mut events = Vec::new();
        for span in finder.spans(text) {
            let text = || CowStr::from(span.as_str().to_owned());
            let is_web = span.as_str().starts_with("http://") || span.as_str().starts_with("https://");
            if span.kind().is_some() && is_web {
                let (title, id) = (CowStr::Borrowed(""), CowStr::Borrowed(""));
                let link_type = LinkType::Autolink;
                events.push(Event::Start(Tag::Link { link_type, dest_url: text(), title, id }));
                events.push(Event::Text(text()));
                events.push(Event::End(TagEnd::Link));
            } else {
                events.push(Event::Text(text()));
            }
        }
        self.ready.extend(events.into_iter().rev());
        self.ready.pop()
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for ChatEvents<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            let event = self.events.next()?;
            if let Some(event) = self.map_event(event) {
                return Some(event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use proptest::prelude::*;

    #[test]
    fn chat_markdown_renders() {
        for (body, html) in [
            ("hello", "<p>hello</p>"),
            ("one\ntwo", "<p>one<br>\ntwo</p>"),
            ("# Big", "<p><strong>Big</strong></p>"),
            ("**a** _b_ ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>"),
            ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ] {
            assert_eq!(render(body), html, "{body}");
        }
        let link = render("see https://example.org/a?b=1.");
        assert!(link.contains(r#"href="https://example.org/a?b=1""#) && link.ends_with("</a>.</p>"), "{link}");
        assert!(!render("`https://example.org`").contains("href"));
    }

    #[test]
    fn rendered_html_has_no_scripts_or_remote_content() {
        for body in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "![x](https://example.org/track.png)",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](//example.org)",
            "```\n</code></pre><script>alert(1)</script>\n```",
            "<svg><style><img src=x onerror=alert(1)>",
            "<https://example.org/\"onmouseover=\"alert(1)>",
        ] {
            let html = render(body);
            let tree = html.to_lowercase();
            // Remaining tags are text: their `<` is escaped.
            for bad in ["<script", "<img", "<svg", "<style", "<a href=\"javascript", "<a href=\"data", "<a href=\"//"] {
                assert!(!tree.contains(bad), "{body} became {html}");
            }
            for tag in tree.split('<').filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
                assert!(!tag.contains(" on"), "{body} became {html}");
            }
        }
    }

    #[test]
    fn nesting_depth_is_limited() {
        let html = render(&(">".repeat(5000) + " deep"));
        assert!(html.matches("<blockquote>").count() <= super::DEPTH, "{html}");
        assert!(html.contains("deep"));
        let html = render(&"- ".repeat(4000));
        assert!(html.matches("<ul>").count() <= super::DEPTH);
    }

    #[test]
    fn rendered_html_size_is_limited() {
        let wide = format!("{}\n{}\n", "|a".repeat(360), "|-".repeat(360)) + &"a\n".repeat(6000);
        let tall =
            "|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p\n|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-\n".to_owned() + &"a\n".repeat(7500);
        for body in [wide, tall, "|a|b|\n|-|-|\n".repeat(1200), "\"".repeat(16_000), "*a*".repeat(5000)] {
            let html = render(&body);
            assert!(html.len() <= 2 * super::HTML_BYTES, "{} bytes became {}", body.len(), html.len());
            assert!(
                html.contains('a') || html.contains("&quot;") || html.contains('"'),
                "the text is missing from the HTML"
            );
        }
        assert!(render("|a|b|\n|-|-|\n|c|d|").contains("<td>c</td>"), "an ordinary table is rendered");
    }

    proptest! {
        #[test]
        fn rendered_html_survives_the_sanitiser_unchanged(body in ".{0,200}") {
            let html = render(&body);
            let again = super::SANITISER.clean(&html).to_string();
            prop_assert_eq!(again.trim_end(), html.as_str());
        }
    }
}
