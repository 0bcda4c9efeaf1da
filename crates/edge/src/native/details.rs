//! The details of a job: its content besides the status.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::jobs;
use domain::error::Result;
use domain::model::ids::JobId;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = JobId::parse(ctx.request.param("job_id"))?;
    Reply::json(&translate::details::shown(jobs::details(&ctx.edge.app, &ctx.proof, id).await?))
}
