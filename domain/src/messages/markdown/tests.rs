//! The HTML that messages become.

mod properties;

fn render(body: &str) -> String {
    super::render(body).unwrap_or_default()
}

/// The HTML without the attributes that all links and containers have.
fn short(body: &str) -> String {
    render(body).replace(" target=\"_blank\" rel=\"nofollow noopener noreferrer\"", "").replace(" dir=\"auto\"", "")
}

fn assert_renders<const N: usize>(cases: [(&str, &str); N]) {
    for (body, html) in cases {
        assert_eq!(short(body), html, "{body}");
    }
}

fn link(address: &str) -> String {
    format!("<a href=\"{address}\">{address}</a>")
}

#[test]
fn words_that_markdown_would_drop_are_shown() {
    assert_renders([
        ("[bob]: hi", "<p>[bob]: hi</p>"),
        ("[10:32]: hi", "<p>[10:32]: hi</p>"),
        ("[^1]: note", "<p>[^1]: note</p>"),
        ("[a\nb]: c", "<p>[a<br>\nb]: c</p>"),
        ("> [bob]: hi", "<blockquote>\n<p>[bob]: hi</p>\n</blockquote>"),
        ("[bob]: hi\n[bob]: again", "<p>[bob]: hi<br>\n[bob]: again</p>"),
        ("[bob]: hi\n\n[bob] left", "<p>[bob]: hi</p>\n<p>[bob] left</p>"),
        ("[x]: a *b*", "<p>[x]: a <em>b</em></p>"),
        ("`[x]: a`", "<p><code>[x]: a</code></p>"),
        ("-", "<p>-</p>"),
        (">", "<p>&gt;</p>"),
        ("7.", "<p>7.</p>"),
        ("> &nbsp;\n>", "<p>&gt; &amp;nbsp;<br>\n&gt;</p>"),
        ("a\n\n##\n\nb", "<p>a</p>\n<p><strong>##</strong></p>\n<p>b</p>"),
        ("```note", "<pre tabindex=\"0\"><code>note</code></pre>"),
        ("```select 1\nfrom x\n```", "<pre tabindex=\"0\"><code>select 1\nfrom x\n</code></pre>"),
        ("```rust\nfn a() {}\n```", "<pre tabindex=\"0\"><code>fn a() {}\n</code></pre>"),
        ("<https:>", "<p>&lt;https:&gt;</p>"),
        ("a <xsl:if> b", "<p>a &lt;xsl:if&gt; b</p>"),
    ]);
    let table = short("|a|\n|-|\n|b|c *d*|e|");
    assert!(table.contains("<td>b</td><td>c *d*|e</td>"), "{table}");
    let address = link("https://example.org/x~y~z");
    assert_eq!(short("[redacted]: https://example.org/x~y~z"), format!("<p>[redacted]: {address}</p>"));
    assert_eq!(short("see\n\n[1]: https://example.org/x~y~z"), format!("<p>see</p>\n<p>[1]: {address}</p>"));
}

#[test]
fn definitions_to_which_something_refers_are_no_text() {
    assert_renders([
        (
            "[a], [b][a]\n\n[a]: https://example.org",
            r#"<p><a href="https://example.org">a</a>, <a href="https://example.org">b</a></p>"#,
        ),
        (
            "[A]\n\n[x]: y\n[a]: https://example.org\n[a]: https://b.example",
            "<p><a href=\"https://example.org\">A</a></p>\n<p>[x]: y</p>\n\
             <p><a href=\"https://example.org\">a</a>: <a href=\"https://b.example\">https://b.example</a></p>",
        ),
        ("![a]\n\n[a]: www.example.org", r#"<p><a href="https://www.example.org">a</a></p>"#),
    ]);
}

#[test]
fn blanks_written_as_character_references_are_no_message() {
    for blank in ["&nbsp;", " &#8203;\n&ZeroWidthSpace;", "&shy;&#x2800;", "&#x3164;"] {
        assert_eq!(super::render(blank), None, "{blank}");
    }
    for shown in ["&amp;", "&nbsp", "&nbsp;.", "`&nbsp;`", "**&nbsp;**", "&nothing;"] {
        assert!(super::render(shown).is_some(), "{shown}");
    }
}

#[test]
fn addresses_are_linked_whole() {
    for address in [
        "https://en.example/wiki/Rust_(programming_language)",
        "https://people.example.org/~jane/~notes",
        "https://example.org/a*b*c",
        "https://example.org/_a_/__b__/c",
        "http://[::1]:3000/",
    ] {
        let (plain, linked) = (format!("<p>see {}</p>", link(address)), short(&format!("see {address}")));
        assert_eq!(linked, plain);
        for (around, tag) in [("**", "strong"), ("_", "em"), ("~~", "del")] {
            let html = short(&format!("{around}{address}{around}"));
            assert_eq!(html, format!("<p><{tag}>{}</{tag}></p>", link(address)));
        }
        assert_eq!(short(&format!("`{address}`")), format!("<p><code>{address}</code></p>"));
        assert_eq!(short(&format!("[x]({address})")), format!("<p><a href=\"{address}\">x</a></p>"));
    }
    assert_renders([
        ("www.example.org", r#"<p><a href="https://www.example.org">www.example.org</a></p>"#),
        ("j_d_x@b.example", r#"<p><a href="mailto:j_d_x@b.example">j_d_x@b.example</a></p>"#),
        ("<a@b.example>", r#"<p><a href="mailto:a@b.example">a@b.example</a></p>"#),
        ("https://example.org/a|b", r#"<p><a href="https://example.org/a%7Cb">https://example.org/a|b</a></p>"#),
        (
            "https://example.org/?a&amp;b",
            r#"<p><a href="https://example.org/?a&amp;b">https://example.org/?a&amp;b</a></p>"#,
        ),
        (r"\<https://a.example/>", r#"<p>&lt;<a href="https://a.example/">https://a.example/</a>&gt;</p>"#),
        ("[x](https://example.org/a\\)b)", r#"<p><a href="https://example.org/a)b">x</a></p>"#),
        ("[x](<https://example.org/a b>)", r#"<p><a href="https://example.org/a%20b">x</a></p>"#),
        ("a](https://a.example/~b~c) d", r#"<p>a](<a href="https://a.example/~b~c">https://a.example/~b~c</a>) d</p>"#),
        ("    https://example.org", "<pre tabindex=\"0\"><code>https://example.org</code></pre>"),
    ]);
    let table = short("|a|b|\n|-|-|\n|https://example.org/x|y|");
    assert!(table.contains(&format!("<td>{}</td><td>y</td>", link("https://example.org/x"))), "{table}");
}

#[test]
fn a_destination_that_cannot_be_linked_is_shown() {
    assert_renders([
        ("[x](www.example.org)", r#"<p><a href="https://www.example.org">x</a></p>"#),
        ("[mail](a@b.example)", r#"<p><a href="mailto:a@b.example">mail</a></p>"#),
        ("[the *file*](/share/report.pdf)", "<p>[the <em>file</em>](/share/report.pdf)</p>"),
        ("calls[i](event)", "<p>calls[i](event)</p>"),
        ("![x](a.png)", "<p>![x](a.png)</p>"),
        ("[x](ftp://a.example/)", "<p>[x](ftp://a.example/)</p>"),
        ("[![b](img)](https://a.example/)", r#"<p><a href="https://a.example/">b</a></p>"#),
        ("[a ![b](img) d](https://a.example/)", r#"<p><a href="https://a.example/">a b d</a></p>"#),
        ("[![b](https://img.example/)](c)", r#"<p>[<a href="https://img.example/">b</a>](c)</p>"#),
        ("[![](img)](https://a.example/)", r#"<p><a href="https://a.example/">https://a.example/</a></p>"#),
        ("[](https://a.example/)", r#"<p><a href="https://a.example/">https://a.example/</a></p>"#),
        ("![a [b](c)](https://a.example/)", r#"<p><a href="https://a.example/">a [b](c)</a></p>"#),
    ]);
}

#[test]
fn a_link_that_pretends_says_its_host_and_has_no_title() {
    assert_renders([
        (
            "[https://bank.example](https://evil.example \"https://bank.example\")",
            r#"<p><a href="https://evil.example">https://bank.example</a> (evil.example)</p>"#,
        ),
        (
            "[**bank**`.example`](https://evil.example)",
            r#"<p><a href="https://evil.example"><strong>bank</strong><code>.example</code></a> (evil.example)</p>"#,
        ),
        ("[x](https://example.org 'title')", r#"<p><a href="https://example.org">x</a></p>"#),
        (
            "https://bank.example@evil.example",
            r#"<p><a href="https://bank.example@evil.example">https://bank.example@evil.example</a> (evil.example)</p>"#,
        ),
        (
            "<https://bank.example@evil.example>",
            r#"<p><a href="https://bank.example@evil.example">https://bank.example@evil.example</a> (evil.example)</p>"#,
        ),
    ]);
}

#[test]
fn html_is_text_like_any_other() {
    assert_renders([
        (
            "<div>\none\n**two**\n</div>\nthree",
            "<p>&lt;div&gt;<br>\none<br>\n<strong>two</strong><br>\n&lt;/div&gt;<br>\nthree</p>",
        ),
        ("<pre>\na\n\nb", "<p>&lt;pre&gt;<br>\na</p>\n<p>b</p>"),
        (r"\<b>", "<p>&lt;b&gt;</p>"),
        ("</rant>\nhello", "<p>&lt;/rant&gt;<br>\nhello</p>"),
        ("<?xml v=\"1\"?>\na", "<p>&lt;?xml v=\"1\"?&gt;<br>\na</p>"),
        ("<!DOCTYPE html>\na", "<p>&lt;!DOCTYPE html&gt;<br>\na</p>"),
        ("<!-- a\n\nb -->", "<p>&lt;!-- a</p>\n<p>b --&gt;</p>"),
        ("> <table>\n> a", "<blockquote>\n<p>&lt;table&gt;<br>\na</p>\n</blockquote>"),
        ("at <init>\n<b>*x*</b>", "<p>at &lt;init&gt;<br>\n&lt;b&gt;<em>x</em>&lt;/b&gt;</p>"),
        ("```\n<div>\n```", "<pre tabindex=\"0\"><code>&lt;div&gt;\n</code></pre>"),
    ]);
}

#[test]
fn a_line_of_dashes_below_text_makes_no_heading() {
    assert_renders([
        ("some text\n-", "<p>some text<br>\n-</p>"),
        ("I said\n--", "<p>I said<br>\n--</p>"),
        ("I said\n--\nmore\n==", "<p>I said<br>\n--<br>\nmore<br>\n==</p>"),
        ("*a*\n===\n\nb", "<p><em>a</em><br>\n===</p>\n<p>b</p>"),
        ("> a\n> --", "<blockquote>\n<p>a<br>\n--</p>\n</blockquote>"),
        ("a\n---\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ("a\n--\n- b", "<p>a<br>\n--</p>\n<ul>\n<li>b</li>\n</ul>"),
        ("# a\n---", "<p><strong>a</strong></p>\n<hr>"),
    ]);
}

#[test]
fn table_columns_keep_their_alignment() {
    let cells =
        "<td>1</td><td class=\"align-left\">2</td><td class=\"align-center\">3</td><td class=\"align-right\">4</td>";
    let html = short("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |");
    assert!(html.contains(cells) && html.contains("<th class=\"align-right\">d</th>"), "{html}");
}

#[test]
fn containers_take_the_direction_of_their_text() {
    for (body, html) in [
        ("- a", "<ul dir=\"auto\">\n<li dir=\"auto\">a</li>\n</ul>"),
        ("2. a", "<ol start=\"2\" dir=\"auto\">\n<li dir=\"auto\">a</li>\n</ol>"),
        ("> a", "<blockquote dir=\"auto\">\n<p>a</p>\n</blockquote>"),
    ] {
        assert_eq!(render(body), html);
    }
    assert!(render("|a|\n|-|").starts_with("<table dir=\"auto\">"));
}

#[test]
fn emphasis_works_beside_full_width_marks() {
    assert_renders([
        ("**テスト。**は", "<p><strong>テスト。</strong>は</p>"),
        ("これは**「強調」**です", "<p>これは<strong>「強調」</strong>です</p>"),
        ("**마크다운(Markdown)**은", "<p><strong>마크다운(Markdown)</strong>은</p>"),
        ("**“测试”**是~~（错）~~的", "<p><strong>“测试”</strong>是<del>（错）</del>的</p>"),
        ("は**[a](https://a.example/)**で", r#"<p>は<strong><a href="https://a.example/">a</a></strong>で</p>"#),
        ("`**。**は`", "<p><code>**。**は</code></p>"),
        (r"\*「\*は", "<p>*「*は</p>"),
        ("a**\"b\"**c", "<p>a**\"b\"**c</p>"),
        ("***a** b* 2 * 3 * 4", "<p><em><strong>a</strong> b</em> 2 * 3 * 4</p>"),
    ]);
}

#[test]
fn paths_of_windows_are_shown_as_written() {
    for path in [
        r"\\server\share",
        r"\\?\C:\_a_",
        r"C:\Users\_me_",
        r"c:\*.txt",
        r"C:\Program Files (x86)\_a_\b",
        r"..\_a_\b",
        r"%APPDATA%\_a_\b",
    ] {
        assert_eq!(short(&format!("in {path} and *b*")), format!("<p>in {path} and <em>b</em></p>"));
        assert_eq!(short(&format!("`{path}`")), format!("<p><code>{path}</code></p>"));
    }
    assert_renders([
        (r"**C:\a_b_** (C:\_a_), _C:\x_", r"<p><strong>C:\a_b_</strong> (C:\_a_), <em>C:\x</em></p>"),
        (r"\*a\* b\_c 1\. \\ \[x\]", r"<p>*a* b_c 1. \ [x]</p>"),
    ]);
}

#[test]
fn marks_of_the_preparation_cannot_be_written() {
    assert_renders([
        (
            "a\u{FDD0}0\u{FDD1}b https://example.org",
            "<p>a\u{FFFD}0\u{FFFD}b <a href=\"https://example.org\">https://example.org</a></p>",
        ),
        (
            "&#xFDD0;0&#xfdd1; &#64979;b&gt; `&#xFDD0;`",
            "<p>&amp;#xFDD0;0&amp;#xfdd1; &amp;#64979;b&gt; <code>&amp;#xFDD0;</code></p>",
        ),
    ]);
}

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
