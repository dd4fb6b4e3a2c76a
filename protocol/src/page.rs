//! Paginated lists.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last page.
    pub next_cursor: Option<String>,
}

/// Which page of a list to return.
#[derive(Clone, Debug, Default)]
pub struct PageQuery {
    /// Page size; already checked by [`crate::limits::page_size`].
    pub limit: u32,
    /// `next_cursor` of the previous page.
    pub cursor: Option<String>,
}

/// The result of a request that creates an object, and whether this request or an earlier one created it.
#[derive(Clone, Debug, PartialEq)]
pub struct Created<T> {
    /// The object.
    pub value: T,
    /// False if an earlier request with the same client id created it.
    pub new: bool,
}
