//! The attempts of a pipeline, with all their fields.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::jobs;
use domain::error::Result;
use domain::model::ids::PipelineId;
use domain::model::page::Page;
use wire::native::jobs::JobList;

pub async fn list(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let list = jobs::list(&ctx.edge.app, &ctx.proof, id, page).await?;
    let jobs = list.jobs.iter().map(|job| translate::job(&list.pipeline, &list.stages, job)).collect();
    Reply::json(&JobList { jobs, total: u64::from(list.pipeline.job_count) })
}
