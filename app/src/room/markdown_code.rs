//! Finds code in Markdown that is still being typed. The browser has no Markdown parser, and would need most of one: this
//! knows only fences, indentation and backticks.

/// Whether text that follows this one is code: in a fenced or indented block, or between backticks.
pub fn ends_in_code(text: &str) -> bool {
    let mut fence: Option<Fence> = None;
    let (mut in_paragraph, mut in_list) = (false, false);
    // Length of the backticks that opened a code span.
    let mut span = None;
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let line = without_quote_marks(line);
        if let Some(open) = fence {
            if is_last {
                return true;
            }
            if open.is_closed_by(line) {
                fence = None;
            }
            continue;
        }
        let blank = line.trim().is_empty();
        if is_indented(line) && !in_paragraph && !in_list && (is_last || !blank) {
            if is_last {
                return true;
            }
            continue;
        }
        let content = after_list_mark(line);
        in_list = content.is_some() || in_list && (in_paragraph || blank || line.starts_with([' ', '\t']));
        let content = content.unwrap_or(line).trim_start();
        fence = Fence::open(content);
        if fence.is_some() && is_last {
            return true;
        }
        // A code span ends with its paragraph at the latest.
        if blank || fence.is_some() {
            span = None;
        }
        in_paragraph = !blank && fence.is_none() && !content.starts_with('#');
        if fence.is_none() {
            span = span_after(line, span);
        }
    }
    span.is_some()
}

/// The opening line of a fenced block.
#[derive(Clone, Copy, Debug)]
struct Fence {
    mark: char,
    length: usize,
}

impl Fence {
    fn open(line: &str) -> Option<Self> {
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        // Text between three backticks on one line is a code span.
        (length >= 3 && !(mark == '`' && info.contains('`'))).then_some(Self { mark, length })
    }

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

fn without_quote_marks(mut line: &str) -> &str {
    while let Some(rest) = line.trim_start_matches(' ').strip_prefix('>').filter(|_| !is_indented(line)) {
        line = rest.strip_prefix(' ').unwrap_or(rest);
    }
    line
}

fn is_indented(line: &str) -> bool {
    line.starts_with("    ") || line.trim_start_matches(' ').starts_with('\t')
}

/// The content of a line that begins a list item.
fn after_list_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.strip_prefix(['.', ')']).filter(|_| rest.len() < line.len())
    })?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(rest)
}

/// The code span that is open after this line, by the length of its opening backticks.
fn span_after(line: &str, mut span: Option<usize>) -> Option<usize> {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '\\']) {
        let found = &rest[at..];
        if let Some(after) = found.strip_prefix('\\') {
            // Within a span a backslash is an ordinary character.
            let escaped = span.is_none() && after.starts_with(['`', '\\']);
            rest = &after[usize::from(escaped)..];
            continue;
        }
        rest = found.trim_start_matches('`');
        let length = found.len() - rest.len();
        span = match span {
            None => Some(length),
            Some(open) => (open != length).then_some(open),
        };
    }
    span
}

#[cfg(test)]
mod tests {
    use super::ends_in_code;

    #[test]
    fn code_is_found_while_it_is_typed() {
        for code in [
            "~~~\n",
            "```\n",
            "```sh\nmake\n",
            "~~~ ",
            "before\n\n~~~~\n~~~\n",
            "> ~~~\n> ",
            "- ```\n  ",
            "    ",
            "\t",
            "text\n\n    ",
            "    one\n\n    ",
            "> before\n>\n>     ",
            "in `",
            "in `` a ` b ",
            "over `two\nlines ",
            r"\\`",
            "# Title\n    ",
        ] {
            assert!(ends_in_code(code), "{code:?}");
        }
    }

    #[test]
    fn text_beside_code_is_not_code() {
        for text in [
            "",
            "So ",
            "~~~\ncode\n~~~\n",
            "```\ncode\n```\nand ",
            "~~ struck ~~",
            "``` on one line ``` ",
            "text\n    continued ",
            "- item\n\n    more of it ",
            "1. item\n    more of it ",
            "`code` and ",
            r"not \` code ",
            "it`s\n\nanother paragraph ",
            "    code\ntext ",
            "   three blanks ",
            "\n",
        ] {
            assert!(!ends_in_code(text), "{text:?}");
        }
    }
}
