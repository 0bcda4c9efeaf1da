//! Pages of lists: offset and limit as the CodeArts v4 API counts them, and windows on lists that have no end in sight.

use super::ids::integer;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Most items on one page.
pub const LIMIT_MAX: i64 = 100;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// Items to pass over, 0..=2147483647.
    pub offset: u32,
    /// Items wanted, 1..=100.
    pub limit: u32,
}

impl Page {
    /// Reads `offset` (default 0) and `limit` (default 20) as the CodeArts v4 API defines them.
    ///
    /// # Errors
    /// [`Problem::NotInteger`] or [`Problem::OutOfRange`], naming the parameter.
    pub fn parse(offset: Option<&str>, limit: Option<&str>) -> Result<Self, Invalid> {
        Ok(Self {
            offset: number("offset", offset, 0, 0, i64::from(i32::MAX))?,
            limit: number("limit", limit, 20, 1, LIMIT_MAX)?,
        })
    }

    /// Reads a page number from 1 and a page size, as the v2 API counts; `size` is the default size.
    ///
    /// # Errors
    /// [`Problem::NotInteger`] or [`Problem::OutOfRange`], naming the parameter.
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

/// One page of a list, and how many items the whole list has.
#[derive(Debug, Clone, PartialEq)]
pub struct PageWithTotal<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// All items, before paging.
    pub total: u64,
}

/// Where a page of a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After so many items.
    Offset(u32),
    /// After the item with this id, which ended the last page; `None`: at the first item. Only in order of id.
    After(Option<i32>),
}

/// A page of a list that can be long: its order, where it begins, how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window<O> {
    /// By what; equal ones by id.
    pub order: O,
    /// Greatest first.
    pub descending: bool,
    /// Where it begins.
    pub start: Start,
    /// At most so many.
    pub limit: u32,
}

/// A page of a long list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage<T> {
    /// The items. A page that [`Start::After`] begins may hold fewer than were wanted, even none, and not be the last: a store looks at a
    /// bounded number of rows for each.
    pub items: Vec<T>,
    /// Where the next page begins, for a page that [`Start::After`] began; `None`: this was the last.
    pub next: Option<i32>,
}

/// From a time on, up to before another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
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
