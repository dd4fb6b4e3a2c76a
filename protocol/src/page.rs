//! Lists, a page at a time.

use serde::Serialize;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The things, in the list's order.
    pub items: Vec<T>,
    /// What to pass as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Which page is wanted.
#[derive(Clone, Debug, Default)]
pub struct PageQuery {
    /// At most this many; already checked by [`crate::limits::page_size`].
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The answer to a request that creates: the thing, and whether this request made it or an earlier one did.
#[derive(Clone, Debug, PartialEq)]
pub struct Created<T> {
    /// The thing itself.
    pub value: T,
    /// False when the same client id had made it before.
    pub new: bool,
}

crate::from_json! {
    Page<T> { items, next_cursor }
}
