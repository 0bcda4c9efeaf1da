//! Paging by page number, as on code hosts: a number that is none, or less than 1, is the default, and a size over
//! the greatest one is the greatest.

use crate::auth::IN_QUERY;
use crate::http::query::{decode, encode_url};
use crate::request::IncomingRequest;
use domain::error::Result;
use domain::model::page::{LIMIT_MAX, ListPage, Page, Start, Window};
use std::ops::Range;

/// The requested page of a list.
pub struct Paging<'a> {
    request: &'a IncomingRequest,
    /// The name of the parameter of the size.
    size_name: &'static str,
    /// The page, from 1.
    number: u64,
    size: u32,
}

impl<'a> Paging<'a> {
    /// Reads `page` and the size, whose parameter and default differ between hosts.
    pub fn read(request: &'a IncomingRequest, size_name: &'static str, default_size: u32) -> Self {
        let positive = |name: &str| {
            let text = request.query.all(name).last()?;
            text.trim().parse::<u64>().ok().filter(|number| *number > 0)
        };
        let size = positive(size_name).unwrap_or(default_size.into()).min(LIMIT_MAX.unsigned_abs());
        let size = u32::try_from(size).unwrap_or(default_size);
        Self { request, size_name, number: positive("page").unwrap_or(1), size }
    }

    fn offset(&self) -> u64 {
        (self.number - 1).saturating_mul(self.size.into())
    }

    /// The requested part of the list, in this direction by id. It has one item more, which says whether there is a
    /// next page.
    pub fn window<O>(&self, order: O, descending: bool) -> Window<O> {
        let start = Start::Offset(u32::try_from(self.offset()).unwrap_or(u32::MAX));
        Window { order, descending, start, limit: self.size + 1 }
    }

    /// The items of the page and the number of all items. `find` reads [`Paging::window`], only where the page can
    /// have items; `count` runs only where the page does not give the number.
    ///
    /// # Errors
    /// Those of `find` and `count`.
    pub async fn read_page<T>(
        &self,
        find: impl Future<Output = Result<ListPage<T>>>,
        count: impl Future<Output = Result<u64>>,
    ) -> Result<(Vec<T>, u64)> {
        if self.offset() > 0 {
            let total = count.await?;
            if self.offset() >= total {
                return Ok((Vec::new(), total));
            }
            let mut items = find.await?.items;
            items.truncate(self.size as usize);
            return Ok((items, total));
        }
        let mut items = find.await?.items;
        if items.len() <= self.size as usize {
            let total = items.len() as u64;
            return Ok((items, total));
        }
        items.truncate(self.size as usize);
        Ok((items, count.await?))
    }

    /// The page, of a list that gives the number of all items with it.
    pub fn page(&self) -> Page {
        Page { offset: u32::try_from(self.offset()).unwrap_or(u32::MAX), limit: self.size }
    }

    /// The positions of the items of the page among all items of the list, from 0.
    pub fn positions(&self) -> Range<u64> {
        self.offset()..self.offset().saturating_add(self.size.into())
    }

    /// The items of the page, of a list that is whole.
    pub fn slice<'l, T>(&self, all: &'l [T]) -> &'l [T] {
        let [first, end] = [self.positions().start, self.positions().end]
            .map(|at| usize::try_from(at).unwrap_or(usize::MAX).min(all.len()));
        &all[first..end]
    }

    /// The value of `Link` for a list with this number of items; `None` if it has one page.
    pub fn links(&self, total: u64) -> Option<String> {
        let last = total.div_ceil(self.size.into()).max(1);
        let to = |rel: &str, page: u64| {
            let replacement = format!("{}={}&page={page}", self.size_name, self.size);
            format!("<{}>; rel=\"{rel}\"", page_url(self.request, &["page", self.size_name], &replacement))
        };
        let (before, after) = (self.number > 1, self.number < last);
        let previous = before.then(|| to("prev", (self.number - 1).min(last)));
        let next = after.then(|| to("next", self.number + 1));
        let (to_last, to_first) = (after.then(|| to("last", last)), before.then(|| to("first", 1)));
        let all: Vec<String> = [previous, next, to_last, to_first].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// The URL of the request as the client called it, with the parameters `replacement` instead of `replaced`, and without
/// credentials.
pub fn page_url(request: &IncomingRequest, replaced: &[&str], replacement: &str) -> String {
    let target = &request.target;
    let unchanged = target.query().unwrap_or_default().split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = decode(name.as_bytes(), true).unwrap_or_default();
        !name.is_empty() && !replaced.contains(&name.as_str()) && !IN_QUERY.contains(&name.as_str())
    });
    let query: Vec<&str> = unchanged.chain([replacement]).collect();
    encode_url(&format!("{}{}?{}", request.called_url(), target.path(), query.join("&")))
}
