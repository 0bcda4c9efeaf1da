//! Merge requests: the pipeline of the head, whether the results allow the merge, one merge request, and lists.

use super::repositories::{descending, one_of, search};
use super::translate::{self, Presenter};
use crate::code_hosts;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, WithRole};
use domain::Timestamp;
use domain::actions::access::Reads;
use domain::actions::{merge_requests, repositories};
use domain::error::{Invalid, Result};
use domain::model::ids::{Hex32, MergeRequestIid, RepositoryId};
use domain::model::merge_requests::filters::{MergeRequestFilter, MergeRequestOrder};
use domain::model::page::{Page, TimeRange};
use domain::model::repositories::RepositoryFilter;
use wire::codearts::mergeable_state::MergeableState;

/// States of lists of merge requests. Every known merge request is `opened`.
pub const STATES: &[&str] = &["all", "opened", "closed", "merged"];
/// States of the list of the caller's merge requests.
pub const PERSONAL_STATES: &[&str] = &["all", "opened", "closed", "locked", "merged"];
/// Sort fields of lists of merge requests.
pub const ORDERS: &[&str] = &["created_at", "updated_at"];
/// Sort fields of the list of the caller's merge requests.
pub const PERSONAL_ORDERS: &[&str] = &["created_at", "updated_at", "merged_at"];
/// Scopes of the list of the caller's merge requests.
pub const SCOPES: &[&str] = &["created_by_me", "assigned_to_me", "need_my_review", "need_my_approve", "all"];
/// The contents of an item of the list of the caller's merge requests.
pub const VIEWS: &[&str] = &["simple", "basic", "view_for_list"];
/// Whether the title marks a merge request as unfinished.
pub const WIP: &[&str] = &["yes", "no"];

/// `ShowActualHeadPipeline`.
pub async fn actual_head_pipeline(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    let found = merge_requests::show(&ctx.edge.app, &ctx.proof, iid).await?;
    Reply::json(&translate::actual_head(&found, ctx.edge.settings.offset))
}

/// `ShowMergeableStateOuter`.
pub async fn mergeable_state(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    Reply::json(&MergeableState::new(iid.get(), merge_requests::may_merge(app, by, iid).await?))
}

/// `ShowMergeRequestDetail`.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    let found = merge_requests::show(&ctx.edge.app, &ctx.proof, iid).await?.merge_request;
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Presenter::new(&ctx, &ctx.proof.caller().user).merge_request(&repository, &found))
}

/// `ListRepositoryMergeRequests`.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let asked = Asked::read(&ctx.request.query, STATES, ORDERS)?;
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let Some(filter) = asked.filter else { return counted(&[], 0) };
    let found = merge_requests::find(app, by, filter, asked.page).await?;
    let repository = repositories::show(app, by).await?;
    let presenter = Presenter::new(&ctx, &by.caller().user);
    let items: Vec<_> = found.items.iter().map(|found| presenter.listed(&repository, found)).collect();
    counted(&items, found.total)
}

/// `ListProjectMergeRequests`.
pub async fn list_in_project(ctx: Context<Authenticated>) -> Result<Reply> {
    let project = Hex32::parse("project_id", ctx.request.param("project_id"))?;
    let mut asked = Asked::read(&ctx.request.query, STATES, ORDERS)?;
    if ctx.request.query.get("topic")?.is_some_and(|topic| !topic.is_empty()) {
        asked.filter = None;
    }
    let of = RepositoryFilter { project_id: Some(project), ..RepositoryFilter::default() };
    list_visible(&ctx, of, asked).await
}

/// `ListPersonalMergeRequests`.
pub async fn list_personal(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let mut asked = Asked::read(query, PERSONAL_STATES, PERSONAL_ORDERS)?;
    one_of(query, "view", VIEWS)?;
    let is_all = one_of(query, "scope", SCOPES)?.is_none_or(|scope| scope == "all");
    let is_unfinished = one_of(query, "wip", WIP)?.is_some_and(|wip| wip == "yes");
    let created = range(query, "created_after", "created_before")?;
    let updated = range(query, "updated_after", "updated_before")?;
    let is_merged = range(query, "merged_after", "merged_before")? != TimeRange::default()
        || query.get("merged_by")?.is_some_and(|user| !user.is_empty());
    asked.filter = asked.filter.filter(|_| is_all && !is_unfinished && !is_merged);
    asked.filter = asked.filter.map(|filter| MergeRequestFilter { created, updated, ..filter });
    list_visible(&ctx, RepositoryFilter::default(), asked).await
}

async fn list_visible(ctx: &Context<Authenticated>, of: RepositoryFilter, asked: Asked) -> Result<Reply> {
    let Some(filter) = asked.filter else { return counted(&[], 0) };
    let found = merge_requests::find_visible(&ctx.edge.app, &ctx.proof, of, filter, asked.page).await?;
    let presenter = Presenter::new(ctx, &ctx.proof.caller().user);
    let items: Vec<_> = found.items.iter().map(|(at, found)| presenter.listed(at, found)).collect();
    counted(&items, found.total)
}

/// The filters of a request for a list.
struct Asked {
    /// `None`: no merge request can match, because the requested values are never known.
    filter: Option<MergeRequestFilter>,
    /// `None`: only the number of items.
    page: Option<Page>,
}

impl Asked {
    fn read(
        query: &Query,
        states: &'static [&'static str],
        orders: &'static [&'static str],
    ) -> Result<Self, Invalid> {
        let text = |name: &str| Ok::<_, Invalid>(query.get(name)?.filter(|text| !text.is_empty()));
        let repository = text("source_repository_id")?.map(RepositoryId::parse).transpose();
        let repository = repository.map_err(|e| Invalid::new("source_repository_id", e.problem))?;
        let order = match one_of(query, "order_by", orders)? {
            Some("updated_at") => MergeRequestOrder::UpdatedAt,
            _ => MergeRequestOrder::CreatedAt,
        };
        let filter = MergeRequestFilter {
            repository,
            source_branch: text("source_branch")?.map(str::to_owned),
            target_branch: text("target_branch")?.map(str::to_owned),
            text: search(query)?,
            order,
            descending: descending(query, true)?,
            ..MergeRequestFilter::default()
        };
        let is_open = one_of(query, "state", states)?.is_none_or(|state| ["all", "opened"].contains(&state));
        // Authors and labels are never known.
        let is_known = text("author_id")?.is_none() && text("labels")?.is_none();
        let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
        let only_count = query.flag("only_count")?.unwrap_or_default();
        let page = Some(page).filter(|_| !only_count);
        Ok(Self { filter: Some(filter).filter(|_| is_open && is_known), page })
    }
}

/// A range of times of two parameters.
fn range(query: &Query, after: &str, before: &str) -> Result<TimeRange, Invalid> {
    let time = |name: &str| -> Result<Option<Timestamp>, Invalid> {
        let text = query.get(name)?.filter(|text| !text.is_empty());
        text.map_or(Ok(None), |text| code_hosts::time(name, text))
    };
    Ok(TimeRange { since: time(after)?, until: time(before)? })
}

/// A page of a list, and the number of all its items.
fn counted(items: &[translate::MergeRequestListed], total: u64) -> Result<Reply> {
    Ok(Reply::json(&items)?.header("x-total", &total.to_string()))
}
