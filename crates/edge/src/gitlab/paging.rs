//! Pages of lists, by number or by keyset, and the headers that lead from one to the next (reporters fact 1.8). Links are on the address
//! that the client called. It must not know what is listed.

use super::parameters::Parameters;
use crate::auth::IN_QUERY;
use crate::http::query::{decode, encode_url};
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::error::{Invalid, Problem, Result};
use domain::model::page::{LIMIT_MAX, ListPage, Start, Window};
use serde::Serialize;

const PER_PAGE: i64 = 20;

/// Which page of a list is wanted.
pub struct Paging<'a> {
    request: &'a IncomingRequest,
    per_page: u32,
    from: From,
}

enum From {
    /// From 1. Who followed a link brings the id that the page before ended with, so that no page costs more than the first.
    Page { number: u64, after: Option<i32> },
    /// After the item with this id.
    Cursor(Option<i32>),
}

impl<'a> Paging<'a> {
    /// Reads `page`, `per_page`, `pagination` and `cursor`.
    ///
    /// # Errors
    /// Names the parameter; `order_by` where a keyset cannot follow it.
    pub fn read(request: &'a IncomingRequest, parameters: &Parameters<'_>) -> Result<Self, Invalid> {
        let at_least_one = |name: &str, default| match parameters.integer(name)? {
            Some(number) if number < 1 => {
                Err(Invalid::new(name, Problem::OutOfRange { min: 1, max: i64::MAX }))
            }
            number => Ok(number.unwrap_or(default)),
        };
        let per_page = at_least_one("per_page", PER_PAGE)?.min(LIMIT_MAX);
        let page = at_least_one("page", 1)?;
        let wrong = |_| Invalid::new("cursor", Problem::NotInteger);
        let cursor = parameters.integer("cursor")?.map(i32::try_from).transpose().map_err(wrong)?;
        let from = match parameters.word("pagination", &["offset", "legacy", "keyset"])? {
            Some("keyset") => {
                parameters.word("order_by", &["id"])?;
                From::Cursor(cursor)
            }
            _ => {
                let by_id = matches!(parameters.text("order_by")?, None | Some("id"));
                From::Page { number: page.unsigned_abs(), after: cursor.filter(|_| by_id) }
            }
        };
        Ok(Self { request, per_page: u32::try_from(per_page).unwrap_or(1), from })
    }

    /// The part of the list that is wanted.
    pub fn window<O>(&self, order: O, descending: bool) -> Window<O> {
        let start = match self.from {
            From::Page { after: None, .. } => Start::Offset(u32::try_from(self.offset()).unwrap_or(u32::MAX)),
            From::Page { after, .. } | From::Cursor(after) => Start::After(after),
        };
        Window { order, descending, start, limit: self.per_page }
    }

    /// Items on the pages before.
    fn offset(&self) -> u64 {
        match self.from {
            From::Page { number, .. } => (number - 1).saturating_mul(self.per_page.into()),
            From::Cursor(_) => 0,
        }
    }

    /// The page, with its headers. What counts is asked only where a total is told, what finds only where something can be left to find.
    /// `id` is an item's, where the list is in order of ids.
    ///
    /// # Errors
    /// Those of `count` and `find`.
    pub async fn answer<T, W: Serialize>(
        &self,
        count: impl Future<Output = Result<u64>>,
        find: impl Future<Output = Result<ListPage<T>>>,
        id: Option<fn(&T) -> i32>,
        write: impl Fn(&T) -> W,
    ) -> Result<Reply> {
        let From::Page { number, after } = self.from else {
            let found = find.await?;
            let reply = written(&found, write)?.header("x-per-page", &self.per_page.to_string());
            return Ok(match found.next {
                None => reply,
                Some(last) => {
                    reply.header("link", &self.link("next", &["cursor"], &format!("cursor={last}")))
                }
            });
        };
        let total = count.await?;
        let mut found = ListPage { items: Vec::new(), next: None };
        // Who follows links is told by the list itself where it ends, however it grew or shrank meanwhile.
        if after.is_some() || self.offset() < total {
            found = find.await?;
        }
        let last = match after {
            Some(_) => found.next,
            None => found.items.last().zip(id).map(|(last, id)| id(last)),
        };
        let reply = written(&found, write)?;
        Ok(self.with_totals(reply, number, total, last))
    }

    /// A list without items.
    ///
    /// # Errors
    /// None that happens.
    pub async fn nothing(&self) -> Result<Reply> {
        let none = async { Ok(ListPage { items: Vec::<()>::new(), next: None }) };
        self.answer(async { Ok(0) }, none, None, |_: &()| ()).await
    }

    /// `last` is the id that the next page begins after, where the list is in order of ids.
    fn with_totals(&self, reply: Reply, page: u64, total: u64, last: Option<i32>) -> Reply {
        // GitLab has at least one page, if an empty one.
        let pages = total.div_ceil(self.per_page.into()).max(1);
        let followed = matches!(self.from, From::Page { after: Some(_), .. });
        let next = Some(page + 1).filter(|next| if followed { last.is_some() } else { *next <= pages });
        let before = Some((page - 1).min(pages)).filter(|before| *before >= 1);
        let link = |rel: &str, page: u64, after: Option<i32>| {
            let cursor = after.map(|after| format!("&cursor={after}")).unwrap_or_default();
            let with = format!("page={page}&per_page={}{cursor}", self.per_page);
            self.link(rel, &["page", "per_page", "cursor"], &with)
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

    /// A link to the same list with other parameters in the place of `replaced`; never with a credential.
    fn link(&self, rel: &str, replaced: &[&str], with: &str) -> String {
        let target = &self.request.target;
        let kept = target.query().unwrap_or_default().split('&').filter(|pair| {
            let name = decode(pair.split('=').next().unwrap_or_default(), true);
            !name.is_empty() && !replaced.contains(&name.as_str()) && !IN_QUERY.contains(&name.as_str())
        });
        let query: Vec<&str> = kept.chain([with]).collect();
        let url = format!("{}{}?{}", self.request.base_url(), target.path(), query.join("&"));
        format!("<{}>; rel=\"{rel}\"", encode_url(&url))
    }
}

fn written<T, W: Serialize>(found: &ListPage<T>, write: impl Fn(&T) -> W) -> Result<Reply> {
    Reply::json(&found.items.iter().map(write).collect::<Vec<_>>())
}
