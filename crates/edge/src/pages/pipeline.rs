//! The page of a pipeline.

use super::conditional;
use super::frame::frame;
use super::response::html;
use crate::http::reply::Reply;
use crate::http::time_text::TimeText;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::pipelines;
use domain::error::{Invalid, Result};
use domain::model::ids::{PipelineId, StageId};
use domain::model::jobs::ListedJob;
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::ports::App;
use pages::{PipelinePage, StageSelection};
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
    if request.wants_json {
        let state = ctx.edge.whole_pipelines.read(app, &ctx.proof, id).await?;
        let jobs = state.jobs.iter().map(ListedJob::from);
        let jobs = translate::jobs(&state.pipeline, &state.stages, jobs);
        return Reply::json(&PipelineWithJobs { pipeline: translate::pipeline(&state.pipeline), jobs });
    }
    let stage = request.query.get("stage")?.map(StageId::parse).transpose();
    let stage = stage.map_err(|error| Invalid::new("stage", error.problem))?;
    let offset = Page::parse(request.query.get("offset")?, None)?.offset;
    let only = stage.map(|stage| StageSelection { stage, offset: offset as usize });
    let pipeline = pipelines::show(app, &ctx.proof, id).await?;
    let newer = neighbor(app, &ctx.proof, id, false).await?;
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let newer_id = newer.map_or(0, |id| i64::from(id.get()));
    let etag = conditional::etag(&frame, &[pipeline.version, newer_id], !pipeline.status.is_finished());
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    // The state may be newer than the entity tag. Then the next request gets the same page again, and no
    // change is missed.
    let state = ctx.edge.whole_pipelines.read(app, &ctx.proof, id).await?;
    let older = neighbor(app, &ctx.proof, id, true).await?;
    let page = PipelinePage::new(&frame, ctx.proof.repository(), &state, (older, newer), &etag, only);
    Ok(html(page.html()).header("etag", &etag))
}

/// The pipeline before or after this one in its repository.
async fn neighbor(
    app: &App,
    by: &Granted<Reads>,
    id: PipelineId,
    before: bool,
) -> Result<Option<PipelineId>> {
    let start = Start::After(Some(id.get()));
    let window = Window { order: PipelineOrder::Id, descending: before, start, limit: 1 };
    let found = pipelines::find(app, by, PipelineFilter::default(), window).await?;
    Ok(found.items.first().map(|pipeline| pipeline.id))
}
