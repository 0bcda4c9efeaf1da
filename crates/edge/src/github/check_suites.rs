//! Check suites: the pipelines of a commit.

use super::check_runs::{named, suite_id};
use super::statuses::{PER_PAGE, linked};
use super::translate::Presenter;
use crate::code_hosts::{self, Paging};
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::Reads;
use domain::actions::pipelines;
use domain::error::Result;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use std::pin::pin;
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
        let (check_suites, total_count) = match query.get("app_id")? {
            // No check suite is of an app.
            Some(_) => (Vec::new(), 0),
            None => {
                let jobs = query.get("check_name")?.map(named).unwrap_or_default();
                let filter = PipelineFilter { sha: Some(sha), jobs, ..PipelineFilter::default() };
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
