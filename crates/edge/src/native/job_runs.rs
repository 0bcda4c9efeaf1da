//! One job across pipelines: its summary and its attempts.

use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::{job_runs, jobs};
use domain::error::{Invalid, Problem, Result};
use domain::model::job_runs::{JobRunsFilter, JobSummary};
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{ListPage, Window};
use domain::model::status::Status;
use domain::ports::App;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let (git_ref, source) = (filters::text(query, "ref")?, filters::text(query, "source")?);
    let (filter, statuses) = (filter(query, git_ref, source)?, filters::statuses(query)?);
    let window = filters::window(query, JobOrder)?;
    let (summary, page) = read(&ctx.edge.app, &ctx.proof, &filter, statuses, window).await?;
    Reply::json(&translate::job_runs::job_runs(&filter, &summary, &page))
}

/// The job of a request, of all refs and sources or of one.
pub fn filter(
    query: &Query,
    git_ref: Option<String>,
    source: Option<String>,
) -> Result<JobRunsFilter, Invalid> {
    let required =
        |name: &'static str| filters::text(query, name)?.ok_or_else(|| Invalid::new(name, Problem::Missing));
    Ok(JobRunsFilter { stage: required("stage")?, name: required("name")?, git_ref, source })
}

/// The summary of a job, and a page of its attempts with these statuses; none: with all.
pub async fn read(
    app: &App,
    by: &Granted<Reads>,
    filter: &JobRunsFilter,
    statuses: Vec<Status>,
    window: Window<JobOrder>,
) -> Result<(JobSummary, ListPage<FoundJob>)> {
    let summary = job_runs::summarize(app, by, filter.clone()).await?;
    let JobRunsFilter { stage, name, git_ref, source } = filter.clone();
    let (stage, name) = (Some(stage), Some(name));
    let attempts = JobFilter { statuses, stage, name, git_ref, source, ..JobFilter::default() };
    Ok((summary, jobs::find(app, by, attempts, window).await?))
}
