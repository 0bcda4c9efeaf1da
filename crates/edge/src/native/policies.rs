//! What a repository does by itself.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::{Manages, Reads};
use domain::actions::policies;
use domain::error::Result;

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    Reply::json(&translate::policies(&policies::show(&ctx.edge.app, &ctx.proof).await?))
}

pub async fn set(ctx: Ctx<Member<Manages>>) -> Result<Reply> {
    let wanted = translate::read_policies(json::read("policies", ctx.request.body()?)?);
    Reply::json(&translate::policies(&policies::set(&ctx.edge.app, &ctx.proof, wanted).await?))
}
