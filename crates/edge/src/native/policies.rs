//! Policies: inactivity timeouts and retention.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Manages, Reads};
use domain::actions::policies;
use domain::error::Result;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    Reply::json(&translate::policies(&policies::show(&ctx.edge.app, &ctx.proof).await?))
}

pub async fn set(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let wanted = translate::read_policies(json::read("policies", ctx.request.body()?)?);
    Reply::json(&translate::policies(&policies::set(&ctx.edge.app, &ctx.proof, wanted).await?))
}
