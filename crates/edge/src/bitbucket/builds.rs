//! Build statuses of commits: build systems report and list them. The old API names no repository: it is the one that
//! the token is limited to.

use super::dialect::BITBUCKET;
use super::translate;
use crate::code_hosts::{self, Fields};
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::routes::{Context, WithRole, WithRoleInTokenRepository};
use domain::actions::access::{Granted, Reads, Reporting};
use domain::actions::{jobs, reports};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::jobs::filters::{CommitJobFilter, FoundJob};
use domain::model::page::Page;
use domain::model::reports::{DEFAULT_SOURCE, DEFAULT_STAGE};
use domain::model::status::Status;
use domain::model::text::{NAME_MAX, single_line};
use domain::ports::{App, CommitJobs};
use std::cmp::Reverse;
use wire::bitbucket::builds::{BuildStats, BuildStatusPage};

/// Greatest length of a key in a read: a stage, a `/` and a name.
const KEY_MAX: usize = 2 * NAME_MAX + 1;

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    accept(&ctx.edge.app, &ctx.proof, &ctx.request).await
}

/// As [`record`], of the old API.
pub async fn record_in_token_repository(ctx: Context<WithRoleInTokenRepository<Reporting>>) -> Result<Reply> {
    accept(&ctx.edge.app, &ctx.proof, &ctx.request).await
}

async fn accept(app: &App, by: &Granted<Reporting>, request: &IncomingRequest) -> Result<Reply> {
    let fields = Fields::read(request)?;
    let report = translate::report(&fields, request, by.repository())?;
    let mut results = reports::record(app, by, BITBUCKET.name, vec![Ok(report)], None).await?;
    let receipt = results.pop().ok_or_else(|| Error::Internal("one report, no receipt".into()))??;
    Ok(code_hosts::with_adjustments(Reply::no_content(), receipt.adjusted))
}

/// The jobs of a commit.
pub async fn list(ctx: Context<WithRoleInTokenRepository<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let page = translate::page(&ctx.request);
    let sha = code_hosts::commit(app, by, ctx.request.param("sha")).await?;
    let CommitJobs { counts, jobs } = jobs::of_commit(app, by, code_hosts::all_jobs(sha), Some(page)).await?;
    let total: u64 = counts.iter().map(|(.., count)| count).sum();
    let end = page.offset.saturating_add(page.limit);
    let is_last_page = u64::from(end) >= total;
    let mut details = jobs::titles_and_tests(app, by, &jobs).await?;
    // The old API has no word for a canceled build.
    let build = |found: &FoundJob| {
        let details = details.remove(&found.job.id).unwrap_or_default();
        translate::build(found, translate::OLD_CANCELED, details)
    };
    let values = jobs.iter().map(build).collect();
    Reply::json(&BuildStatusPage {
        size: jobs.len() as u64,
        limit: page.limit,
        start: page.offset,
        is_last_page,
        next_page_start: (!is_last_page).then_some(end),
        values,
    })
}

/// The numbers of the jobs of a commit by state.
pub async fn stats(ctx: Context<WithRoleInTokenRepository<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let sha = code_hosts::commit(app, by, ctx.request.param("sha")).await?;
    let found = jobs::of_commit(app, by, code_hosts::all_jobs(sha), None).await?;
    let mut stats = BuildStats { successful: 0, in_progress: 0, failed: 0, cancelled: 0, unknown: 0 };
    for (status, _, count) in found.counts {
        *match status {
            Status::Success | Status::Skipped => &mut stats.successful,
            Status::Pending | Status::Running => &mut stats.in_progress,
            Status::Failed | Status::TimedOut => &mut stats.failed,
            Status::Canceled => &mut stats.cancelled,
        } += count;
    }
    Reply::json(&stats)
}

/// The job with a key: a name, or a stage and a name.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by, request) = (&ctx.edge.app, &ctx.proof, &ctx.request);
    let key = request.query.get("key")?.ok_or_else(|| Invalid::new("key", Problem::Missing))?;
    let key = single_line("key", key, KEY_MAX)?;
    let sha = code_hosts::commit(app, by, request.param("sha")).await?;
    let filter = CommitJobFilter { named: code_hosts::jobs_of_context(&key), ..code_hosts::all_jobs(sha) };
    let page = Page { offset: 0, limit: u32::try_from(CommitJobFilter::NAMED_MAX).unwrap_or(u32::MAX) };
    let missing = Error::NotFound { noun: "job" };
    if filter.named.is_empty() {
        return Err(missing);
    }
    let mut found = jobs::of_commit(app, by, filter, Some(page)).await?.jobs;
    // The job of the default stage has precedence, then that of the default source, then the newest one.
    let precedence = |found: &FoundJob| {
        let is_of_source = found.pipeline.identity.source == DEFAULT_SOURCE;
        (found.stage == DEFAULT_STAGE, is_of_source, found.job.id)
    };
    found.sort_by_key(|found| Reverse(precedence(found)));
    found.truncate(1);
    let mut details = jobs::titles_and_tests(app, by, &found).await?;
    let found = found.first().ok_or(missing)?;
    let details = details.remove(&found.job.id).unwrap_or_default();
    Reply::json(&translate::build(found, translate::CANCELED, details))
}
