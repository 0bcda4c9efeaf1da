//! The page of pipelines, newest first.

use super::frame::frame;
use super::response::reply;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::{filters, translate};
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::pipelines;
use domain::error::{Invalid, Result};
use domain::model::ids::{PipelineId, StageId};
use domain::model::page::{ListPage, Page, Start, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::roles::Role;
use domain::ports::App;
use pages::paging::Pager;
use pages::{PipelineRow, Pipelines, PipelinesFilter};
use wire::native::pipelines::PipelineList;

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let filter = page_filter(query)?;
    let app = &ctx.edge.app;
    let found = find(app, &ctx.proof, query, store_filter(&filter, query)?).await?;
    let repository = ctx.proof.repository();
    let path = format!("/repositories/{}/pipelines", repository.id);
    let is_first_page = found.newer.is_none();
    let pager = Pager {
        before: found.newer.map(|id| filter.address(&path, ("after", &id.to_string()))),
        after: found.older.map(|id| filter.address(&path, ("before", &id.to_string()))),
        by_time: true,
    };
    let native = || PipelineList {
        pipelines: found.items.iter().map(translate::pipeline).collect(),
        next_before: found.older,
        total: None,
    };
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    // The JSON has no stages.
    let with_stages = if ctx.request.wants_json { &[] } else { found.items.as_slice() };
    let mut stages = pipelines::stages(app, &ctx.proof, with_stages).await?;
    let page = || {
        let row = |pipeline: &Pipeline| {
            let stages = stages.remove(&pipeline.id).unwrap_or_default();
            PipelineRow { pipeline: pipeline.clone(), stages }
        };
        let rows = found.items.iter().map(row).collect();
        let can_manage = ctx.proof.role() == Role::Manage;
        Pipelines { frame: &frame, repository, can_manage, filter: &filter, rows, is_first_page, pager }
            .html()
    };
    reply(&ctx.request, native, page)
}

/// Redirects to the first failed job of a stage, the target of the stage's icon. The search is made here
/// instead of for every list.
pub async fn first_failed(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let stage = StageId::parse(ctx.request.param("stage_id"))?;
    let path = format!("/repositories/{}/pipelines/{id}", ctx.proof.repository().id);
    Ok(match pipelines::first_failed(&ctx.edge.app, &ctx.proof, id, stage).await? {
        Some(job) => Reply::see_other(&format!("{path}/jobs/{job}")),
        None => Reply::see_other(&format!("{path}#stage-{stage}")),
    })
}

/// The filter in the address. A form sends one `status` for each checkbox; a link separates them by commas.
fn page_filter(query: &Query) -> Result<PipelinesFilter, Invalid> {
    let names = query.all("status").flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
    let statuses = filters::each_status(names)?;
    let text = |name| query.get(name).map(|text| text.unwrap_or_default().trim().to_owned());
    let (git_ref, q, source) = (text("ref")?, text("q")?, text("source")?);
    Ok(PipelinesFilter { statuses, git_ref, q, source, sha: text("sha")?, limit: text("limit")? })
}

/// The filter for the store, with the parameters that only links have.
fn store_filter(filter: &PipelinesFilter, query: &Query) -> Result<PipelineFilter, Invalid> {
    let non_empty = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Ok(PipelineFilter {
        statuses: filter.statuses.clone(),
        git_ref: non_empty(&filter.git_ref),
        source: non_empty(&filter.source),
        text: non_empty(&filter.q),
        sha: filters::form_sha(query)?,
        ..PipelineFilter::default()
    })
}

/// A page of the list, newest first, and the ids that the adjacent pages begin at.
struct PageOfList {
    items: Vec<Pipeline>,
    newer: Option<i32>,
    older: Option<i32>,
}

async fn find(app: &App, by: &Granted<Reads>, query: &Query, filter: PipelineFilter) -> Result<PageOfList> {
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let id = |name| -> Result<Option<i32>, Invalid> {
        let id =
            query.get(name)?.map(PipelineId::parse).transpose().map_err(|e| Invalid::new(name, e.problem))?;
        Ok(id.map(PipelineId::get))
    };
    let (before, after) = (id("before")?, id("after")?);
    if let Some(after) = after {
        // The previous page is read in ascending order from the start of this one. A short one is the first
        // page.
        let window =
            Window { order: PipelineOrder::Id, descending: false, start: Start::After(Some(after)), limit };
        let ListPage { mut items, next } = pipelines::find(app, by, filter.clone(), window).await?;
        if next.is_some() && !items.is_empty() {
            items.reverse();
            let (newer, older) = (items.first(), items.last());
            let id = |pipeline: Option<&Pipeline>| pipeline.map(|pipeline| pipeline.id.get());
            return Ok(PageOfList { newer: id(newer), older: id(older), items });
        }
    }
    let before = before.filter(|_| after.is_none());
    let window = Window { order: PipelineOrder::Id, descending: true, start: Start::After(before), limit };
    let found = pipelines::find(app, by, filter, window).await?;
    let newer = before.map(|before| found.items.first().map_or(before - 1, |pipeline| pipeline.id.get()));
    Ok(PageOfList { newer, older: found.next, items: found.items })
}
