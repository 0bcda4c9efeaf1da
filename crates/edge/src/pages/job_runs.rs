//! The page of one job across pipelines. The job is in the query, because a name may be `..` or contain a slash, which
//! proxies and browsers change in a path.

use super::conditional::{self, Revalidation};
use super::frame::frame;
use super::response::html;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::{self, filters, translate};
use crate::routes::{Context, WithRole};
use crate::state::PageState;
use domain::actions::access::Reads;
use domain::error::{Invalid, Result};
use domain::model::job_runs::JobSummary;
use domain::model::jobs::filters::{FoundJob, JobOrder};
use domain::model::page::{ListPage, Start};
use pages::{JobRunsFilters, JobRunsPage};

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (request, repository) = (&ctx.request, ctx.proof.repository());
    let query = &request.query;
    if !request.wants_json && query.get("name")?.is_none() && query.get("stage")?.is_none() {
        return Ok(Reply::see_other(&format!("/repositories/{}/grid", repository.id)));
    }
    let window = filters::window(query, JobOrder)?;
    let before = match window.start {
        Start::After(before) => before,
        Start::Offset(_) => None,
    };
    let filters = page_filters(query, before)?;
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let revalidation = Revalidation::begin(&ctx).await;
    if !request.wants_json
        && let Some(unchanged) = revalidation.unchanged(&frame)
    {
        return Ok(unchanged);
    }
    let (app, statuses) = (&ctx.edge.app, filters.statuses.clone());
    let (summary, found) = native::job_runs::read(app, &ctx.proof, &filters.job, statuses, window).await?;
    if request.wants_json {
        return Reply::json(&translate::job_runs::job_runs(&filters.job, &summary, &found));
    }
    let etag = revalidation.etag(&frame, state(&summary, &found)).await;
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let page = JobRunsPage {
        frame: &frame,
        repository,
        filters: &filters,
        summary: &summary,
        attempts: &found.items,
        next: found.next,
        etag: &etag,
    };
    Ok(html(page.html()).header("etag", &etag))
}

/// What the page shows of attempts.
fn state(summary: &JobSummary, found: &ListPage<FoundJob>) -> PageState {
    let runs =
        summary.attempts.iter().map(|run| (run.id, run.status, run.newest, run.started_at, run.finished_at));
    let rows = found.items.iter().map(|found| {
        let (job, attempt) = (&found.job, &found.job.attempt);
        let reporter = found.reporter.as_ref().map(|reporter| &reporter.name);
        let times = (attempt.created_at, attempt.started_at, attempt.finished_at);
        (job.id, attempt.status, job.newest, times, reporter)
    });
    let shown = (runs.collect::<Vec<_>>(), summary.truncated, rows.collect::<Vec<_>>(), found.next);
    let active = found.items.iter().any(|found| !found.job.attempt.status.is_finished());
    PageState { versions: vec![conditional::digest_of(&shown)], active }
}

/// The filter in the address. A form sends one `status` for each checkbox; a link separates them by commas.
fn page_filters(query: &Query, before: Option<i32>) -> Result<JobRunsFilters, Invalid> {
    let names = query.all("status").flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
    let statuses = filters::each_status(names)?;
    let text = |name| -> Result<Option<String>, Invalid> {
        let text = filters::form_text(query, name)?.map(|text| text.trim().to_owned());
        Ok(text.filter(|text| !text.is_empty()))
    };
    // Events have the ref as it is stored.
    let job = native::job_runs::filter(query, text("ref")?, text("source")?)?.normalized();
    let limit = query.get("limit")?.unwrap_or_default().to_owned();
    Ok(JobRunsFilters { job, statuses, before, limit })
}
