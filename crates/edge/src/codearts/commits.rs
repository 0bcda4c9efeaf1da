//! Commits, which are known from their pipelines: one, its merge requests, and its branches and tags.

use super::refs;
use super::translate::Presenter;
use crate::code_hosts::NO_COMMIT;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::{commits, merge_requests};
use domain::error::{Invalid, Problem, Result};
use domain::model::merge_requests::CommitOverview;
use domain::model::page::Page;
use domain::model::pipelines::filters::RefFilter;
use domain::ports::App;

/// The full id of the commit that a request names. Unlike in other APIs, `heads/x` and `tags/x` are names of branches
/// and tags.
async fn full_id(app: &App, by: &Granted<Reads>, named: &str) -> Result<String> {
    commits::resolve_or_ref(app, by, named).await?.ok_or(NO_COMMIT)
}

/// `ShowCommit`. `sha` is a commit id, or the name of a branch or tag.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by, query) = (&ctx.edge.app, &ctx.proof, &ctx.request.query);
    let named = query.get("sha")?.filter(|named| !named.is_empty());
    let named = named.ok_or_else(|| Invalid::new("sha", Problem::Missing))?;
    // The requested values are never known.
    query.flag("stats")?;
    query.flag("show_code_changes")?;
    let sha = full_id(app, by, named).await?;
    let CommitOverview { oldest_pipeline, newest_pipeline, merge_request } =
        merge_requests::commit_overview(app, by, &sha).await?;
    let presenter = Presenter::new(&ctx, &by.caller().user);
    let commit = presenter.commit(&sha, oldest_pipeline.as_ref());
    let (newest, merge_request) = (newest_pipeline.as_ref(), merge_request.as_ref());
    Reply::json(&presenter.show_commit(by.repository(), commit, newest, merge_request))
}

/// `ListCommitAssociatedMergeRequests`: those that have or had the commit as their head, greatest number first.
pub async fn merge_requests(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let page = Page::parse(ctx.request.query.get("offset")?, ctx.request.query.get("limit")?)?;
    let sha = full_id(&ctx.edge.app, &ctx.proof, ctx.request.param("sha")).await?;
    let found = merge_requests::of_commit(&ctx.edge.app, &ctx.proof, &sha, page).await?;
    let presenter = Presenter::new(&ctx, &ctx.proof.caller().user);
    let shown = found.items.iter().map(|found| presenter.of_commit(ctx.proof.repository(), found));
    Ok(Reply::json(&shown.collect::<Vec<_>>())?.header("x-total", &found.total.to_string()))
}

/// `ListCommitAssociatedRefs`: the branches and tags with a pipeline of the commit.
pub async fn refs(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let sha = full_id(&ctx.edge.app, &ctx.proof, ctx.request.param("sha")).await?;
    refs::names(&ctx, RefFilter { sha: Some(sha), ..RefFilter::ALL }).await
}
