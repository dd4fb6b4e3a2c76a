//! What holds for every message: its HTML is bounded, safe and complete.

use super::{
    super::{
        ChatEvents, Event, HTML_BYTES, Options, Parser, SANITISER, Source, Tag, TagEnd, events, plain, prepare,
        render_markdown,
    },
    render,
};
use proptest::prelude::*;

#[test]
fn no_message_is_taken_apart_without_bound() {
    for unit in [
        "[",
        "*",
        "(",
        "<",
        "http://",
        "www.a.b ",
        "a@b.cc ",
        "[a]: b\n",
        "[a]: http://b\n[a]\n",
        "![a",
        "![a](x)",
        "**「",
        "`",
        "C:\\a ",
        "a\n-\n",
        "|a|\n|-|\n",
        "&nbsp;",
        "~~a",
        "> ",
        "_a __b ",
        "#\n",
        "```a b\n",
        "[![a](b)](http://c)",
    ] {
        let body = unit.repeat(16_000 / unit.len());
        let source = Source::new(&body, false);
        assert!(source.text.len() <= 8 * body.len(), "{unit}: the parser reads {}", source.text.len());
        let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
        let parser = Parser::new_ext(&source.text, options).into_offset_iter();
        let events = ChatEvents::new(parser, &source, &source.text).count();
        assert!(events <= 4 * body.len(), "{unit}: {events} events");
        assert!(render(&body).len() <= 2 * HTML_BYTES, "{unit}");
    }
}

#[test]
fn nesting_depth_is_limited() {
    let html = render(&(">".repeat(5000) + " deep"));
    assert!(html.matches("<blockquote").count() <= events::DEPTH, "{html}");
    assert!(html.contains("deep"));
    let html = render(&"- ".repeat(4000));
    assert!(html.matches("<ul").count() <= events::DEPTH);
}

#[test]
fn rendered_html_size_is_limited() {
    let wide = format!("{}\n{}\n", "|a".repeat(360), "|-".repeat(360)) + &"a\n".repeat(6000);
    let tall = "|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p\n|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-\n".to_owned() + &"a\n".repeat(7500);
    for body in [wide, tall, "|a|b|\n|-|-|\n".repeat(1200), "\"".repeat(16_000), "*a*".repeat(5000)] {
        let html = render(&body);
        assert!(html.len() <= 2 * HTML_BYTES, "{} bytes became {}", body.len(), html.len());
        assert!(
            html.contains('a') || html.contains("&quot;") || html.contains('"'),
            "the text is missing from the HTML"
        );
    }
    assert!(render("|a|b|\n|-|-|\n|c|d|").contains("<td>c</td>"), "an ordinary table is rendered");
}

/// What stands between the words: markup that takes words away in Markdown, but no titles and no languages of code.
const MARKUP: &[&str] = &[
    " ",
    "\n",
    "\n\n",
    "[",
    "] ",
    "]: ",
    "]:",
    "](",
    "](http://",
    "](www.",
    ") ",
    "![",
    " <",
    "</",
    "> ",
    "\n> ",
    "\n- ",
    "\n1. ",
    "\n# ",
    "\n#\n",
    "\n-\n",
    "\n--\n",
    "\n---\n",
    "\n==\n",
    "*",
    "**",
    "_",
    "` ",
    "\\",
    "|",
    "\n|",
    "|-|\n",
    "\n|-|-|\n",
    " http://",
    " www.",
    "@",
    "&",
    "\n    ",
    "\n<!-- ",
    " -->",
    "。",
    "C:\\",
];

/// Parts of plain lines, and of such that look like it.
const WORDS: &[&str] = &[
    "a", "b.", "Zé", "12", "1.", "2)", "日本", "ー", "ß", "😀", "عربي", "e\u{301}", "ﬁ", "\u{a0}", "\u{200b}",
    "\u{3164}", "\u{1160}", " ", " ", " ", "  ", ", ", ". ", "! ", "? ", "; ", "… ", "'", "’", "-", "--", ".", ",",
    ":", "/", "@", "#", "*", "_", "&amp;", "<", ">", "`", "~~", "|", "+", "=", "(c)", "[x]", "\\", "\n", "\t", "www.",
    "http", "://", "x.org", "e.g.", ":fox:",
];

/// The addresses of the pictures in the labels of links. They are not shown: the link leads further than the picture.
fn pictures_on_links(body: &str) -> Vec<String> {
    let (source, text, options) = prepare(body);
    let (mut pictures, mut labels) = (Vec::new(), 0);
    for event in Parser::new_ext(&text, options) {
        match event {
            Event::Start(Tag::Link { .. }) => labels += 1,
            Event::Start(Tag::Image { dest_url, .. }) => {
                pictures.extend((labels > 0).then(|| source.plain(&dest_url)));
                labels += 1;
            }
            Event::End(TagEnd::Link | TagEnd::Image) => labels -= 1,
            _ => {}
        }
    }
    pictures
}

/// Every word behind these marks is shown, or belongs to the address of a picture on a link.
fn assert_keeps_words(parts: &[&str]) {
    let words = parts.iter().enumerate().map(|(number, markup)| format!("{markup}word{number}s"));
    let body = words.collect::<Vec<_>>().concat();
    let (html, pictures) = (render(&body), pictures_on_links(&body));
    for word in (0..parts.len()).map(|number| format!("word{number}s")) {
        let is_kept = html.contains(&word) || pictures.iter().any(|address| address.contains(&word));
        assert!(is_kept, "{word} of {body:?} is missing in {html}");
    }
}

#[test]
fn words_around_a_picture_on_a_link_are_kept() {
    assert_keeps_words(&["[", "![", "](", ") ", "](http://", ") "]);
}

proptest! {
    #[test]
    fn no_word_is_lost(parts in prop::collection::vec(prop::sample::select(MARKUP), 1..60)) {
        assert_keeps_words(&parts);
    }

    #[test]
    fn a_line_of_words_is_what_markdown_makes_of_it(parts in prop::collection::vec(prop::sample::select(WORDS), 1..9)) {
        let line = parts.concat();
        if let Some(html) = plain::render(&line) {
            prop_assert_eq!(Some(html), render_markdown(&line));
        }
    }

    #[test]
    fn rendered_html_survives_the_sanitiser_unchanged(body in ".{0,200}") {
        let html = render(&body);
        let again = SANITISER.clean(&html).to_string();
        prop_assert_eq!(again.trim_end(), html.as_str());
    }
}
