//! A commit, which reporters look up before they report on it. Every full commit id exists, because the
//! server hosts no git.

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate::Presenter;
use crate::code_hosts;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{merge_requests, pipelines};
use domain::error::Result;
use domain::model::pipelines::filters::PipelineFilter;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let (sha, since) = code_hosts::shown_commit(&ctx).await?;
    let filter = PipelineFilter { sha: Some(sha.clone()), ..PipelineFilter::default() };
    let newest = pipelines::newest(app, by, filter).await?;
    Reply::json(&Presenter::new(&ctx, by.repository()).commit(&sha, since, newest.as_ref()))
}

/// The merge requests that have or had the commit as their head, newest first.
pub async fn merge_requests(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::read(&ctx.request, &parameters)?;
    let sha = code_hosts::commit(&ctx.edge.app, &ctx.proof, ctx.request.param("sha")).await?;
    let found = merge_requests::of_commit(&ctx.edge.app, &ctx.proof, &sha, paging.page()).await?;
    let presenter = Presenter::new(&ctx, ctx.proof.repository());
    let shown = found.items.iter().map(|merge_request| presenter.merge_request(merge_request));
    Ok(paging.of_total(Reply::json(&shown.collect::<Vec<_>>())?, found.total))
}
