//! The page of a pipeline.

use super::comparisons::section;
use super::conditional::{self, Revalidation};
use super::frame::frame;
use super::response::html;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::http::time_text::TimeText;
use crate::native::{filters, translate};
use crate::routes::{Context, WithRole};
use crate::state::PageState;
use domain::actions::access::Reads;
use domain::actions::{comparisons, pipelines};
use domain::error::{Invalid, Result};
use domain::model::as_of::AsOf;
use domain::model::ids::{PipelineId, StageId};
use domain::model::jobs::ListedJob;
use domain::model::page::Page;
use pages::{Frame, JobsFilter, Past, PipelinePage, StageSelection};
use serde::Serialize;

/// A pipeline of the native API with its jobs.
#[derive(Serialize)]
struct PipelineWithJobs<'a> {
    #[serde(flatten)]
    pipeline: wire::native::pipelines::Pipeline,
    jobs: Vec<wire::native::jobs::Job<&'a str, TimeText>>,
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let id = PipelineId::parse(request.param("pipeline_id"))?;
    if let Some(as_of) = filters::as_of(&request.query, app.clock.now())? {
        return past(&ctx, id, as_of).await;
    }
    if request.wants_json {
        let state = ctx.edge.whole_pipelines.read(app, &ctx.proof, id).await?;
        let jobs = state.jobs.iter().map(ListedJob::from);
        let jobs = translate::jobs(&state.pipeline, &state.stages, jobs);
        return Reply::json(&PipelineWithJobs { pipeline: translate::pipeline(&state.pipeline), jobs });
    }
    let only = selection(&request.query)?;
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let revalidation = Revalidation::begin(&ctx).await;
    if let Some(unchanged) = revalidation.unchanged(&frame) {
        return Ok(unchanged);
    }
    let pipeline = pipelines::show(app, &ctx.proof, id).await?;
    let related = comparisons::related_pipelines(app, &ctx.proof, &pipeline).await?;
    let newer = related.newer.as_ref().map(|found| found.id);
    // Earlier pipelines of the ref, which the page compares with, may change too.
    let others =
        conditional::digest(related.older.iter().chain(&related.last_green).chain(&related.first_failed));
    let versions = vec![pipeline.version, newer.map_or(0, |id| i64::from(id.get())), others];
    let state = PageState { versions, active: !pipeline.status.is_finished() };
    let etag = revalidation.etag(&frame, state).await;
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    // The state may be newer than the entity tag. Then the next request gets the same page again, and no
    // change is missed.
    let state = ctx.edge.whole_pipelines.read(app, &ctx.proof, id).await?;
    let older = related.older.first().map(|found| found.id);
    let changes = section(&ctx, &frame, &state, related).await?;
    let neighbors = (older, newer);
    let page = PipelinePage::new(&frame, ctx.proof.repository(), &state, neighbors, &etag, only);
    let page = page.with_changes(changes).filtered(filter(&request.query)?);
    Ok(html(page.html()).header("etag", &etag))
}

/// The stage that is selected.
fn selection(query: &Query) -> Result<Option<StageSelection>> {
    let stage = query.get("stage")?.map(StageId::parse).transpose();
    let stage = stage.map_err(|error| Invalid::new("stage", error.problem))?;
    let offset = Page::parse(query.get("offset")?, None)?.offset;
    Ok(stage.map(|stage| StageSelection { stage, offset: offset as usize }))
}

/// The jobs that are shown.
fn filter(query: &Query) -> Result<JobsFilter> {
    let failed = query.get(JobsFilter::FAILED)?.is_some_and(|value| !value.is_empty());
    Ok(JobsFilter { failed, q: query.get(JobsFilter::Q)?.unwrap_or_default().trim().to_owned() })
}

/// The pipeline as it was.
async fn past(ctx: &Context<WithRole<Reads>>, id: PipelineId, as_of: AsOf) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let (state, moment) = ctx.edge.whole_pipelines.read_past(app, &ctx.proof, id, as_of).await?;
    if request.wants_json {
        let jobs = state.jobs.iter().map(ListedJob::from);
        let jobs = translate::jobs(&state.pipeline, &state.stages, jobs);
        let pipeline = translate::past_pipeline(&state.pipeline, &moment);
        return Reply::json(&PipelineWithJobs { pipeline, jobs });
    }
    let only = selection(&request.query)?;
    // Durations end at the moment.
    let frame = Frame { now: moment.at, ..frame(&ctx.edge, request, &ctx.proof) };
    let page = PipelinePage::new(&frame, ctx.proof.repository(), &state, (None, None), "", only);
    let page = page.filtered(filter(&request.query)?);
    Ok(html(page.of_past(Past { as_of, moment: &moment }).html()))
}
