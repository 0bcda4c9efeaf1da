//! Paging of lists, by page number or by keyset, and the headers that link the pages (reporters fact 1.8).
//! Links have the URL that the client called.

use super::parameters::Parameters;
use crate::code_hosts;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::error::{Invalid, Problem, Result};
use domain::model::page::{LIMIT_MAX, ListPage, Page, Start, Window};

const PER_PAGE: i64 = 20;
/// A page that begins later in its list is read only after the list was counted, because it may be beyond its end.
const NEAR_MAX: u64 = 1_000;

/// The requested page of a list.
pub struct Paging<'a> {
    request: &'a IncomingRequest,
    per_page: u32,
    start: PageStart,
}

enum PageStart {
    /// By number, from 1. A followed link also has the id that the previous page ended with, so that no page
    /// costs more than the first.
    Page { number: u64, after: Option<i32> },
    /// After the item with this id.
    Cursor(Option<i32>),
}

impl<'a> Paging<'a> {
    /// Reads `page`, `per_page`, `pagination` and `cursor` of a list whose cursor is an id ([`Paging::window`]).
    ///
    /// # Errors
    /// [`Invalid`] with the parameter; with `order_by` if the list is read by keyset in another order.
    pub fn by_id(request: &'a IncomingRequest, parameters: &Parameters<'_>) -> Result<Self, Invalid> {
        let by_id = matches!(parameters.text("order_by")?, None | Some("id"));
        let paging = Self::new(request, parameters, by_id)?;
        if let PageStart::Cursor(_) = paging.start {
            parameters.one_of("order_by", &["id"])?;
        }
        Ok(paging)
    }

    /// Reads `page`, `per_page`, `pagination` and `cursor` of a list in any order, which is read with its total
    /// ([`Paging::page`]).
    ///
    /// # Errors
    /// [`Invalid`] with the parameter.
    pub fn read(request: &'a IncomingRequest, parameters: &Parameters<'_>) -> Result<Self, Invalid> {
        Self::new(request, parameters, false)
    }

    fn new(request: &'a IncomingRequest, parameters: &Parameters<'_>, by_id: bool) -> Result<Self, Invalid> {
        let at_least_one = |name: &str, default| match parameters.integer(name)? {
            Some(number) if number < 1 => {
                Err(Invalid::new(name, Problem::OutOfRange { min: 1, max: i64::MAX }))
            }
            number => Ok(number.unwrap_or(default)),
        };
        let per_page = at_least_one("per_page", PER_PAGE)?.min(LIMIT_MAX);
        let page = at_least_one("page", 1)?;
        let invalid = |_| Invalid::new("cursor", Problem::NotInteger);
        let cursor = parameters.integer("cursor")?.map(i32::try_from).transpose().map_err(invalid)?;
        let start = match parameters.one_of("pagination", &["offset", "legacy", "keyset"])? {
            Some("keyset") => PageStart::Cursor(cursor),
            _ => PageStart::Page { number: page.unsigned_abs(), after: cursor.filter(|_| by_id) },
        };
        Ok(Self { request, per_page: u32::try_from(per_page).unwrap_or(1), start })
    }

    /// The requested part of the list. A page by number has one item more, so that the last page gives the total.
    pub fn window<O>(&self, order: O, descending: bool) -> Window<O> {
        let (start, limit) = match self.start {
            PageStart::Page { after: None, .. } => {
                (Start::Offset(u32::try_from(self.offset()).unwrap_or(u32::MAX)), self.per_page + 1)
            }
            PageStart::Page { after, .. } | PageStart::Cursor(after) => (Start::After(after), self.per_page),
        };
        Window { order, descending, start, limit }
    }

    /// The requested part of a list that is read with its total. The cursor of such a list is the number of items
    /// before the page.
    pub fn page(&self) -> Page {
        Page { offset: u32::try_from(self.items_before()).unwrap_or(u32::MAX), limit: self.per_page }
    }

    fn items_before(&self) -> u64 {
        match self.start {
            PageStart::Page { .. } => self.offset(),
            PageStart::Cursor(before) => u64::try_from(before.unwrap_or_default()).unwrap_or_default(),
        }
    }

    /// Adds the headers of a page of a list with this total ([`Paging::page`]).
    pub fn of_total(&self, reply: Reply, total: u64) -> Reply {
        let PageStart::Page { number, .. } = self.start else {
            let end = self.items_before() + u64::from(self.per_page);
            let reply = reply.header("x-per-page", &self.per_page.to_string());
            return match end < total {
                true => reply.header("link", &self.link("next", &["cursor"], &format!("cursor={end}"))),
                false => reply,
            };
        };
        self.with_totals(reply, number, total, None)
    }

    /// The number of items on the previous pages.
    fn offset(&self) -> u64 {
        match self.start {
            PageStart::Page { number, .. } => (number - 1).saturating_mul(self.per_page.into()),
            PageStart::Cursor(_) => 0,
        }
    }

    /// The page with its headers. `find` reads [`Paging::window`], only where the page can have items;
    /// `count` runs only where the response has a total that the page does not give. `id` returns the id of
    /// an item, if the list is in order of ids. `write` writes the items.
    ///
    /// # Errors
    /// Those of `count`, `find` and `write`.
    pub async fn respond<T>(
        &self,
        count: impl Future<Output = Result<u64>>,
        find: impl Future<Output = Result<ListPage<T>>>,
        id: Option<fn(&T) -> i32>,
        write: impl FnOnce(&[T]) -> Result<Reply>,
    ) -> Result<Reply> {
        let PageStart::Page { number, after } = self.start else {
            let found = find.await?;
            let reply = write(&found.items)?.header("x-per-page", &self.per_page.to_string());
            return Ok(match found.next {
                None => reply,
                Some(last) => {
                    reply.header("link", &self.link("next", &["cursor"], &format!("cursor={last}")))
                }
            });
        };
        let (total, found) = match after {
            None if self.offset() <= NEAR_MAX => {
                let mut found = find.await?;
                let read = found.items.len();
                found.items.truncate(self.per_page as usize);
                let ends_here = found.items.len() == read && (read > 0 || self.offset() == 0);
                (if ends_here { self.offset() + read as u64 } else { count.await? }, found)
            }
            None => {
                let total = count.await?;
                let mut found = ListPage { items: Vec::new(), next: None };
                if self.offset() < total {
                    found = find.await?;
                    found.items.truncate(self.per_page as usize);
                }
                (total, found)
            }
            // A client that follows links gets the end from the list itself, even if the list changed in the
            // meantime.
            Some(_) => (count.await?, find.await?),
        };
        let last = match after {
            Some(_) => found.next,
            None => found.items.last().zip(id).map(|(last, id)| id(last)),
        };
        Ok(self.with_totals(write(&found.items)?, number, total, last))
    }

    /// An empty list.
    ///
    /// # Errors
    /// [`domain::Error::Internal`], which does not happen.
    pub async fn empty(&self) -> Result<Reply> {
        let none = async { Ok(ListPage { items: Vec::<()>::new(), next: None }) };
        self.respond(async { Ok(0) }, none, None, |none: &[()]| Reply::json(&none)).await
    }

    /// Adds the headers of a page by number. `last` is the id that the next page begins after, if the list is
    /// in order of ids.
    fn with_totals(&self, reply: Reply, page: u64, total: u64, last: Option<i32>) -> Reply {
        // In GitLab an empty list has one page.
        let pages = total.div_ceil(self.per_page.into()).max(1);
        let followed = matches!(self.start, PageStart::Page { after: Some(_), .. });
        let next = Some(page + 1).filter(|next| if followed { last.is_some() } else { *next <= pages });
        let before = Some((page - 1).min(pages)).filter(|before| *before >= 1);
        let link = |rel: &str, page: u64, after: Option<i32>| {
            let cursor = after.map(|after| format!("&cursor={after}")).unwrap_or_default();
            let replacement = format!("page={page}&per_page={}{cursor}", self.per_page);
            self.link(rel, &["page", "per_page", "cursor"], &replacement)
        };
        let links = [before.map(|at| link("prev", at, None)), next.map(|at| link("next", at, last))];
        let ends = [link("first", 1, None), link("last", pages, None)];
        let links: Vec<String> = links.into_iter().flatten().chain(ends).collect();
        let number = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
        reply
            .header("x-page", &page.to_string())
            .header("x-per-page", &self.per_page.to_string())
            .header("x-next-page", &number(next))
            .header("x-prev-page", &number(before))
            .header("x-total", &total.to_string())
            .header("x-total-pages", &pages.to_string())
            .header("link", &links.join(", "))
    }

    /// A link to the same list, with the parameters `replacement` instead of `replaced`.
    fn link(&self, rel: &str, replaced: &[&str], replacement: &str) -> String {
        format!("<{}>; rel=\"{rel}\"", code_hosts::page_url(self.request, replaced, replacement))
    }
}
