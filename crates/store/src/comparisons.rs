//! The pipelines that a pipeline is compared with: its neighbours, which are pages of a list, and results, which are
//! one row of an index each.

use crate::engine::{Engine, SqlStore};
use crate::pipelines::find;
use crate::sql::{Columns as _, Sql, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::comparisons::RelatedPipelines;
use domain::model::ids::RepositoryId;
use domain::model::page::{Start, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::ports::Comparisons;

#[async_trait]
impl<E: Engine> Comparisons for SqlStore<E> {
    async fn related_pipelines(
        &self,
        repository: RepositoryId,
        head: &Pipeline,
        older_max: u32,
    ) -> Result<RelatedPipelines> {
        let head = head.clone();
        self.scan(Some(repository), move |sql| read(sql, repository, &head, older_max)).await
    }
}

/// The queries of one pipeline of a repository, ?1, a ref, ?2, and a source, ?3.
#[derive(Debug, Clone, Copy)]
pub enum Related {
    /// The last one before ?4 that succeeded.
    LastGreen,
    /// The first one after ?4, and not after ?5, that failed or timed out.
    FirstFailed,
}

impl Related {
    /// The query. It has the condition of a partial index, word for word.
    pub fn query(self) -> String {
        let (index, rest) = match self {
            Self::LastGreen => {
                ("pipelines_by_success", "p.id < ?4 AND p.status || '' = 'success' ORDER BY p.id DESC")
            }
            Self::FirstFailed => (
                "pipelines_by_failure",
                "p.id > ?4 AND p.id <= ?5 AND p.status || '' IN ('failed', 'timedout') ORDER BY p.id",
            ),
        };
        format!(
            "SELECT {} FROM pipelines p INDEXED BY {index}
             WHERE p.repository_id = ?1 AND p.ref = ?2 AND p.source = ?3 AND {rest} LIMIT 1",
            Pipeline::COLUMNS
        )
    }
}

fn read(
    sql: &dyn Sql,
    repository: RepositoryId,
    head: &Pipeline,
    older_max: u32,
) -> Result<RelatedPipelines> {
    let (id, git_ref, source) = (head.id, &head.identity.git_ref, &head.identity.source);
    let last_green: Option<Pipeline> =
        sql.first(&Related::LastGreen.query(), values![repository, git_ref, source, id])?;
    let first_failed = match head.status.is_bad() {
        true => {
            let after = last_green.as_ref().map_or(0, |green| green.id.get());
            sql.first(&Related::FirstFailed.query(), values![repository, git_ref, source, after, id])?
        }
        false => None,
    };
    Ok(RelatedPipelines {
        newer: neighbours(sql, repository, head, false, 1)?.into_iter().next(),
        older: neighbours(sql, repository, head, true, older_max)?,
        last_green,
        first_failed,
    })
}

/// The pipelines of the ref and source before or after `head`, the nearest first.
fn neighbours(
    sql: &dyn Sql,
    repository: RepositoryId,
    head: &Pipeline,
    older: bool,
    limit: u32,
) -> Result<Vec<Pipeline>> {
    let filter = PipelineFilter {
        git_ref: Some(head.identity.git_ref.clone()),
        source: Some(head.identity.source.clone()),
        ..PipelineFilter::default()
    };
    let start = Start::After(Some(head.id.get()));
    let window = Window { order: PipelineOrder::Id, descending: older, start, limit };
    Ok(find::find(sql, repository, &filter, window)?.items)
}
