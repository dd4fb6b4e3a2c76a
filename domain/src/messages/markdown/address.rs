//! Finds addresses in text: GitHub Flavored Markdown 6.9, and what people write beyond ASCII.

use ammonia::Url;
use std::ops::Range;

/// Characters that end an address: white space and quotation, and the punctuation of scripts that put no space behind
/// a sentence.
const TERMINATORS: &str = "\"<>`、。，．！？：；｡｢｣､「」『』【】〈〉《》〔〕（）［］｛｝“”„«»‹›‘…‥।॥";
/// Characters that may stand within an address, but belong to the sentence when they stand at its end.
const TRAILING: &str = "?!.,:*_~;'|([{\\؟،؛۔።፣፤၊။។៕’";
/// Longest user part, host and port: what is longer is no address, and is not read again for each beginning in it.
const AUTHORITY_BYTES: usize = 512;

/// An address in a text, and where it leads.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// Its place in the text.
    pub range: Range<usize>,
    /// What a link to it refers to.
    pub href: String,
}

/// Finds the addresses in a text, one after the other.
pub struct Finder<'t> {
    text: &'t str,
    /// Whether an address ends at a bar, as in the cells of a table.
    bar_ends: bool,
    /// End of the last address, or of the last sign that was no address.
    floor: usize,
    /// Characters that may still be read: the work is linear in the text, whatever the text is.
    budget: usize,
}

/// All addresses in a text.
pub fn find_all(text: &str) -> Vec<Address> {
    let mut finder = Finder::new(text, false);
    let mut found: Vec<Address> = Vec::new();
    for (at, _) in text.match_indices(['h', 'H', 'w', 'W', '@']) {
        if at >= finder.floor {
            found.extend(finder.find_at(at));
        }
    }
    found
}

impl<'t> Finder<'t> {
    /// Characters that are read per byte of text, at most; ordinary text needs less than two.
    const STEPS: usize = 16;

    /// Starts at the beginning of a text.
    pub const fn new(text: &'t str, bar_ends: bool) -> Self {
        Self { text, bar_ends, floor: 0, budget: text.len() * Self::STEPS + AUTHORITY_BYTES }
    }

    /// The address that begins at this place with `http` or `www`, or has its `@` there.
    pub fn find_at(&mut self, at: usize) -> Option<Address> {
        let rest = &self.text.as_bytes()[at..];
        let begins =
            |with: &str| rest.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()));
        let found = match rest.first()? {
            b'h' | b'H' if begins("https://") => self.web(at, "https://".len(), ""),
            b'h' | b'H' if begins("http://") => self.web(at, "http://".len(), ""),
            b'w' | b'W' if begins("www.") => self.web(at, 0, "https://"),
            b'@' => {
                let found = self.email(at);
                self.floor = self.floor.max(at + 1);
                found
            }
            _ => None,
        };
        if let Some(address) = &found {
            self.floor = address.range.end;
        }
        found
    }

    /// An address of the web whose scheme, if it is written, has this length.
    fn web(&mut self, start: usize, scheme: usize, prefix: &str) -> Option<Address> {
        let begins = &self.text[..start];
        let before = begins.chars().next_back();
        // Emphasis before it.
        let begins = if scheme == 0 { begins.trim_end_matches('_') } else { begins };
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '+' || scheme == 0 && "/.-@\\".contains(c);
        if begins.ends_with(inside) {
            return None;
        }
        let quoted = before == Some('\'');
        let begin = start + scheme;
        let authority = self.authority(begin, scheme > 0)?;
        let host_start = authority.rfind('@').map_or(0, |at| at + 1);
        let host_end = host_start + host_len(&authority[host_start..])?;
        let named = scheme > 0 || host_start == 0 && authority[..host_end].matches('.').count() >= 2;
        if !named || scheme == 0 && !has_domain(&authority[..host_end]) {
            return None;
        }
        let port_end = host_end + port_len(&authority[host_end..]);
        let end = begin + port_end;
        let end = if port_end == authority.len() { self.path_end(end, quoted) } else { end };
        let text = without_trailing(&self.text[start..end], scheme + host_end);
        let href = format!("{prefix}{}", unescape(text));
        Url::parse(&href).is_ok_and(|url| url.has_host()).then(|| Address { range: start..start + text.len(), href })
    }

    /// User part, host and port: all up to the path.
    fn authority(&mut self, begin: usize, with_user: bool) -> Option<&'t str> {
        // Cut first, so that no text is read to its end for each beginning of an address.
        let text = &self.text[begin..];
        let text = &text[..text.floor_char_boundary(AUTHORITY_BYTES + 1)];
        let outside = |c: char| !with_user && c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_.:@".contains(c);
        let end = text.find(|c| "/?#\\".contains(c) || outside(c) || self.ends(c)).unwrap_or(text.len());
        self.spend(end)?;
        text.get(..end).filter(|authority| !authority.is_empty() && authority.len() <= AUTHORITY_BYTES)
    }

    fn ends(&self, c: char) -> bool {
        c.is_whitespace() || c.is_control() || TERMINATORS.contains(c) || c == '|' && self.bar_ends
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        self.budget = self.budget.checked_sub(steps)?;
        Some(())
    }

    /// The end of what follows the host: brackets are counted, so that those around the address stay outside.
    fn path_end(&mut self, begin: usize, quoted: bool) -> usize {
        let text = &self.text[begin..];
        let mut open = [0_usize; 3];
        let mut previous = ' ';
        for (at, c) in text.char_indices() {
            let rest = &text[at + c.len_utf8()..];
            let stop = match c {
                '(' | '[' | '{' => {
                    open["([{".find(c).unwrap_or_default()] += 1;
                    false
                }
                ')' | ']' | '}' => {
                    let count = &mut open[")]}".find(c).unwrap_or_default()];
                    let closed = *count == 0;
                    *count = count.saturating_sub(1);
                    closed
                }
                // The end of emphasis, where the next word follows without a space.
                '*' | '~' if previous != c => {
                    let next = rest.trim_start_matches(c);
                    let read = self.spend(rest.len() - next.len()).is_some();
                    !read || next.starts_with(|next: char| next.is_alphabetic() && !next.is_ascii())
                }
                // What escapes a mark of Markdown.
                '\\' => !rest.starts_with(['_', '*', '~']),
                '\'' => quoted,
                c => self.ends(c),
            };
            if stop || self.spend(1).is_none() {
                return begin + at;
            }
            previous = c;
        }
        self.text.len()
    }

    /// An email address around this `@`.
    fn email(&mut self, at: usize) -> Option<Address> {
        let is_local = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
        let before = &self.text[self.floor..at];
        let mut start = self.floor + before.trim_end_matches(is_local).len();
        let after = &self.text[at + 1..];
        let len =
            after.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_.".contains(c) || self.ends(c));
        let len = len.unwrap_or(after.len());
        self.spend(at - start + len)?;
        let domain = &after[..host_len(&after[..len])?];
        let rest = &after[domain.len()..];
        // Emphasis around it.
        if rest.starts_with('_') {
            start += self.text[start..at].len() - self.text[start..at].trim_start_matches('_').len();
        }
        let prefix = self.text[self.floor..start].ends_with("mailto:");
        let inside =
            self.text[..start].ends_with(['@', '/', '\\']) || !self.text[start..at].contains(char::is_alphanumeric);
        // A place on another computer: `git@github.com:project/repository`.
        let place = rest
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || "/~".contains(c)));
        if inside || place || !has_domain(domain) {
            return None;
        }
        let end = at + 1 + domain.len();
        let href = format!("mailto:{}", &self.text[start..end]);
        let start = if prefix { start - "mailto:".len() } else { start };
        Some(Address { range: start..end, href })
    }
}

/// The length of the host at the beginning of a text.
fn host_len(text: &str) -> Option<usize> {
    if let Some(address) = text.strip_prefix('[') {
        let inner = address.find(']').filter(|end| address[..*end].contains(':'))?;
        return Some(inner + 2);
    }
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c) || !c.is_ascii();
    let host = &text[..text.find(|c| !is_host(c)).unwrap_or(text.len())];
    // Without a space, the word behind would be taken for a part of the last label.
    let label = host.rfind('.').map_or(0, |dot| dot + 1);
    let ascii = host[label..].find(|c: char| !c.is_ascii()).filter(|ascii| *ascii > 1);
    let host = &host[..ascii.map_or(host.len(), |ascii| label + ascii)];
    let host = host.trim_end_matches(['.', '-', '_']);
    (host.starts_with(char::is_alphanumeric) && !host.contains("..")).then_some(host.len())
}

fn port_len(text: &str) -> usize {
    let digits = text
        .strip_prefix(':')
        .map_or("", |port| &port[..port.len() - port.trim_start_matches(|c: char| c.is_ascii_digit()).len()]);
    if digits.is_empty() { 0 } else { digits.len() + 1 }
}

/// Whether a host ends in what can be a top-level domain.
fn has_domain(host: &str) -> bool {
    let tail = host.rsplit_once('.').map(|(_, tail)| tail);
    tail.is_some_and(|tail| tail.chars().count() > 1 && tail.starts_with(char::is_alphabetic))
}

/// Leaves out the punctuation of the sentence at the end, down to a length.
fn without_trailing(text: &str, min: usize) -> &str {
    let mut text = text;
    while text.len() > min {
        // A character reference such as `&gt;` is no part of the address.
        let entity = text.strip_suffix(';').and_then(|rest| {
            let name = rest.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
            (name < rest.len() && rest[..name].ends_with('&')).then(|| &text[..name - 1])
        });
        match entity.or_else(|| text.strip_suffix(|c| TRAILING.contains(c))) {
            Some(rest) => text = rest,
            None => break,
        }
    }
    text
}

/// An address without the escapes of Markdown.
pub fn unescape(text: &str) -> String {
    text.replace('\\', "").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{Finder, find_all};

    #[test]
    fn addresses_end_where_a_reader_sees_their_end() {
        for (text, found) in [
            ("see https://example.org/a.", "https://example.org/a"),
            (
                "https://en.example/wiki/Rust_(programming_language)",
                "https://en.example/wiki/Rust_(programming_language)",
            ),
            ("(see https://example.org/a_(b))", "https://example.org/a_(b)"),
            ("{https://example.org/{a}}", "https://example.org/{a}"),
            ("[https://example.org/?a[]=1]", "https://example.org/?a[]=1"),
            ("https://people.example.org/~jane/notes", "https://people.example.org/~jane/notes"),
            ("https://example.org/a*b*c", "https://example.org/a*b*c"),
            ("https://example.org/a|b", "https://example.org/a|b"),
            ("https://example.org/a?!.,:*_~", "https://example.org/a"),
            ("https://example.org/a&gt;", "https://example.org/a"),
            ("https://example.org/a\"b", "https://example.org/a"),
            ("'https://example.org/a'b", "https://example.org/a"),
            ("https://example.org/a'b", "https://example.org/a'b"),
            ("https://example.org/a\\nb", "https://example.org/a"),
            ("https://example.org/a。", "https://example.org/a"),
            ("https://example.org/a、b", "https://example.org/a"),
            ("「https://example.org/a」", "https://example.org/a"),
            ("“https://example.org/a”", "https://example.org/a"),
            ("https://example.org/a؟", "https://example.org/a"),
            ("https://example.org/a।", "https://example.org/a"),
            ("https://example.org/日本", "https://example.org/日本"),
            ("https://example.org。", "https://example.org"),
            ("https://example.orgを見て", "https://example.org"),
            ("見てhttps://example.org", "https://example.org"),
            ("**https://example.org/a**を", "https://example.org/a"),
            ("https://example.org:8080.", "https://example.org:8080"),
            ("(http://[::1]:3000/)", "http://[::1]:3000/"),
            ("(http://[::1]:3000)", "http://[::1]:3000"),
            ("HTTPS://EXAMPLE.ORG/x", "HTTPS://EXAMPLE.ORG/x"),
            ("Https://example.org/a", "Https://example.org/a"),
            ("http://localhost:3000/", "http://localhost:3000/"),
            ("https://ada:x@example.org/", "https://ada:x@example.org/"),
            ("_www.example.org_", "www.example.org"),
            ("www.example.orgです", "www.example.org"),
            ("Www.Example.org/a_b.", "Www.Example.org/a_b"),
            ("連絡はjohn_doe@mail.example.org。", "john_doe@mail.example.org"),
            ("_a@b.example_", "a@b.example"),
            ("E-Mail:a.b+c@d.example.", "a.b+c@d.example"),
            ("mailto:a@b.example", "mailto:a@b.example"),
        ] {
            let addresses: Vec<_> = find_all(text).into_iter().map(|address| &text[address.range]).collect();
            assert_eq!(addresses, [found], "{text}");
        }
    }

    #[test]
    fn an_address_leads_to_what_it_names() {
        for (text, href) in [
            ("www.example.org/a", "https://www.example.org/a"),
            ("a@b.example", "mailto:a@b.example"),
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("https://example.org/?a&amp;b", "https://example.org/?a&b"),
            (r"https://example.org/a\_b", "https://example.org/a_b"),
        ] {
            assert_eq!(find_all(text)[0].href, href, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_left_alone() {
        for text in [
            "https://",
            "http://{host}:80/",
            "http://$host/",
            "git+https://example.org",
            "http://example.org:99999/",
            "http://[x]/",
            "www.example",
            "www..example.org",
            "a.www.example.org",
            "@bob",
            "@bob@social.example",
            "@bob:chat.example",
            "a@b",
            "a@1.2",
            "git@code.example:a/b.git",
            "ftp://example.org/",
            "hello.world",
        ] {
            assert_eq!(find_all(text), [], "{text}");
        }
    }

    #[test]
    fn no_text_is_read_many_times() {
        let units = [
            "http://",
            "https://a.b/(",
            "http://a@",
            "http://[",
            "http://[a",
            "www.",
            "www.a_",
            "www.a.b/",
            "a@",
            "@",
            "a@b.cc:x ",
            "_a@b.c_",
            "mailto:",
            "https://a.b/*",
            "https://a.b/\\_",
            "https://a.b/'",
            "https://a.b/;",
            "hw@",
        ];
        let texts = units.map(|unit| unit.repeat(16_000 / unit.len()));
        let run = "https://a.b/".to_owned() + &"*".repeat(16_000);
        for text in texts.into_iter().chain([run]) {
            let mut finder = Finder::new(&text, false);
            let budget = finder.budget;
            for at in 0..text.len() {
                if at >= finder.floor {
                    finder.find_at(at);
                }
            }
            let steps = budget - finder.budget;
            assert!(steps <= 4 * text.len(), "{steps} steps in {text:.20}");
        }
        // Each of these could begin a host, and none is one: the search gives up.
        for unit in ["www.a\u{FFFF}", "www.a:"] {
            let text = unit.repeat(16_000 / unit.len()) + " https://example.org/";
            assert_eq!(find_all(&text), [], "{unit}");
        }
    }
}
