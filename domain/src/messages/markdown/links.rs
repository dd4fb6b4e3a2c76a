//! Where links lead, and what is said about it.

use super::address;
use ammonia::Url;

/// The address that a link to this destination gets; none if it may not be one.
pub fn href(destination: &str) -> Option<String> {
    let destination = destination.trim();
    let begins = |with: &str| destination.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    if ["http://", "https://", "mailto:"].into_iter().any(begins) {
        let url = Url::parse(destination).ok()?;
        // What a browser leaves out or takes for a slash would be encoded, and change the host.
        let rewritten = destination.contains(|c: char| c.is_control() || c == '\\');
        return Some(if rewritten { url.into() } else { destination.to_owned() });
    }
    let whole = address::find_all(destination).into_iter().find(|found| found.range == (0..destination.len()))?;
    Some(whole.href)
}

/// Where a link leads, if its label pretends something else: it is an address of another host, or it has a user part.
pub fn true_host(label: &str, href: &str) -> Option<String> {
    let url = Url::parse(href).ok()?;
    let place = place(&url)?;
    let said = || address::find_all(label).into_iter().filter_map(|found| Url::parse(&found.href).ok());
    let differs = |other: &Url| self::place(other).is_some_and(|other| without_www(&other) != without_www(&place));
    let pretends = !url.username().is_empty() || url.password().is_some() || said().any(|other| differs(&other));
    let bare = || bare_domain(label.trim(), &url).is_some_and(|other| differs(&other));
    (pretends || bare()).then_some(place)
}

/// The host of a page, or an email address.
fn place(url: &Url) -> Option<String> {
    let address = || url.path().to_lowercase();
    if url.scheme() == "mailto" { Some(address()) } else { url.host_str().map(str::to_owned) }
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// A label such as `bank.example/login`, unless it is the name of the file to which the link leads.
fn bare_domain(label: &str, target: &Url) -> Option<Url> {
    let host = label.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let tail = host.rsplit_once('.')?.1;
    let plain = !label.contains(|c: char| c.is_whitespace() || c == '@')
        && tail.chars().count() > 1
        && tail.chars().all(char::is_alphabetic);
    let is_file = target.path().rsplit('/').next() == Some(label);
    if plain && !is_file { Url::parse(&format!("https://{label}")).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{href, true_host};

    #[test]
    fn a_destination_becomes_an_address_or_nothing() {
        for (destination, address) in [
            ("https://example.org/a", Some("https://example.org/a")),
            ("HTTP://example.org", Some("HTTP://example.org")),
            ("mailto:a@b.example", Some("mailto:a@b.example")),
            ("http://a.example:\\b", Some("http://a.example/b")),
            ("http://a.exa\nmple", Some("http://a.example/")),
            ("www.example.org", Some("https://www.example.org")),
            ("a@b.example", Some("mailto:a@b.example")),
            ("example.org", None),
            ("/share/report.pdf", None),
            ("//example.org", None),
            ("#a", None),
            ("", None),
            ("https://", None),
            ("javascript:alert(1)", None),
            ("java\tscript:alert(1)", None),
            ("data:text/html,x", None),
            ("ftp://example.org", None),
        ] {
            assert_eq!(href(destination).as_deref(), address, "{destination}");
        }
    }

    #[test]
    fn a_label_that_pretends_is_answered_with_the_true_host() {
        let evil = "https://evil.example/x";
        for (label, href, host) in [
            ("https://bank.example", evil, Some("evil.example")),
            ("http://bank.example/login", evil, Some("evil.example")),
            ("Go to https://bank.example now", evil, Some("evil.example")),
            ("www.bank.example", evil, Some("evil.example")),
            ("bank.example", evil, Some("evil.example")),
            ("Bank.Example/login", evil, Some("evil.example")),
            ("b\u{430}nk.example", evil, Some("evil.example")),
            ("evil.example.org", evil, Some("evil.example")),
            ("help@bank.example", evil, Some("evil.example")),
            ("help@bank.example", "mailto:a@evil.example", Some("a@evil.example")),
            ("x", "https://bank.example@evil.example/", Some("evil.example")),
            ("x", "https://:bank.example@evil.example/", Some("evil.example")),
            (
                "https://bank.example\u{2215}a@evil.example",
                "https://bank.example\u{2215}a@evil.example",
                Some("evil.example"),
            ),
            ("our bank", evil, None),
            ("evil.example", evil, None),
            ("https://www.evil.example", evil, None),
            ("EVIL.example/y", evil, None),
            ("b\u{fc}cher.example", "https://xn--bcher-kva.example/", None),
            ("A@b.example", "mailto:a@b.example?subject=x", None),
            ("README.md", "https://code.example/a/README.md", None),
            ("v1.2", evil, None),
            ("e.g. this", evil, None),
        ] {
            assert_eq!(true_host(label, href).as_deref(), host, "{label}");
        }
    }
}
