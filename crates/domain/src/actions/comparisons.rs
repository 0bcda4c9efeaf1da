//! Comparing pipelines.

use super::access::{Granted, Reads};
use super::pipelines;
use crate::error::Result;
use crate::model::comparisons::{
    Changes, ComparedJob, Comparison, EARLIER_ATTEMPTS_MAX, EARLIER_MAX, compare as compare_jobs, jobs_of,
};
use crate::model::grid::{GridFilter, GridPipelines, compared_jobs};
use crate::model::ids::PipelineId;
use crate::model::page::{ListPage, Start, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::pipelines::{Pipeline, PipelineState};
use crate::model::status::Status;
use crate::ports::App;

/// Most pipelines, beyond [`EARLIER_MAX`], among which the last successful one is searched.
const SEARCHED_MAX: u32 = 500;
/// Most pages of a search, each with a bounded number of rows.
const PAGES_MAX: usize = 3;

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

/// The pipelines before another one on its ref and source, without their jobs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EarlierPipelines {
    /// The newest of them, newest first, at most [`EARLIER_MAX`].
    pub newest: Vec<Pipeline>,
    /// The last one that succeeded.
    pub last_green: Option<Pipeline>,
    /// There is no `last_green` although not all pipelines were searched.
    pub is_last_green_unknown: bool,
}

/// The pipelines before `head` on its ref and source. The last one that succeeded is searched among a bounded number.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn earlier_pipelines(app: &App, by: &Granted<Reads>, head: &Pipeline) -> Result<EarlierPipelines> {
    let passed = |found: &[Pipeline]| found.iter().find(|found| found.status == Status::Success).cloned();
    let page = older(app, by, head, head.id.get(), EARLIER_MAX).await?;
    let (mut last_green, mut next) = (passed(&page.items), page.next);
    if let (None, Some(after)) = (&last_green, next) {
        let more = older(app, by, head, after, SEARCHED_MAX).await?;
        (last_green, next) = (passed(&more.items), more.next);
    }
    let is_last_green_unknown = last_green.is_none() && next.is_some();
    Ok(EarlierPipelines { newest: page.items, last_green, is_last_green_unknown })
}

/// The pipelines with a smaller id on the ref and source of `head`, newest first.
async fn older(
    app: &App,
    by: &Granted<Reads>,
    head: &Pipeline,
    before: i32,
    limit: u32,
) -> Result<ListPage<Pipeline>> {
    let start = Start::After(Some(before));
    let window = Window { order: PipelineOrder::Id, descending: true, start, limit };
    pipelines::find(app, by, of_ref_and_source(head), window).await
}

/// What a pipeline changed against the earlier ones of its ref and source, `before`.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn changes(
    app: &App,
    by: &Granted<Reads>,
    head: &PipelineState,
    before: EarlierPipelines,
) -> Result<Changes> {
    let EarlierPipelines { newest, last_green, is_last_green_unknown } = before;
    let with_jobs = earlier(app, by, &head.pipeline).await?;
    let is_complete = with_jobs.next.is_none();
    let found = Changes::of_jobs(head.pipeline.id, &jobs_of(head), &compared_jobs(&with_jobs), is_complete);
    let failing_since = match head.pipeline.status.is_bad() && !is_last_green_unknown {
        true => first_failed(app, by, head, last_green.as_ref()).await?,
        false => None,
    };
    let previous = newest.into_iter().next();
    Ok(Changes { last_green, is_last_green_unknown, failing_since, previous, ..found })
}

/// The first pipeline after the last green one that failed: `head` itself, or an earlier one. `None`: it is too far
/// away.
async fn first_failed(
    app: &App,
    by: &Granted<Reads>,
    head: &PipelineState,
    last_green: Option<&Pipeline>,
) -> Result<Option<Pipeline>> {
    let statuses = vec![Status::Failed, Status::TimedOut];
    let filter = PipelineFilter { statuses, ..of_ref_and_source(&head.pipeline) };
    let found = first_after(app, by, filter, last_green.map(|green| green.id)).await?;
    // The page of an earlier state may be of a pipeline that passed since.
    let or_head = |found: Option<Pipeline>| {
        found.filter(|found| found.id < head.pipeline.id).unwrap_or_else(|| head.pipeline.clone())
    };
    Ok(found.map(or_head))
}

/// The pipeline after `head` on its ref and source.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn next_pipeline(app: &App, by: &Granted<Reads>, head: &Pipeline) -> Result<Option<Pipeline>> {
    Ok(first_after(app, by, of_ref_and_source(head), Some(head.id)).await?.flatten())
}

/// The first pipeline after this one, `Some(None)` if there is none. `None`: it is unknown, because the first pages
/// are empty and there are more.
async fn first_after(
    app: &App,
    by: &Granted<Reads>,
    filter: PipelineFilter,
    after: Option<PipelineId>,
) -> Result<Option<Option<Pipeline>>> {
    let mut start = Start::After(after.map(PipelineId::get));
    for _ in 0..PAGES_MAX {
        let window = Window { order: PipelineOrder::Id, descending: false, start, limit: 1 };
        let mut page = pipelines::find(app, by, filter.clone(), window).await?;
        match (page.items.pop(), page.next) {
            (None, Some(next)) => start = Start::After(Some(next)),
            (found, _) => return Ok(Some(found)),
        }
    }
    Ok(None)
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
