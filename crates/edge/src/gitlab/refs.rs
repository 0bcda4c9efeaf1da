//! Branches and tags that have pipelines. The server hosts no git: the commit of a ref is that of its newest pipeline.

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate::Presenter;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::refs;
use domain::error::{Invalid, Problem, Result};
use domain::model::pipelines::filters::{NameSearch, RefFilter, RefKind, RefOrder};

/// Orders of the list of branches.
pub const BRANCH_ORDERS: &[&str] = &["name_asc", "updated_asc", "updated_desc"];
/// Sort fields of the list of tags.
pub const TAG_ORDERS: &[&str] = &["name", "updated"];

/// The branches, by name.
pub async fn branches(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::read(&ctx.request, &parameters)?;
    if parameters.text("regex")?.is_some() {
        return Err(Invalid::new("regex", Problem::Unknown).into());
    }
    let (order, descending) = match parameters.one_of("sort", BRANCH_ORDERS)? {
        Some("updated_asc") => (RefOrder::NewestPipeline, false),
        Some("updated_desc") => (RefOrder::NewestPipeline, true),
        _ => (RefOrder::Name, false),
    };
    let filter = RefFilter {
        kind: Some(RefKind::Branch),
        name: search(&parameters)?,
        order,
        descending,
        ..RefFilter::ALL
    };
    let found = refs::list(&ctx.edge.app, &ctx.proof, filter, paging.page()).await?;
    let presenter = Presenter::new(&ctx, ctx.proof.repository());
    let branches: Vec<_> = found.items.iter().map(|newest| presenter.branch(newest)).collect();
    Ok(paging.of_total(Reply::json(&branches)?, found.total))
}

/// The branch with this name.
pub async fn branch(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let newest = refs::branch(&ctx.edge.app, &ctx.proof, ctx.request.param("branch")).await?;
    Reply::json(&Presenter::new(&ctx, ctx.proof.repository()).branch(&newest))
}

/// The tags, last updated first.
pub async fn tags(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::read(&ctx.request, &parameters)?;
    let order = match parameters.one_of("order_by", TAG_ORDERS)? {
        Some("name") => RefOrder::Name,
        _ => RefOrder::NewestPipeline,
    };
    let descending = parameters.descending(true)?;
    let filter = RefFilter {
        kind: Some(RefKind::Tag),
        name: search(&parameters)?,
        order,
        descending,
        ..RefFilter::ALL
    };
    let found = refs::list(&ctx.edge.app, &ctx.proof, filter, paging.page()).await?;
    let presenter = Presenter::new(&ctx, ctx.proof.repository());
    let tags: Vec<_> = found.items.iter().map(|newest| presenter.tag(newest)).collect();
    Ok(paging.of_total(Reply::json(&tags)?, found.total))
}

/// The parameter `search`: a part of the name, `^` at its start and `$` at its end.
fn search(parameters: &Parameters<'_>) -> Result<Option<NameSearch>, Invalid> {
    let Some(text) = parameters.text("search")? else { return Ok(None) };
    let (at_start, text) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
    let (at_end, text) = text.strip_suffix('$').map_or((false, text), |rest| (true, rest));
    Ok(Some(NameSearch { text: text.to_owned(), at_start, at_end }))
}
