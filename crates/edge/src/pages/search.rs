//! The page of a search.

use super::frame::frame;
use super::response::{html, reply};
use crate::http::reply::Reply;
use crate::native::{self, translate};
use crate::routes::{Authenticated, Context};
use domain::actions::search;
use domain::error::{Invalid, Problem, Result};
use domain::model::search::SearchTerms;
use pages::{SearchPage, hit_address};

/// The hits of a text; the form alone without one. The page of the only exact hit is opened at once, but not for the
/// palette, whose list changes while the text is entered.
pub async fn show(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let repository = native::search::repository(query)?;
    let q = query.get(SearchTerms::FIELD)?.unwrap_or_default();
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    if q.trim().is_empty() {
        if ctx.request.wants_json {
            return Err(Invalid::new(SearchTerms::FIELD, Problem::Missing).into());
        }
        return Ok(html(SearchPage { frame: &frame, q: "", repository, result: None }.html()));
    }
    let terms = SearchTerms::parse(q)?;
    let result = search::search(&ctx.edge.app, &ctx.proof, &terms, repository).await?;
    if !ctx.request.wants_json
        && !frame.fragment
        && let Some(hit) = result.direct(repository)
    {
        return Ok(Reply::see_other(&hit_address(hit)));
    }
    let page = || SearchPage { frame: &frame, q, repository, result: Some(&result) }.html();
    reply(&ctx.request, || translate::search::results(&result, repository), page)
}
