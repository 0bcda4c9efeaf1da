//! A repository as a project: what build systems look up by its path before they report.

use super::translate::Presenter;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::Result;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Presenter::new(&ctx, &repository).project(ctx.proof.role()))
}
