//! Branches and tags that have pipelines. The server hosts no git: the commit of a ref is that of its newest pipeline.

use super::repositories::{descending, one_of};
use super::translate::{self, Presenter};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{pipelines, refs};
use domain::error::{Invalid, Problem, Result};
use domain::model::page::Page;
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{NameSearch, PipelineFilter, RefFilter, RefKind, RefOrder};

/// Orders of the list of branches. By name it is descending, as the reference of the API says.
pub const BRANCH_ORDERS: &[&str] = &["name", "updated_desc", "updated_asc"];
/// The views of the list of branches.
pub const QUERY_VIEWS: &[&str] = &["my_branches", "active", "stale", "all_branches"];
/// The contents of an item of the list of branches.
pub const BRANCH_VIEWS: &[&str] = &["simple", "basic", "all"];
/// Kinds of branches.
pub const BRANCH_TYPES: &[&str] = &["not_protect"];
/// Sort fields of the list of tags.
pub const TAG_ORDERS: &[&str] = &["name", "created", "updated"];
/// The contents of an item of the list of tags.
pub const TAG_VIEWS: &[&str] = &["simple", "basic", "detail"];
/// Kinds of refs.
pub const TYPES: &[&str] = &["branch", "tag"];
/// Greatest length of the name of a branch or tag in a request.
pub const NAME_MAX: usize = 2_000;

/// `ListBranches`.
pub async fn branches(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let (order, descending) = match one_of(query, "sort", BRANCH_ORDERS)? {
        Some("updated_desc") => (RefOrder::NewestPipeline, true),
        Some("updated_asc") => (RefOrder::NewestPipeline, false),
        Some(_) => (RefOrder::Name, true),
        None => (RefOrder::Name, false),
    };
    one_of(query, "view", BRANCH_VIEWS)?;
    one_of(query, "branch_type", BRANCH_TYPES)?;
    let view = one_of(query, "query_view", QUERY_VIEWS)?;
    // Creators are never known, and every branch that has a pipeline is in use.
    let is_known = !matches!(view, Some("my_branches" | "stale")) && is_of_anybody(query)?;
    let filter = RefFilter { kind: Some(RefKind::Branch), order, descending, ..RefFilter::ALL };
    let (found, total) = page(&ctx, filter, is_known).await?;
    let branches: Vec<_> =
        found.iter().map(|newest| translate::branch(ctx.proof.repository(), newest)).collect();
    Ok(Reply::json(&branches)?.header("x-total", &total.to_string()))
}

/// `ShowBranch`.
pub async fn branch(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let newest = refs::branch(&ctx.edge.app, &ctx.proof, name(&ctx.request.query, "branch_name")?).await?;
    let commit = commit_of(&ctx, &newest).await?;
    Reply::json(&translate::show_branch(ctx.proof.repository(), &newest, commit))
}

/// `ListTags`, last updated first.
pub async fn tags(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let order = match one_of(query, "order_by", TAG_ORDERS)? {
        Some("name") => RefOrder::Name,
        _ => RefOrder::NewestPipeline,
    };
    one_of(query, "view", TAG_VIEWS)?;
    let (descending, name) = (descending(query, true)?, search(query)?);
    let filter = RefFilter { kind: Some(RefKind::Tag), name, order, descending, ..RefFilter::ALL };
    let (found, total) = page(&ctx, filter, is_of_anybody(query)?).await?;
    let tags: Vec<_> = found.iter().map(translate::tag).collect();
    Ok(Reply::json(&tags)?.header("x-total", &total.to_string()))
}

/// `ShowTag`.
pub async fn tag(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let newest = refs::tag(&ctx.edge.app, &ctx.proof, name(&ctx.request.query, "tag_name")?).await?;
    let commit = commit_of(&ctx, &newest).await?;
    Reply::json(&translate::show_tag(&newest, commit))
}

/// `ListRefsList`: the names of branches and tags.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let name = search(&ctx.request.query)?;
    names(&ctx, RefFilter { name, ..RefFilter::ALL }).await
}

/// A page of names of the requested kind.
pub async fn names(ctx: &Context<WithRole<Reads>>, filter: RefFilter) -> Result<Reply> {
    let kind = one_of(&ctx.request.query, "type", TYPES)?;
    let kind = kind.map(|kind| if kind == "tag" { RefKind::Tag } else { RefKind::Branch });
    let (found, total) = page(ctx, RefFilter { kind, ..filter }, true).await?;
    let names: Vec<_> = found.iter().map(|newest| RefKind::short_name(&newest.identity.git_ref)).collect();
    Ok(Reply::json(&names)?.header("x-total", &total.to_string()))
}

/// A page of the newest pipelines of refs, and the number of refs; none if nothing requested is known.
async fn page(
    ctx: &Context<WithRole<Reads>>,
    filter: RefFilter,
    is_known: bool,
) -> Result<(Vec<Pipeline>, u64)> {
    let query = &ctx.request.query;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    if !is_known {
        return Ok((Vec::new(), 0));
    }
    let found = refs::list(&ctx.edge.app, &ctx.proof, filter, page).await?;
    Ok((found.items, found.total))
}

/// The commit of the newest pipeline of a ref.
async fn commit_of(
    ctx: &Context<WithRole<Reads>>,
    newest: &Pipeline,
) -> Result<wire::codearts::commits::Commit> {
    let sha = newest.identity.sha.as_str();
    let filter = PipelineFilter { sha: Some(sha.to_owned()), ..PipelineFilter::default() };
    let oldest = pipelines::oldest(&ctx.edge.app, &ctx.proof, filter).await?;
    Ok(Presenter::new(ctx, &ctx.proof.caller().user).commit(sha, oldest.as_ref()))
}

/// Whether the request is for the refs of all creators.
fn is_of_anybody(query: &Query) -> Result<bool, Invalid> {
    Ok(query.get("creator")?.is_none_or(str::is_empty))
}

/// The name of a branch or tag.
fn name<'q>(query: &'q Query, parameter: &str) -> Result<&'q str, Invalid> {
    match query.get(parameter)? {
        None | Some("") => Err(Invalid::new(parameter, Problem::Missing)),
        Some(name) if name.chars().count() > NAME_MAX => {
            Err(Invalid::new(parameter, Problem::TooLong { max: NAME_MAX }))
        }
        Some(name) => Ok(name),
    }
}

/// The parameter `search`: a part of the name.
fn search(query: &Query) -> Result<Option<NameSearch>, Invalid> {
    let part = query.get("search")?.filter(|part| !part.is_empty());
    if part.is_some_and(|part| part.chars().count() > NAME_MAX) {
        return Err(Invalid::new("search", Problem::TooLong { max: NAME_MAX }));
    }
    Ok(part.map(|part| NameSearch { text: part.to_owned(), at_start: false, at_end: false }))
}
