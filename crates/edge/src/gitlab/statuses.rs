//! Statuses of commits: build systems report and list them.

use super::dialect::GITLAB;
use super::paging::Paging;
use super::parameters::Parameters;
use super::translate::{self, Presenter};
use crate::code_hosts::{self, NO_COMMIT};
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::{Granted, Reads, Reporting};
use domain::actions::{commits, jobs, pipelines, reports};
use domain::error::Result;
use domain::model::ids::PipelineId;
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{ListPage, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::ports::App;
use std::pin::pin;

/// Pipelines read at once.
const PIPELINE_BATCH: u32 = 100;

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let parameters = Parameters::read(&ctx.request).await?;
    let mut fields = translate::report(&parameters, by.repository())?;
    fields.sha = Some(commits::resolve(app, by, ctx.request.param("sha")).await?.ok_or(NO_COMMIT)?);
    let (receipt, found) = reports::record_and_show(app, by, GITLAB.name, fields).await?;
    let reply = Presenter::new(&ctx, by.repository()).status(&found)?.status(201);
    if receipt.adjusted.is_empty() {
        return Ok(reply);
    }
    Ok(reply.header(translate::ADJUSTED, &translate::adjusted(receipt.adjusted)))
}

/// The newest attempts of the jobs of a commit in all its pipelines; with `all` also the older ones.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async { Ok((respond(&ctx).await?, Validity::UntilChange)) });
    cached(&ctx, Source::Repository, "ListCommitStatuses", by_address(&ctx.request), build).await
}

async fn respond(ctx: &Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::by_id(&ctx.request, &parameters)?;
    let text = |name| parameters.filter(name).map(|text| text.map(str::to_owned));
    let all = parameters.flag("all")?.unwrap_or_default();
    let pipeline = parameters.integer("pipeline_id")?;
    let by_pipeline = parameters.one_of("order_by", &["id", "pipeline_id"])? == Some("pipeline_id");
    let descending = parameters.descending(false)?;
    let filter = JobFilter {
        pipeline: pipeline.and_then(|id| PipelineId::new(id).ok()),
        newest: (!all).then_some(true),
        git_ref: text("ref")?,
        stage: text("stage")?,
        name: text("name")?,
        sha: Some(code_hosts::commit(app, by, ctx.request.param("sha")).await?),
        ..JobFilter::default()
    };
    if filter.pipeline.is_none() && pipeline.is_some() {
        return paging.empty().await;
    }
    let presenter = Presenter::new(ctx, by.repository());
    let write = |found: &[FoundJob]| presenter.statuses(found);
    let (count, window) = (jobs::count(app, by, filter.clone()), paging.window(JobOrder, descending));
    match window.start {
        Start::Offset(offset) if by_pipeline => {
            let find = by_pipelines(app, by, filter, descending, (offset, window.limit));
            paging.respond(count, find, None, write).await
        }
        _ => {
            let find = jobs::find(app, by, filter, window);
            paging.respond(count, find, Some(|found| found.job.id.get()), write).await
        }
    }
}

/// A page in order of pipelines, then of ids. It is read pipeline by pipeline, because a commit has few.
async fn by_pipelines(
    app: &App,
    by: &Granted<Reads>,
    filter: JobFilter,
    descending: bool,
    (mut skip, limit): (u32, u32),
) -> Result<ListPage<FoundJob>> {
    let of_commit = PipelineFilter {
        sha: filter.sha.clone(),
        git_ref: filter.git_ref.clone(),
        ..PipelineFilter::default()
    };
    let mut found = ListPage { items: Vec::new(), next: None };
    let mut after = None;
    loop {
        let start = Start::After(after);
        let window = Window { order: PipelineOrder::Id, descending, start, limit: PIPELINE_BATCH };
        let batch = pipelines::find(app, by, of_commit.clone(), window).await?;
        for pipeline in batch.items {
            if filter.pipeline.is_some_and(|only| only != pipeline.id) {
                continue;
            }
            let filter = JobFilter { pipeline: Some(pipeline.id), ..filter.clone() };
            if skip > 0 {
                let count = jobs::count(app, by, filter.clone()).await?;
                if u64::from(skip) >= count {
                    skip -= u32::try_from(count).unwrap_or(skip);
                    continue;
                }
            }
            let remaining = limit - u32::try_from(found.items.len()).unwrap_or(limit);
            let window = Window { order: JobOrder, descending, start: Start::Offset(skip), limit: remaining };
            skip = 0;
            found.items.extend(jobs::find(app, by, filter, window).await?.items);
            if found.items.len() >= limit as usize {
                return Ok(found);
            }
        }
        after = batch.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
