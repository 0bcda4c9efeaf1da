//! Check suites: the pipelines of a commit.

use super::check_runs::{named, suite_id};
use super::statuses::{PER_PAGE, linked};
use super::translate::Presenter;
use crate::code_hosts::{self, Paging};
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::{Granted, Reads};
use domain::actions::{jobs, pipelines};
use domain::error::Result;
use domain::model::jobs::filters::CommitJobFilter;
use domain::model::page::{LIMIT_MAX, Page};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::ports::App;
use std::pin::pin;
use std::sync::Arc;
use wire::github::checks::CheckSuiteList;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let pipeline = pipelines::show(app, by, suite_id(&ctx.request)?).await?;
    let since = code_hosts::known_since(app, by, &pipeline.identity.sha).await?;
    Reply::json(&Presenter::new(&ctx, by.repository()).check_suite(&pipeline, since))
}

/// The pipelines of a commit, newest first.
pub async fn of_commit(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async {
        let (app, by, query) = (&ctx.edge.app, &ctx.proof, &ctx.request.query);
        let sha = code_hosts::commit(app, by, ctx.request.param("sha")).await?;
        let since = code_hosts::known_since(app, by, &sha).await?;
        let paging = Paging::read(&ctx.request, "per_page", PER_PAGE);
        let presenter = Presenter::new(&ctx, by.repository());
        let (check_suites, total_count) = match (query.get("app_id")?, query.get("check_name")?) {
            // No check suite is of an app.
            (Some(_), _) => (Vec::new(), 0),
            (None, Some(name)) => {
                let all = with_job(app, by, sha, name).await?;
                let page = paging.slice(&all).iter();
                (page.map(|pipeline| presenter.check_suite(pipeline, since)).collect(), all.len() as u64)
            }
            (None, None) => {
                let filter = PipelineFilter { sha: Some(sha), ..PipelineFilter::default() };
                let window = paging.window(PipelineOrder::Id, true);
                let find = pipelines::find(app, by, filter.clone(), window);
                let (page, total) = paging.read_page(find, pipelines::count(app, by, filter)).await?;
                (page.iter().map(|pipeline| presenter.check_suite(pipeline, since)).collect(), total)
            }
        };
        let reply = Reply::json(&CheckSuiteList { total_count, check_suites })?;
        Ok((linked(reply, &paging, total_count), Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GitHubListCheckSuites", by_address(&ctx.request), build).await
}

/// The pipelines of the newest attempts of the jobs of a commit whose check runs have this name, newest first.
async fn with_job(app: &App, by: &Granted<Reads>, sha: String, name: &str) -> Result<Vec<Arc<Pipeline>>> {
    let filter =
        CommitJobFilter { sha, named: named(name), all_attempts: true, ..CommitJobFilter::default() };
    let page = Page { offset: 0, limit: LIMIT_MAX.unsigned_abs().try_into().unwrap_or(u32::MAX) };
    let found = jobs::of_commit(app, by, filter, Some(page)).await?.jobs;
    let mut all: Vec<Arc<Pipeline>> = found.into_iter().map(|found| found.pipeline).collect();
    all.sort_by_key(|pipeline| std::cmp::Reverse(pipeline.id));
    all.dedup_by_key(|pipeline| pipeline.id);
    Ok(all)
}
