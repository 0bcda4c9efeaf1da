//! The pipelines of a ref with their attempts: one range of the index by ref, and one range of the primary key of
//! the jobs for each pipeline.

use crate::engine::{Engine, SqlStore};
use crate::pipelines::find;
use crate::rows::{id_list, stages};
use crate::sql::{Columns as _, Sql, columns, parameters};
use async_trait::async_trait;
use domain::model::grid::{GridAttempt, GridFilter, GridPipelines};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::{Start, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::ports::Grids;
use domain::{Result, Timestamp};
use std::collections::BTreeSet;

columns! {
    GridAttempt from "j": pipeline = "j.pipeline_id", id, stage = "j.stage_id", name, status, allow_failure, newest,
        started_at: Option<Timestamp> = "j.created_at + j.started_after", finished_at: Option<Timestamp>
    => {
        let duration = started_at.zip(finished_at).map(|(start, end)| end.duration_since(start));
        Self { pipeline, id, stage, name, status, allow_failure, newest, duration }
    }
}

#[async_trait]
impl<E: Engine> Grids for SqlStore<E> {
    async fn grid_pipelines(&self, repository: RepositoryId, filter: GridFilter) -> Result<GridPipelines> {
        self.scan(Some(repository), move |sql| read(sql, repository, &filter)).await
    }
}

fn read(sql: &dyn Sql, repository: RepositoryId, filter: &GridFilter) -> Result<GridPipelines> {
    let start = Start::After(filter.before.map(PipelineId::get));
    let window = Window { order: PipelineOrder::Id, descending: true, start, limit: filter.limit };
    let of_ref = PipelineFilter {
        git_ref: Some(filter.git_ref.clone()),
        source: filter.source.clone(),
        ..PipelineFilter::default()
    };
    let page = find::find(sql, repository, &of_ref, window)?;
    let mut pipelines = page.items;
    let count = within(&pipelines, filter.attempts_max);
    let next = match count < pipelines.len() {
        true => pipelines.get(count - 1).map(|pipeline| pipeline.id),
        false => page.next.and_then(|id| PipelineId::new(id.into()).ok()),
    };
    pipelines.truncate(count);
    let ids: BTreeSet<i64> = pipelines.iter().map(|pipeline| i64::from(pipeline.id.get())).collect();
    let Some((values, list)) = id_list(sql.flavor(), repository, &ids) else {
        return Ok(GridPipelines { next, ..GridPipelines::default() });
    };
    let attempts = sql.all(&attempts_query(&list), &parameters(&values))?;
    Ok(GridPipelines { stages: stages::load_many(sql, repository, &ids)?, pipelines, attempts, next })
}

/// The number of pipelines that have at most `attempts_max` attempts together, but at least one.
fn within(pipelines: &[Pipeline], attempts_max: u32) -> usize {
    let mut sum: u32 = 0;
    let fit = pipelines.iter().take_while(|pipeline| {
        sum = sum.saturating_add(pipeline.job_count);
        sum <= attempts_max
    });
    fit.count().max(1).min(pipelines.len())
}

/// The query of the attempts of the pipelines in `list`, which goes into `IN (...)`; ?1 is the repository.
pub fn attempts_query(list: &str) -> String {
    format!(
        "SELECT {} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id IN ({list})
         ORDER BY j.pipeline_id, j.id",
        GridAttempt::COLUMNS
    )
}
