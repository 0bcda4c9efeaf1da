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
use domain::model::details::TEXT_MAX;
use domain::model::ids::{JobId, PipelineId};
use domain::model::jobs::filters::{CommitJobFilter, FoundJob};
use domain::model::reports::{CHECKS_STAGE, ReportInput};
use domain::ports::{App, CommitJobs};
use std::pin::pin;
use wire::github::checks::CheckRunList;

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let mut fields = Fields::read(&ctx.request)?;
    let report = translate::new_check_run(&mut fields, &ctx.request, ctx.proof.repository())?;
    Ok(accept(&ctx, report).await?.status(201))
}

/// Accepts a report for the check run of the path.
pub async fn change(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let found = find(&ctx.edge.app, &ctx.proof, &ctx.request).await?;
    let mut fields = Fields::read(&ctx.request)?;
    let report = translate::changed_check_run(&mut fields, &found)?;
    accept(&ctx, report).await
}

async fn accept(ctx: &Context<WithRole<Reporting>>, report: ReportInput) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let (receipt, found) = reports::record_and_show(app, by, GITHUB.name, report).await?;
    let details = code_hosts::details_of(app, by, &found).await?;
    let run = Presenter::new(ctx, by.repository()).check_run(&found, &details);
    Ok(code_hosts::with_adjustments(Reply::json(&run)?, receipt.adjusted))
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let found = find(app, by, &ctx.request).await?;
    let details = code_hosts::details_of(app, by, &found).await?;
    Reply::json(&Presenter::new(&ctx, by.repository()).check_run(&found, &details))
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

/// The filters of a list from the query.
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

/// Bytes of texts of a list that needs little memory. For more it waits for a turn.
const BYTES_WITHOUT_TURN: usize = 1 << 20;
/// About the memory of the largest check run, in bytes: two texts, as they are read and in the response.
const RUN_BYTES_MAX: usize = 4 * TEXT_MAX;

async fn list(ctx: &Context<WithRole<Reads>>, filter: CommitJobFilter) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let paging = Paging::read(&ctx.request, "per_page", PER_PAGE);
    // No check run is of an app.
    let CommitJobs { counts, jobs } = match ctx.request.query.get("app_id")? {
        Some(_) => CommitJobs::default(),
        None => jobs::of_commit(app, by, filter, Some(paging.page())).await?,
    };
    let total_count = counts.iter().map(|(.., count)| count).sum();
    let presenter = Presenter::new(ctx, by.repository());
    let (mut check_runs, mut bytes, mut turn) = (Vec::with_capacity(jobs.len()), 0, None);
    for (at, found) in jobs.iter().enumerate() {
        // The details of one attempt are in memory at a time.
        let details = code_hosts::details_of(app, by, found).await?;
        bytes += [&details.summary, &details.text].into_iter().flatten().map(String::len).sum::<usize>();
        if turn.is_none() && bytes > BYTES_WITHOUT_TURN {
            let most = bytes + RUN_BYTES_MAX * (jobs.len() - at);
            turn = Some(ctx.edge.whole_pipelines.turn_of_bytes(most).await?);
        }
        check_runs.push(presenter.check_run(found, &details));
    }
    Ok(linked(Reply::json(&CheckRunList { total_count, check_runs })?, &paging, total_count))
}

/// The attempt of the check run in the path.
async fn find<N: RequiredRole>(app: &App, by: &Granted<N>, request: &IncomingRequest) -> Result<FoundJob> {
    jobs::show(app, by, run_id(request)?).await
}

/// The id of the check run in the path.
fn run_id(request: &IncomingRequest) -> Result<JobId> {
    JobId::parse(request.param("job_id")).map_err(|_| Error::NotFound { noun: "job" })
}
