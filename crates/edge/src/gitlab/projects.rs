//! A repository as a project: what build systems look up by its path before they report.

use super::translate::Teller;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::Result;

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let fresh = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Teller::new(&ctx, &fresh).project(ctx.proof.role()))
}
