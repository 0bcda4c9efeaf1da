//! One attempt of a job, with all that was reported of it.

use super::frame::frame;
use super::{html, kept};
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Ctx, Incoming, Member};
use domain::actions::access::{Granted, Reads};
use domain::actions::{history, jobs};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{JobId, PipelineId, integer};
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{Start, Window};
use domain::ports::App;
use pages::{HistoryRow, JobPage};

/// Reports on one page.
const REPORTS: usize = 200;
/// Attempts that are listed.
const ATTEMPTS: u32 = 100;

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
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
    // A repeated report moves nothing but when it was heard of.
    let state = [found.pipeline.version, found.heard_at.as_millisecond()];
    let name = kept::name(&frame, &state, active);
    if kept::has(request, &name) {
        return Ok(kept::same(&name));
    }
    let after = after(request)?;
    let (history, next) = history_page(&ctx, &found, after).await?;
    let attempts = attempts(app, &ctx.proof, &found).await?;
    let earlier = jobs::earlier(app, &ctx.proof, &found, false).await?;
    let page = JobPage {
        frame: &frame,
        repository: ctx.proof.repository(),
        found: &found,
        attempts: &attempts,
        history,
        later: after > 0,
        next,
        earlier: &earlier,
        etag: &name,
    };
    Ok(html(page.html()).header("etag", &name))
}

fn after(request: &Incoming) -> Result<i64, Invalid> {
    let value = request.query.get("after")?.map_or(Ok(0), |text| integer("after", text))?;
    let outside = || Invalid::new("after", Problem::OutOfRange { min: 0, max: i64::MAX });
    Some(value).filter(|value| *value >= 0).ok_or_else(outside)
}

/// The reports after that one, and after which the next page begins.
async fn history_page(
    ctx: &Ctx<Member<Reads>>,
    found: &FoundJob,
    after: i64,
) -> Result<(Vec<HistoryRow>, Option<i64>)> {
    // One more than wanted tells whether there is a next page.
    let wanted = u32::try_from(REPORTS + 1).unwrap_or(u32::MAX);
    let mut entries = history::list(&ctx.edge.app, &ctx.proof, found.job.id, after, wanted).await?;
    let more = entries.len() > REPORTS;
    entries.truncate(REPORTS);
    let next = entries.last().filter(|_| more).map(|last| last.report_id);
    let language = ctx.request.language;
    let row = |entry| HistoryRow { why: crate::why::why(&entry, language), entry };
    Ok((entries.into_iter().map(row).collect(), next))
}

/// All attempts of the same job in its pipeline, newest first.
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
