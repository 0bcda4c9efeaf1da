//! Comparing pipelines.

use super::access::{Granted, Reads};
use super::pipelines;
use crate::error::Result;
use crate::model::comparisons::{
    Changes, ComparedJob, Comparison, EARLIER_ATTEMPTS_MAX, EARLIER_MAX, compare as compare_jobs, jobs_of,
};
use crate::model::grid::{GridFilter, GridPipelines, compared_jobs};
use crate::model::ids::PipelineId;
use crate::model::page::{Start, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::pipelines::{Pipeline, PipelineState};
use crate::model::status::Status;
use crate::ports::App;

/// Compares the pipeline `head` with the jobs of another one. Usual durations are those of the pipelines before `head`
/// of its ref and source.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn compare(
    app: &App,
    by: &Granted<Reads>,
    base: &[ComparedJob],
    head: &PipelineState,
) -> Result<Comparison> {
    let earlier = compared_jobs(&earlier(app, by, &head.pipeline).await?);
    Ok(compare_jobs(base, &jobs_of(head), &earlier))
}

/// What a pipeline changed against the earlier ones of its ref and source.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn changes(app: &App, by: &Granted<Reads>, head: &PipelineState) -> Result<Changes> {
    let before = earlier(app, by, &head.pipeline).await?;
    let id = head.pipeline.id;
    let is_complete = before.next.is_none();
    let found = Changes::of_jobs(id, &jobs_of(head), &compared_jobs(&before), is_complete);
    let known = before.pipelines.iter().find(|pipeline| pipeline.status == Status::Success).cloned();
    let last_green = match known {
        None if !is_complete => last_green(app, by, &head.pipeline).await?,
        known => known,
    };
    let failing_since = match head.pipeline.status.is_bad() {
        true => first_failed(app, by, head, last_green.as_ref()).await?,
        false => None,
    };
    let previous = before.pipelines.into_iter().next();
    Ok(Changes { last_green, failing_since, previous, ..found })
}

/// The last pipeline before this one on its ref and source that succeeded.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn last_green(app: &App, by: &Granted<Reads>, head: &Pipeline) -> Result<Option<Pipeline>> {
    let filter = PipelineFilter { statuses: vec![Status::Success], ..of_ref_and_source(head) };
    first(app, by, filter, Some(head.id), true).await
}

/// The first pipeline after the last green one that failed: `head` itself, or an earlier one.
async fn first_failed(
    app: &App,
    by: &Granted<Reads>,
    head: &PipelineState,
    last_green: Option<&Pipeline>,
) -> Result<Option<Pipeline>> {
    let statuses = vec![Status::Failed, Status::TimedOut];
    let filter = PipelineFilter { statuses, ..of_ref_and_source(&head.pipeline) };
    let found = first(app, by, filter, last_green.map(|green| green.id), false).await?;
    // The page of an earlier state may be of a pipeline that passed since.
    Ok(Some(found.filter(|found| found.id < head.pipeline.id).unwrap_or_else(|| head.pipeline.clone())))
}

async fn first(
    app: &App,
    by: &Granted<Reads>,
    filter: PipelineFilter,
    after: Option<PipelineId>,
    descending: bool,
) -> Result<Option<Pipeline>> {
    let start = Start::After(after.map(PipelineId::get));
    let window = Window { order: PipelineOrder::Id, descending, start, limit: 1 };
    Ok(pipelines::find(app, by, filter, window).await?.items.pop())
}

fn of_ref_and_source(head: &Pipeline) -> PipelineFilter {
    PipelineFilter {
        git_ref: Some(head.identity.git_ref.clone()),
        source: Some(head.identity.source.clone()),
        ..PipelineFilter::default()
    }
}

/// The pipelines before this one on its ref and source.
async fn earlier(app: &App, by: &Granted<Reads>, head: &Pipeline) -> Result<GridPipelines> {
    let filter = GridFilter {
        git_ref: head.identity.git_ref.clone(),
        source: Some(head.identity.source.clone()),
        before: Some(head.id),
        limit: EARLIER_MAX,
        attempts_max: EARLIER_ATTEMPTS_MAX,
    };
    app.store.grid_pipelines(by.repository().id, filter).await
}
