//! One pipeline, whole; and where a stage's dot leads.

use super::conditional;
use super::frame::frame;
use super::response::html;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::{jobs, pipelines};
use domain::error::{Invalid, Result};
use domain::model::ids::{PipelineId, StageId};
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::ports::App;
use pages::{PipelinePage, StageSelection};
use serde::Serialize;

/// The pipeline as the native API has it, with its jobs.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    pipeline: wire::native::pipelines::Pipeline,
    jobs: Vec<wire::native::jobs::Job>,
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let id = PipelineId::parse(request.param("pipeline_id"))?;
    if request.wants_json {
        let run = jobs::latest(app, &ctx.proof, id).await?;
        let jobs = run.jobs.iter().map(|job| translate::job(&run.pipeline, &run.stages, job)).collect();
        return Reply::json(&Whole { pipeline: translate::pipeline(&run.pipeline), jobs });
    }
    let stage = request.query.get("stage")?.map(StageId::parse).transpose();
    let stage = stage.map_err(|error| Invalid::new("stage", error.problem))?;
    let offset = Page::parse(request.query.get("offset")?, None)?.offset;
    let only = stage.map(|stage| StageSelection { stage, offset: offset as usize });
    let pipeline = pipelines::show(app, &ctx.proof, id).await?;
    let newer = beside(app, &ctx.proof, id, false).await?;
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let around = newer.map_or(0, |id| i64::from(id.get()));
    let name = conditional::name(&frame, &[pipeline.version, around], !pipeline.status.is_finished());
    if conditional::has(request, &name) {
        return Ok(conditional::same(&name));
    }
    // What it shows may be newer than its name by now: then the next look is for nothing, and no change is missed.
    let run = jobs::latest(app, &ctx.proof, id).await?;
    let older = beside(app, &ctx.proof, id, true).await?;
    let page = PipelinePage::new(&frame, ctx.proof.repository(), &run, (older, newer), &name, only);
    Ok(html(page.html()).header("etag", &name))
}

/// The pipeline before or after this one in its repository.
async fn beside(app: &App, by: &Granted<Reads>, id: PipelineId, before: bool) -> Result<Option<PipelineId>> {
    let start = Start::After(Some(id.get()));
    let window = Window { order: PipelineOrder::Id, descending: before, start, limit: 1 };
    let found = pipelines::find(app, by, PipelineFilter::default(), window).await?;
    Ok(found.items.first().map(|pipeline| pipeline.id))
}
