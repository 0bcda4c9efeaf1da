//! The pipelines of a repository, newest first.

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
    let asked = asked(query)?;
    let app = &ctx.edge.app;
    let found = find(app, &ctx.proof, query, wanted(&asked, query)?).await?;
    let repository = ctx.proof.repository();
    let path = format!("/repositories/{}/pipelines", repository.id);
    let is_first_page = found.newer.is_none();
    let pager = Pager {
        before: found.newer.map(|id| asked.address(&path, ("after", &id.to_string()))),
        after: found.older.map(|id| asked.address(&path, ("before", &id.to_string()))),
        by_time: true,
    };
    let native = || PipelineList {
        pipelines: found.items.iter().map(translate::pipeline).collect(),
        next_before: found.older,
        total: None,
    };
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    // Of JSON nobody asks for them.
    let asked_for = if ctx.request.wants_json { &[] } else { found.items.as_slice() };
    let mut stages = pipelines::stages(app, &ctx.proof, asked_for).await?;
    let page = || {
        let row = |pipeline: &Pipeline| {
            let stages = stages.remove(&pipeline.id).unwrap_or_default();
            PipelineRow { pipeline: pipeline.clone(), stages }
        };
        let rows = found.items.iter().map(row).collect();
        let can_manage = ctx.proof.role() == Role::Manage;
        Pipelines { frame: &frame, repository, can_manage, filter: &asked, rows, is_first_page, pager }.html()
    };
    reply(&ctx.request, native, page)
}

/// The first failed job of a stage: where its dot leads. It is looked for here, so that a list need not.
pub async fn first_failed(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let stage = StageId::parse(ctx.request.param("stage_id"))?;
    let path = format!("/repositories/{}/pipelines/{id}", ctx.proof.repository().id);
    Ok(match pipelines::first_failed(&ctx.edge.app, &ctx.proof, id, stage).await? {
        Some(job) => Reply::see_other(&format!("{path}/jobs/{job}")),
        None => Reply::see_other(&format!("{path}#stage-{stage}")),
    })
}

/// What the address asks for. A form sends a status for each box; a link has them with commas between.
fn asked(query: &Query) -> Result<PipelinesFilter, Invalid> {
    let words = query.all("status").flat_map(|words| words.split(',')).filter(|word| !word.is_empty());
    let statuses = filters::each_status(words)?;
    let text = |name| query.get(name).map(|text| text.unwrap_or_default().trim().to_owned());
    let (git_ref, q, source) = (text("ref")?, text("q")?, text("source")?);
    Ok(PipelinesFilter { statuses, git_ref, q, source, sha: text("sha")?, limit: text("limit")? })
}

/// The same for the store, with what only a link asks for.
fn wanted(asked: &PipelinesFilter, query: &Query) -> Result<PipelineFilter, Invalid> {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Ok(PipelineFilter {
        statuses: asked.statuses.clone(),
        git_ref: some(&asked.git_ref),
        source: some(&asked.source),
        text: some(&asked.q),
        sha: filters::sha(query)?,
        ..PipelineFilter::default()
    })
}

/// A page of the list, newest first, and where those around it begin.
struct Around {
    items: Vec<Pipeline>,
    newer: Option<i32>,
    older: Option<i32>,
}

async fn find(app: &App, by: &Granted<Reads>, query: &Query, filter: PipelineFilter) -> Result<Around> {
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let id = |name| -> Result<Option<i32>, Invalid> {
        let id =
            query.get(name)?.map(PipelineId::parse).transpose().map_err(|e| Invalid::new(name, e.problem))?;
        Ok(id.map(PipelineId::get))
    };
    let (before, after) = (id("before")?, id("after")?);
    if let Some(after) = after {
        // The page before is read upwards from where this one began. A short one is the first of all.
        let window =
            Window { order: PipelineOrder::Id, descending: false, start: Start::After(Some(after)), limit };
        let ListPage { mut items, next } = pipelines::find(app, by, filter.clone(), window).await?;
        if next.is_some() && !items.is_empty() {
            items.reverse();
            let (newer, older) = (items.first(), items.last());
            let id = |pipeline: Option<&Pipeline>| pipeline.map(|pipeline| pipeline.id.get());
            return Ok(Around { newer: id(newer), older: id(older), items });
        }
    }
    let before = before.filter(|_| after.is_none());
    let window = Window { order: PipelineOrder::Id, descending: true, start: Start::After(before), limit };
    let found = pipelines::find(app, by, filter, window).await?;
    let newer = before.map(|before| found.items.first().map_or(before - 1, |pipeline| pipeline.id.get()));
    Ok(Around { newer, older: found.next, items: found.items })
}
