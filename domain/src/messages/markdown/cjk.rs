//! Emphasis beside Chinese, Japanese and Korean text, which puts no spaces around it: the amendment of `CommonMark` at
//! <https://github.com/tats-u/markdown-cjk-friendly>.

/// Whether a letter must be imagined before and after a run of `*` or `~`, for the run to be seen as it is meant.
pub fn joiners(before: Option<char>, after: Option<char>) -> (bool, bool) {
    let beside = |mark: Option<char>, other: Option<char>| {
        mark.is_some_and(|mark| is_mark(mark) && mark != '\\' && (is_cjk(mark) || other.is_some_and(is_cjk)))
    };
    (beside(before, after), beside(after, before))
}

fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

const fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FFF}' | '\u{3001}'..='\u{A4CF}' | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF01}'..='\u{FFEF}'
        | '\u{1AFF0}'..='\u{1B2FF}' | '\u{1F200}'..='\u{1F2FF}' | '\u{20000}'..='\u{3FFFF}')
}
