//! A repository, which clients look up before they report.

use super::translate::Presenter;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::Result;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Presenter::new(&ctx, &repository).repository(Some(ctx.proof.role())))
}
