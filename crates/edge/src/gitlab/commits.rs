//! A commit, which reporters look up before they report on it. Every full commit id exists, because the
//! server hosts no git.

use super::translate::Presenter;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{commits, pipelines};
use domain::error::{Error, Result};
use domain::model::pipelines::filters::PipelineFilter;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let sha = commits::resolve_or_ref(app, by, ctx.request.param("sha")).await?;
    let sha = sha.ok_or(Error::NotFound { noun: "commit" })?;
    let filter = PipelineFilter { sha: Some(sha.clone()), ..PipelineFilter::default() };
    let newest = pipelines::newest(app, by, filter).await?;
    Reply::json(&Presenter::new(&ctx, by.repository()).commit(&sha, newest.as_ref()))
}
