//! `ShowActualHeadPipeline`: the pipeline of a merge request's head.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::merge_requests;
use domain::error::Result;
use domain::model::ids::MergeRequestIid;

pub async fn actual_head_pipeline(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let iid = MergeRequestIid::parse(ctx.request.param(MergeRequestIid::FIELD))?;
    let found = merge_requests::show(&ctx.edge.app, &ctx.proof, iid).await?;
    Reply::json(&translate::actual_head(&found, ctx.edge.settings.offset))
}
