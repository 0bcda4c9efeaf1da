//! Pages of lists: offset and limit of the CodeArts v4 API, and windows of long lists.

use super::ids::integer;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Most items on one page.
pub const LIMIT_MAX: i64 = 100;

/// A page by offset and limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// The number of items to skip, 0..=2147483647.
    pub offset: u32,
    /// The number of items on the page, 1..=100.
    pub limit: u32,
}

impl Page {
    /// Parses `offset` (default 0) and `limit` (default 20) as the CodeArts v4 API defines them.
    ///
    /// # Errors
    /// [`Problem::NotInteger`] or [`Problem::OutOfRange`], on the parameter.
    pub fn parse(offset: Option<&str>, limit: Option<&str>) -> Result<Self, Invalid> {
        Ok(Self {
            offset: number("offset", offset, 0, 0, i64::from(i32::MAX))?,
            limit: number("limit", limit, 20, 1, LIMIT_MAX)?,
        })
    }

    /// Parses the page number, from 1, and the page size of the v2 API.
    ///
    /// # Errors
    /// [`Problem::NotInteger`] or [`Problem::OutOfRange`], on the parameter.
    pub fn parse_index(index: Option<&str>, size: Option<&str>, default_size: u32) -> Result<Self, Invalid> {
        let index = number("page_index", index, 1, 1, i64::from(i32::MAX))?;
        let limit = number("page_size", size, default_size, 1, LIMIT_MAX)?;
        Ok(Self { offset: (index - 1).saturating_mul(limit), limit })
    }
}

fn number(field: &str, text: Option<&str>, default: u32, min: i64, max: i64) -> Result<u32, Invalid> {
    let Some(text) = text else { return Ok(default) };
    let value = integer(field, text)?;
    match u32::try_from(value) {
        Ok(number) if (min..=max).contains(&value) => Ok(number),
        _ => Err(Invalid::new(field, Problem::OutOfRange { min, max })),
    }
}

/// A page of a list, with the number of items of the whole list.
#[derive(Debug, Clone, PartialEq)]
pub struct PageWithTotal<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The number of items of the whole list.
    pub total: u64,
}

/// The start of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After this number of items.
    Offset(u32),
    /// After the item with this id, the last item of the previous page; `None`: at the first item. Only for
    /// lists in order of id.
    After(Option<i32>),
}

/// The order, start and size of a page of a long list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window<O> {
    /// The order; equal items are ordered by id.
    pub order: O,
    /// True for descending order.
    pub descending: bool,
    /// The start.
    pub start: Start,
    /// The greatest number of items.
    pub limit: u32,
}

/// A page of a long list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage<T> {
    /// The items. With [`Start::After`], a page may have fewer items than its limit, even none, without being
    /// the last one, because the store reads a bounded number of rows per page.
    pub items: Vec<T>,
    /// The start of the next page with [`Start::After`]; `None`: this is the last page.
    pub next: Option<i32>,
}

/// A half-open range of times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first time of the range; `None`: no lower bound.
    pub since: Option<Timestamp>,
    /// The first time after the range; `None`: no upper bound.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_checked_and_have_defaults() {
        assert_eq!(Page::parse(None, None), Ok(Page { offset: 0, limit: 20 }));
        assert_eq!(Page::parse(Some("2147483647"), Some("100")), Ok(Page { offset: 2147483647, limit: 100 }));
        for (offset, limit, field) in [
            (None, Some("0"), "limit"),
            (None, Some("101"), "limit"),
            (None, Some("abc"), "limit"),
            (None, Some(""), "limit"),
            (Some("-1"), None, "offset"),
            (Some("2147483648"), None, "offset"),
            (Some("1.5"), None, "offset"),
        ] {
            assert_eq!(Page::parse(offset, limit).unwrap_err().field, field, "{offset:?} {limit:?}");
        }
        assert_eq!(Page::parse_index(Some("3"), Some("10"), 100), Ok(Page { offset: 20, limit: 10 }));
        assert_eq!(Page::parse_index(Some("2147483647"), None, 100).unwrap().offset, u32::MAX);
        assert_eq!(Page::parse_index(Some("0"), None, 100).unwrap_err().field, "page_index");
    }
}
