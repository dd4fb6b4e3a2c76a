//! Line breaks of texts with several lines.

/// Writes every line break as one line feed. A form is submitted with two characters for a break that its field counts
/// as one.
pub fn line_feeds(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::line_feeds;

    #[test]
    fn every_line_break_becomes_one_line_feed() {
        for (text, expected) in [
            ("one\r\ntwo", "one\ntwo"),
            ("one\rtwo", "one\ntwo"),
            ("one\n\rtwo\r\r\nthree\r", "one\n\ntwo\n\nthree\n"),
            ("one\ntwo", "one\ntwo"),
            ("", ""),
        ] {
            assert_eq!(line_feeds(text.to_owned()), expected, "{text:?}");
        }
    }
}
