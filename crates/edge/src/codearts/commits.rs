//! Commits, which are known from their pipelines: one, its merge requests, and its branches and tags.

use super::refs;
use super::translate::{self, Presenter};
use crate::code_hosts;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{merge_requests, pipelines};
use domain::error::{Invalid, Problem, Result};
use domain::model::page::Page;
use domain::model::pipelines::filters::{PipelineFilter, RefFilter};

/// `ShowCommit`. `sha` is a commit id, or the name of a branch or tag.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by, query) = (&ctx.edge.app, &ctx.proof, &ctx.request.query);
    let named = query.get("sha")?.filter(|named| !named.is_empty());
    let named = named.ok_or_else(|| Invalid::new("sha", Problem::Missing))?;
    // What they ask for is never known.
    query.flag("stats")?;
    query.flag("show_code_changes")?;
    let sha = code_hosts::commit(app, by, named).await?;
    let of_commit = || PipelineFilter { sha: Some(sha.clone()), ..PipelineFilter::default() };
    let newest = pipelines::newest(app, by, of_commit()).await?;
    let oldest = match &newest {
        Some(_) => pipelines::oldest(app, by, of_commit()).await?,
        None => None,
    };
    let merge_request = merge_requests::of_commit(app, by, &sha).await?.into_iter().next();
    let presenter = Presenter::new(&ctx, &by.caller().user);
    let commit = presenter.commit(&sha, oldest.as_ref());
    Reply::json(&presenter.show_commit(by.repository(), commit, newest.as_ref(), merge_request.as_ref()))
}

/// `ListCommitAssociatedMergeRequests`: those that have or had the commit as their head, greatest number first.
pub async fn merge_requests(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let page = Page::parse(ctx.request.query.get("offset")?, ctx.request.query.get("limit")?)?;
    let sha = code_hosts::commit(&ctx.edge.app, &ctx.proof, ctx.request.param("sha")).await?;
    let all = merge_requests::of_commit(&ctx.edge.app, &ctx.proof, &sha).await?;
    let presenter = Presenter::new(&ctx, &ctx.proof.caller().user);
    let shown = translate::on_page(&all, page);
    let shown: Vec<_> = shown.map(|found| presenter.of_commit(ctx.proof.repository(), found)).collect();
    Ok(Reply::json(&shown)?.header("x-total", &all.len().to_string()))
}

/// `ListCommitAssociatedRefs`: the branches and tags with a pipeline of the commit.
pub async fn refs(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let sha = code_hosts::commit(&ctx.edge.app, &ctx.proof, ctx.request.param("sha")).await?;
    refs::names(&ctx, RefFilter { sha: Some(sha), ..RefFilter::ALL }).await
}
