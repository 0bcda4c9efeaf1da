//! `ListPipelineJobs` and `ListLatestPipelineJobs`: the most frequent requests. Whole responses are cached
//! under the store's version of the pipeline, so they are never stale after an acknowledged report.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::jobs;
use domain::error::{Error, Result};
use domain::model::ids::PipelineId;
use domain::model::page::Page;

/// One page of all attempts, ascending by id; `X-Total` is their number.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let page = Page::parse(ctx.request.query.get("offset")?, ctx.request.query.get("limit")?)?;
    let build = async {
        let list = jobs::list(&ctx.edge.app, &ctx.proof, id, page).await?;
        let offset = ctx.edge.settings.offset;
        let jobs: Vec<_> =
            list.jobs.iter().map(|job| translate::job(&list.pipeline, &list.stages, job, offset)).collect();
        Ok(Reply::json(&jobs)?.header("x-total", &list.pipeline.job_count.to_string()))
    };
    cached(&ctx, id, Some(page), build).await
}

/// The newest attempt of each job, by stage.
pub async fn latest(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let build = async {
        let state = jobs::latest(&ctx.edge.app, &ctx.proof, id).await?;
        Reply::json(&translate::latest(&state, ctx.edge.settings.offset))
    };
    cached(&ctx, id, None, build).await
}

/// The cached response while it is valid; else a new one.
async fn cached(
    ctx: &Context<WithRole<Reads>>,
    id: PipelineId,
    page: Option<Page>,
    build: impl Future<Output = Result<Reply, Error>>,
) -> Result<Reply> {
    let (store, bodies) = (&ctx.edge.app.store, &ctx.edge.bodies);
    let repository = ctx.proof.repository().id;
    let key = (repository, id, page);
    let version = ctx.request.versions.pipeline;
    if let Some(reply) = version.and_then(|version| bodies.get(&key, version)) {
        return Ok(reply);
    }
    let reply = build.await?;
    // What was read between two equal versions is the state of that version.
    if let Some(version) = version
        && store.current_versions(Some((repository, id))).await.is_ok_and(|now| now.pipeline == Some(version))
    {
        bodies.insert(key, version, reply.clone());
    }
    Ok(reply)
}
