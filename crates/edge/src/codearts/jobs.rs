//! `ListPipelineJobs` and `ListLatestPipelineJobs`: the most frequent requests. Whole responses are cached
//! under the store's version of the pipeline, so they are never stale after an acknowledged report.

use super::translate;
use crate::http::bodies::Variant;
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, cached, cached_in_turn};
use domain::actions::access::Reads;
use domain::actions::jobs;
use domain::error::Result;
use domain::model::ids::PipelineId;
use domain::model::page::Page;
use domain::ports::JobList;
use std::pin::pin;

/// One page of all attempts, ascending by id; `X-Total` is their number.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let page = Page::parse(ctx.request.query.get("offset")?, ctx.request.query.get("limit")?)?;
    let build = pin!(async {
        let list = jobs::list(&ctx.edge.app, &ctx.proof, id, page).await?;
        let jobs = translate::jobs(&list, ctx.edge.settings.offset);
        let reply = Reply::json_of_size(&jobs, body_bytes(&list))?;
        Ok((reply.header("x-total", &list.pipeline.job_count.to_string()), Validity::UntilChange))
    });
    cached(&ctx, Source::Pipeline(id), "ListPipelineJobs", Some(Variant::Page(page)), build).await
}

/// About the length of the body of a list.
fn body_bytes(list: &JobList) -> usize {
    list.jobs.text_bytes() + list.jobs.len() * 512
}

/// The newest attempt of each job, by stage.
pub async fn latest(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let turn = pin!(ctx.edge.whole_pipelines.turn(&ctx.edge.app, &ctx.proof, id));
    let build = pin!(async {
        let state = jobs::latest(&ctx.edge.app, &ctx.proof, id).await?;
        let latest = translate::latest(&state, ctx.edge.settings.offset);
        Ok((Reply::json_of_size(&latest, state.jobs.len() * 640)?, Validity::UntilChange))
    });
    cached_in_turn(&ctx, Source::Pipeline(id), "ListLatestPipelineJobs", turn, build).await
}
