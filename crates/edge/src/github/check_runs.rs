//! Check runs: build systems report, change and list them.

use super::dialect::GITHUB;
use super::statuses::{PER_PAGE, linked};
use super::translate::{self, Presenter};
use crate::code_hosts::{self, Fields, Paging};
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::{Granted, Reads, Reporting, RequiredRole};
use domain::actions::{jobs, pipelines, reports};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::details::Details;
use domain::model::ids::{JobId, PipelineId};
use domain::model::jobs::filters::{CommitJobFilter, JobDetails};
use domain::model::reports::{CHECKS_STAGE, ReportInput};
use domain::ports::{App, CommitJobs};
use std::pin::pin;
use wire::github::checks::{CheckRun, CheckRunList};

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let mut fields = Fields::read(&ctx.request)?;
    let now = ctx.edge.app.clock.now();
    let report = translate::new_check_run(&mut fields, &ctx.request, ctx.proof.repository(), now)?;
    Ok(accept(&ctx, report).await?.status(201))
}

/// Accepts a report for the check run of the path.
pub async fn change(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let found = find(&ctx.edge.app, &ctx.proof, &ctx.request).await?;
    let mut fields = Fields::read(&ctx.request)?;
    let report = translate::changed_check_run(&mut fields, &found, ctx.edge.app.clock.now())?;
    accept(&ctx, report).await
}

async fn accept(ctx: &Context<WithRole<Reporting>>, report: ReportInput) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let (receipt, found) = reports::record_and_show(app, by, GITHUB.name, report).await?;
    let mut runs = with_details(app, by, &Presenter::new(ctx, by.repository()), &[found]).await?;
    let run = runs.pop().ok_or_else(|| Error::Internal("a report, no check run".into()))?;
    Ok(code_hosts::with_adjustments(Reply::json(&run)?, receipt.adjusted))
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let found = find(app, by, &ctx.request).await?;
    let runs = with_details(app, by, &Presenter::new(&ctx, by.repository()), &[found]).await?;
    Reply::json(&runs.first())
}

/// The annotations of a check run, by file and line.
pub async fn annotations(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let id = run_id(&ctx.request)?;
    let paging = Paging::read(&ctx.request, "per_page", PER_PAGE);
    let details = jobs::details(app, by, id).await?;
    let all = &details.annotations;
    let page: Vec<_> = paging.slice(all).iter().map(translate::annotation_of).collect();
    Ok(linked(Reply::json(&page)?, &paging, all.len() as u64))
}

/// The check runs of a commit in all its pipelines, newest first.
pub async fn of_commit(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async {
        let sha = code_hosts::commit(&ctx.edge.app, &ctx.proof, ctx.request.param("sha")).await?;
        let filter = CommitJobFilter { sha, ..filter(&ctx.request)? };
        Ok((list(&ctx, filter).await?, Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GitHubListCheckRuns", by_address(&ctx.request), build).await
}

/// The check runs of a check suite, newest first.
pub async fn of_suite(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = suite_id(&ctx.request)?;
    let build = pin!(async {
        let pipeline = pipelines::show(&ctx.edge.app, &ctx.proof, id).await?;
        let sha = pipeline.identity.sha.clone();
        let filter = CommitJobFilter { sha, pipeline: Some(id), ..filter(&ctx.request)? };
        Ok((list(&ctx, filter).await?, Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GitHubListCheckRunsOfSuite", by_address(&ctx.request), build).await
}

/// The id of the check suite in the path.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub fn suite_id(request: &IncomingRequest) -> Result<PipelineId> {
    PipelineId::parse(request.param("pipeline_id")).map_err(|_| Error::PipelineNotFound)
}

/// The stages and names of the jobs whose check runs have this name.
pub fn named(name: &str) -> Vec<(String, String)> {
    let mut named = code_hosts::jobs_of_context(name);
    named.truncate(CommitJobFilter::NAMED_MAX - 1);
    named.push((CHECKS_STAGE.to_owned(), name.to_owned()));
    named
}

/// What the query limits a list to.
fn filter(request: &IncomingRequest) -> Result<CommitJobFilter, Invalid> {
    let all_attempts = match request.query.get("filter")? {
        None | Some("latest") => false,
        Some("all") => true,
        Some(_) => return Err(Invalid::new("filter", Problem::NotOneOf { allowed: &["latest", "all"] })),
    };
    let named = request.query.get("check_name")?.map(named).unwrap_or_default();
    let statuses = translate::listed_statuses(request)?.to_vec();
    Ok(CommitJobFilter { named, statuses, all_attempts, ..CommitJobFilter::default() })
}

async fn list(ctx: &Context<WithRole<Reads>>, filter: CommitJobFilter) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let paging = Paging::read(&ctx.request, "per_page", PER_PAGE);
    // No check run is of an app.
    let CommitJobs { counts, jobs } = match ctx.request.query.get("app_id")? {
        Some(_) => CommitJobs::default(),
        None => jobs::of_commit(app, by, filter, Some(paging.page())).await?,
    };
    let total_count = counts.iter().map(|(.., count)| count).sum();
    // The texts are in memory up to twice: as read, and in the response.
    let bytes: u64 = jobs.iter().map(|found| u64::from(found.job.attempt.details_bytes())).sum();
    let _turn = ctx.edge.whole_pipelines.turn_of_bytes(2 * bytes).await?;
    let check_runs = with_details(app, by, &Presenter::new(ctx, by.repository()), &jobs).await?;
    Ok(linked(Reply::json(&CheckRunList { total_count, check_runs })?, &paging, total_count))
}

/// The attempts as check runs, with their details.
async fn with_details<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    presenter: &Presenter<'_>,
    found: &[JobDetails],
) -> Result<Vec<CheckRun>> {
    let mut runs = Vec::with_capacity(found.len());
    for found in found {
        let details = match found.job.attempt.has_details() {
            true => {
                let id = found.job.id;
                let mut details = jobs::details_of(app, by, found.pipeline.id, &[id]).await?;
                details.remove(&id).unwrap_or_default()
            }
            false => Details::default(),
        };
        runs.push(presenter.check_run(found, &details));
    }
    Ok(runs)
}

/// The attempt of the check run in the path.
async fn find<N: RequiredRole>(app: &App, by: &Granted<N>, request: &IncomingRequest) -> Result<JobDetails> {
    jobs::show(app, by, run_id(request)?).await
}

/// The id of the check run in the path.
fn run_id(request: &IncomingRequest) -> Result<JobId> {
    JobId::parse(request.param("job_id")).map_err(|_| Error::NotFound { noun: "job" })
}
