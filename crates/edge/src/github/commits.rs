//! A commit, which clients look up before they report on it. Every full commit id exists, because the server hosts
//! no git.

use super::translate::Presenter;
use crate::forges;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::pipelines;
use domain::error::Result;
use domain::model::pipelines::filters::PipelineFilter;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let sha = forges::commit(app, by, ctx.request.param("sha")).await?;
    let filter = PipelineFilter { sha: Some(sha.clone()), ..PipelineFilter::default() };
    let newest = pipelines::newest(app, by, filter).await?;
    let since = newest.map_or(app.clock.now(), |pipeline| pipeline.created_at);
    Reply::json(&Presenter::new(&ctx, by.repository()).commit(&sha, since))
}
