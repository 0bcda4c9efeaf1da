//! Comparing pipelines.

use super::access::{Granted, Reads};
use crate::error::Result;
use crate::model::comparisons::{
    Changes, ComparedJob, Comparison, EARLIER_ATTEMPTS_MAX, EARLIER_MAX, RelatedPipelines,
    compare as compare_jobs, jobs_of,
};
use crate::model::grid::{GridFilter, GridPipelines, compared_jobs};
use crate::model::pipelines::{Pipeline, PipelineState};
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

/// The other pipelines of the ref and source of `head`.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn related_pipelines(app: &App, by: &Granted<Reads>, head: &Pipeline) -> Result<RelatedPipelines> {
    app.store.related_pipelines(by.repository().id, head, EARLIER_MAX).await
}

/// What a pipeline changed against the earlier ones of its ref and source, which are in `related`.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn changes(
    app: &App,
    by: &Granted<Reads>,
    head: &PipelineState,
    related: RelatedPipelines,
) -> Result<Changes> {
    let RelatedPipelines { older, last_green, first_failed, .. } = related;
    let with_jobs = earlier(app, by, &head.pipeline).await?;
    let is_complete = with_jobs.next.is_none();
    let found = Changes::of_jobs(head.pipeline.id, &jobs_of(head), &compared_jobs(&with_jobs), is_complete);
    // The pipeline may have changed since the others were read.
    let is_bad = head.pipeline.status.is_bad();
    let failing_since = is_bad.then(|| first_failed.unwrap_or_else(|| head.pipeline.clone()));
    Ok(Changes { last_green, failing_since, previous: older.into_iter().next(), ..found })
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
