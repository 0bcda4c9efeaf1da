//! The pipelines that a pipeline is compared with: ranges of the index by ref, each up to its first match.

use crate::engine::{Engine, SqlStore};
use crate::pipelines::find;
use crate::sql::{Columns as _, Sql, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::comparisons::RelatedPipelines;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::status::Status;
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

/// The queries of the pipelines of a repository, ?1, a ref, ?2, and a source, ?3.
#[derive(Debug, Clone, Copy)]
pub enum Related {
    /// The first one after ?4.
    Newer,
    /// The last ones before ?4, at most ?5.
    Older,
    /// The last one before ?4 that succeeded.
    LastGreen,
    /// The first one after ?4, and not after ?5, that failed or timed out.
    FirstFailed,
}

impl Related {
    /// The query.
    pub fn query(self) -> String {
        // The concatenation hides the status from PostgreSQL's index by status, with which it would sort the failed
        // pipelines of all refs.
        let rest = match self {
            Self::Newer => "p.id > ?4 ORDER BY p.id LIMIT 1",
            Self::Older => "p.id < ?4 ORDER BY p.id DESC LIMIT ?5",
            Self::LastGreen => "p.id < ?4 AND p.status = 'success' ORDER BY p.id DESC LIMIT 1",
            Self::FirstFailed => {
                "p.id > ?4 AND p.id <= ?5 AND p.status || '' IN ('failed', 'timedout') ORDER BY p.id LIMIT 1"
            }
        };
        format!(
            "SELECT {} FROM pipelines p INDEXED BY pipelines_by_ref
             WHERE p.repository_id = ?1 AND p.ref = ?2 AND p.source = ?3 AND {rest}",
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
    // The counts say whether any pipeline of the ref succeeded, so that a ref without one is not read to its start.
    let has_green = find::stored_count(sql, repository, Some(git_ref), &[Status::Success])? > 0;
    let last_green: Option<Pipeline> = match has_green {
        true => sql.first(&Related::LastGreen.query(), values![repository, git_ref, source, id])?,
        false => None,
    };
    let first_failed = match head.status.is_bad() {
        true => {
            let after = last_green.as_ref().map_or(0, |green| green.id.get());
            sql.first(&Related::FirstFailed.query(), values![repository, git_ref, source, after, id])?
        }
        false => None,
    };
    Ok(RelatedPipelines {
        newer: sql.first(&Related::Newer.query(), values![repository, git_ref, source, id])?,
        older: sql.all(&Related::Older.query(), values![repository, git_ref, source, id, older_max])?,
        last_green,
        first_failed,
    })
}
