//! Comparing pipelines: with the earlier ones of the ref, and with another one.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::comparisons;
use domain::error::{Invalid, Problem, Result};
use domain::model::comparisons::Comparison;
use domain::model::comparisons::jobs_of;
use domain::model::ids::PipelineId;
use domain::model::pipelines::Pipeline;

pub async fn changes(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let state = ctx.edge.whole_pipelines.read(&ctx.edge.app, &ctx.proof, id).await?;
    let related = comparisons::related_pipelines(&ctx.edge.app, &ctx.proof, &state.pipeline).await?;
    let changes = comparisons::changes(&ctx.edge.app, &ctx.proof, &state, related).await?;
    Reply::json(&translate::comparisons::changes(id, &changes))
}

pub async fn compare(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let head = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let with = ctx.request.query.get("with")?.map(PipelineId::parse).transpose();
    let with = with.map_err(|error| Invalid::new("with", error.problem))?;
    let base = with.ok_or_else(|| Invalid::new("with", Problem::Missing))?;
    let found = read(&ctx, base, head).await?;
    Reply::json(&translate::comparisons::comparison(&found))
}

/// Two pipelines, base and head, and their differences.
pub struct ComparedPipelines {
    pub base: Pipeline,
    pub head: Pipeline,
    pub comparison: Comparison,
}

/// Compares two pipelines. Only one of them is in memory at a time.
pub async fn read(
    ctx: &Context<WithRole<Reads>>,
    base: PipelineId,
    head: PipelineId,
) -> Result<ComparedPipelines> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let (base, jobs) = {
        let state = ctx.edge.whole_pipelines.read(app, by, base).await?;
        (state.pipeline.clone(), jobs_of(&state))
    };
    let state = ctx.edge.whole_pipelines.read(app, by, head).await?;
    let comparison = comparisons::compare(app, by, &jobs, &state).await?;
    Ok(ComparedPipelines { base, head: state.pipeline.clone(), comparison })
}
