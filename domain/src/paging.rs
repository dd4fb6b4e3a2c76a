//! Cursors and pages.

use protocol::{Error, Result, error::Code, page::Page};

/// The id in a cursor of a list.
pub fn parse_cursor(cursor: Option<&str>) -> Result<Option<uuid::Uuid>> {
    let invalid = |_| Error::new(Code::InvalidCursor, "Pass the next_cursor of the previous page unchanged.");
    cursor.map(str::parse).transpose().map_err(invalid)
}

/// A page out of a list that was asked for one more than fits.
pub fn page_from_rows<T>(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Page<T> {
    let limit = limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Page { items, next_cursor }
}
