//! The page of an attempt, with its history.

use super::conditional;
use super::dialect::PAGES;
use super::forms;
use super::frame::frame;
use super::response::html;
use crate::http::reply::Reply;
use crate::native::{self, translate};
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Manages, Reads};
use domain::actions::job_closings::Target;
use domain::actions::jobs;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{JobId, PipelineId};
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{Start, Window};
use domain::model::roles::Role;
use domain::model::status::Status;
use domain::ports::App;
use pages::{HistoryRow, JobPage};

/// Reports on one page.
const REPORTS: usize = 200;
/// Greatest number of listed attempts.
const ATTEMPTS: u32 = 100;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let pipeline = PipelineId::parse(request.param("pipeline_id"))?;
    let found = jobs::show(app, &ctx.proof, JobId::parse(request.param("job_id"))?).await?;
    if found.pipeline.id != pipeline {
        return Err(Error::NotFound { noun: "job" });
    }
    if request.wants_json {
        return Reply::json(&translate::found_job(&found));
    }
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let active = !found.job.attempt.status.is_finished();
    // A repeated report changes nothing but the time of the last report.
    let state = [found.pipeline.version, found.last_report_at.as_millisecond()];
    let etag = conditional::etag(&frame, &state, active);
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let after = native::history::after(&request.query)?;
    let (entries, next) =
        native::history::page(app, &ctx.proof, found.job.id, (after, REPORTS), None).await?;
    let row =
        |entry| HistoryRow { explanation: crate::explanation::explain(&entry, request.language), entry };
    let history = entries.into_iter().map(row).collect();
    let attempts = attempts(app, &ctx.proof, &found).await?;
    let details = match jobs::details_of(app, &ctx.proof, found.pipeline.id, &[found.job.id]).await {
        Ok(details) => Some(details.into_values().next().unwrap_or_default()),
        Err(Error::Internal(error)) => {
            tracing::error!(job = %found.job.id, %error, "the details of a job cannot be read");
            None
        }
        Err(error) => return Err(error),
    };
    let earlier = jobs::previous_runs(app, &ctx.proof, &found, false).await?;
    let page = JobPage {
        frame: &frame,
        repository: ctx.proof.repository(),
        found: &found,
        attempts: &attempts,
        history,
        is_later_page: after > 0,
        next,
        has_damaged_details: details.is_none(),
        details: &details.unwrap_or_default(),
        previous_runs: &earlier,
        can_close: ctx.proof.role() == Role::Manage,
        etag: &etag,
    };
    Ok(html(page.html()).header("etag", &etag))
}

/// Closes the attempt for an operator, and shows its page.
pub async fn close(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let pipeline = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let id = JobId::parse(ctx.request.param("job_id"))?;
    let unknown = || Invalid::new("status", Problem::NotOneOf { allowed: Status::FINISHED_NAMES });
    let status = fields.get("status")?.and_then(Status::parse).ok_or_else(unknown)?;
    let reason = forms::text(&fields, "reason")?;
    let found = jobs::show(&ctx.edge.app, &ctx.proof, id).await?;
    if found.pipeline.id != pipeline {
        return Err(Error::NotFound { noun: "job" });
    }
    native::job_closings::close_jobs(&ctx, PAGES.name, Target::Job(id), status, reason).await?;
    let repository = ctx.proof.repository().id;
    Ok(Reply::see_other(&format!("/repositories/{repository}/pipelines/{pipeline}/jobs/{id}")))
}

/// The attempts of the same job in its pipeline, newest first.
async fn attempts(app: &App, by: &Granted<Reads>, found: &FoundJob) -> Result<Vec<FoundJob>> {
    let filter = JobFilter {
        pipeline: Some(found.pipeline.id),
        stage: Some(found.stage.clone()),
        name: Some(found.job.name.clone()),
        ..JobFilter::default()
    };
    let window = Window { order: JobOrder, descending: true, start: Start::After(None), limit: ATTEMPTS };
    Ok(jobs::find(app, by, filter, window).await?.items)
}
