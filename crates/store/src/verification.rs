//! Reads a whole store to compare it with the result of its reports.

use crate::read_only::ReadOnlyStore;
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::jobs::ref_digest;
use crate::rows::{counters, details, reports, repositories};
use crate::sql::{Columns as _, Flavor, Sql, values};
use crate::sqlite::known_damage;
use async_trait::async_trait;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::model::pipelines::{Counters, Pipeline, PipelineState, Stage};
use domain::model::status::Status;
use domain::model::verification::{Difference, EntityKind, PipelineRecord};
use domain::ports::Verification;
use domain::{Error, Result};
use std::collections::HashMap;

/// The maximum of reported differences of one kind in a repository.
const DIFFERENCES_MAX: u32 = 100;

#[async_trait]
impl Verification for ReadOnlyStore {
    async fn pipeline_counts(&self) -> Result<Vec<(RepositoryId, u64)>> {
        let counts = self.snapshot(repositories::pipeline_counts).await?;
        Ok(counts.into_iter().map(|(repository, count)| (repository, count.unsigned_abs())).collect())
    }

    async fn pipelines_after(
        &self,
        repository: RepositoryId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(PipelineId, u32)>> {
        let query =
            "SELECT id, job_count FROM pipelines WHERE repository_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let rows: Vec<(PipelineId, i64)> =
            self.snapshot(move |sql| sql.all(query, values![repository, after, limit])).await?;
        // A count out of range is one of the differences to report, so it is no error here.
        Ok(rows.into_iter().map(|(id, jobs)| (id, u32::try_from(jobs).unwrap_or(0))).collect())
    }

    async fn pipelines_with_reports(
        &self,
        repository: RepositoryId,
        from: PipelineId,
        to: PipelineId,
    ) -> Result<Vec<PipelineRecord>> {
        self.snapshot(move |sql| records(sql, repository, from, to)).await
    }

    async fn counters(&self, repository: RepositoryId) -> Result<Option<Counters>> {
        let found = self.snapshot(move |sql| counters::load(sql, repository)).await?;
        Ok(found.map(|(counters, _)| counters))
    }

    async fn check_counts(&self, repository: RepositoryId) -> Result<Vec<Difference>> {
        self.snapshot(move |sql| sums(sql, repository)).await
    }

    async fn engine_damage(&self) -> Result<Vec<String>> {
        let check = |sql: &dyn Sql| match sql.flavor() {
            Flavor::Sqlite => sql.all::<String>("PRAGMA integrity_check(100)", &[]),
            // PostgreSQL has its own tools.
            Flavor::Postgres => Ok(Vec::new()),
        };
        let mut found = match self.snapshot(check).await {
            // Some damage ends the check itself.
            Err(Error::Internal(damage)) => vec![damage],
            found => found?,
        };
        found.retain(|line| line != "ok");
        found.extend(self.journal_damage().await?);
        found.extend(self.snapshot(known_damage).await?);
        found.extend(self.lost().iter().map(ToString::to_string));
        Ok(found)
    }
}

/// Collects rows by their pipeline.
fn by_pipeline<T>(rows: Vec<(PipelineId, T)>) -> HashMap<PipelineId, Vec<T>> {
    let mut found: HashMap<PipelineId, Vec<T>> = HashMap::new();
    for (pipeline, row) in rows {
        found.entry(pipeline).or_default().push(row);
    }
    found
}

fn records(
    sql: &dyn Sql,
    repository: RepositoryId,
    from: PipelineId,
    to: PipelineId,
) -> Result<Vec<PipelineRecord>> {
    let range = values![repository, from, to];
    let query = format!(
        "SELECT {} FROM pipelines p WHERE p.repository_id = ?1 AND p.id BETWEEN ?2 AND ?3 ORDER BY p.id",
        Pipeline::COLUMNS
    );
    let pipelines: Vec<Pipeline> = sql.all(&query, range)?;
    let query = format!(
        "SELECT s.pipeline_id, {} FROM stages s WHERE s.repository_id = ?1 AND s.pipeline_id BETWEEN ?2 AND ?3
         ORDER BY s.pipeline_id, s.id",
        Stage::COLUMNS
    );
    let mut stages = by_pipeline(sql.all(&query, range)?);
    let query = format!(
        "SELECT j.pipeline_id, {} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id BETWEEN ?2 AND ?3
         ORDER BY j.pipeline_id, j.id",
        Job::COLUMNS
    );
    let mut jobs = by_pipeline::<Job>(sql.all(&query, range)?);
    let mut reports = by_pipeline(reports::of_pipelines(sql, repository, from, to)?);
    let mut details = by_pipeline(details::of_pipelines(sql, repository, from, to)?);
    let record = |pipeline: Pipeline| {
        let id = pipeline.id;
        let (stages, jobs) = (stages.remove(&id).unwrap_or_default(), jobs.remove(&id).unwrap_or_default());
        PipelineRecord {
            state: PipelineState::load(pipeline, stages, jobs),
            reports: reports.remove(&id).unwrap_or_default(),
            details: details.remove(&id).unwrap_or_default(),
        }
    };
    Ok(pipelines.into_iter().map(record).collect())
}

/// Compares what is stored twice: counts, references between tables, and counters.
fn sums(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Difference>> {
    let mut found = Vec::new();
    count_differences(sql, repository, &mut found)?;
    missing_references(sql, repository, &mut found)?;
    let refs = "SELECT p.ref, t.ref_digest, min(t.id) FROM jobs t JOIN pipelines p
        ON p.repository_id = t.repository_id AND p.id = t.pipeline_id
        WHERE t.repository_id = ?1 GROUP BY p.ref, t.ref_digest";
    for (git_ref, stored, id) in sql.all::<(String, i64, i64)>(refs, values![repository])? {
        let rebuilt = ref_digest(&git_ref);
        if stored != rebuilt {
            let (field, kind) = ("ref".to_owned(), EntityKind::Job);
            let [stored, rebuilt] = [stored, rebuilt].map(|digest| Some(digest.to_string()));
            found.push(Difference { kind, id, field, stored, rebuilt });
        }
    }
    let events =
        "SELECT c.event, e.last_number FROM counters c JOIN events e ON e.repository_id = c.repository_id
        WHERE c.repository_id = ?1 AND e.last_number > c.event ORDER BY e.number DESC LIMIT 1";
    if let Some((counted, greatest)) = sql.first::<(i64, i64)>(events, values![repository])? {
        found.push(Difference {
            kind: EntityKind::Repository,
            id: repository.get().into(),
            field: "counter of events".to_owned(),
            stored: Some(counted.to_string()),
            rebuilt: Some(greatest.to_string()),
        });
    }
    Ok(found)
}

fn count_differences(sql: &dyn Sql, repository: RepositoryId, found: &mut Vec<Difference>) -> Result<()> {
    // Jobs of deleted pipelines are not counted.
    let jobs = format!(
        "SELECT status, '', CAST(sum(stored) AS BIGINT), CAST(sum(counted) AS BIGINT) FROM (
            SELECT status, count AS stored, 0 AS counted FROM job_counts WHERE repository_id = ?1
            UNION ALL SELECT t.status, 0, count(*) FROM jobs t WHERE t.repository_id = ?1 AND {} GROUP BY t.status
        ) both_counts GROUP BY status HAVING sum(stored) <> sum(counted) ORDER BY status LIMIT ?2",
        not_deleted("t")
    );
    let pipelines =
        "SELECT status, ref, CAST(sum(stored) AS BIGINT), CAST(sum(counted) AS BIGINT) FROM (
            SELECT ref, status, count AS stored, 0 AS counted FROM pipeline_counts WHERE repository_id = ?1
            UNION ALL SELECT ref, status, 0, count(*) FROM pipelines WHERE repository_id = ?1 GROUP BY ref, status
        ) both_counts GROUP BY ref, status HAVING sum(stored) <> sum(counted) ORDER BY ref, status LIMIT ?2";
    for (table, query) in [("jobs", jobs.as_str()), ("pipelines", pipelines)] {
        let rows: Vec<(Status, String, i64, i64)> = sql.all(query, values![repository, DIFFERENCES_MAX])?;
        found.extend(rows.into_iter().map(|(status, git_ref, stored, rows)| Difference {
            kind: EntityKind::Repository,
            id: repository.get().into(),
            field: format!("count of {} {table} {git_ref}", status.as_str()).trim_end().to_owned(),
            stored: Some(stored.to_string()),
            rebuilt: Some(rows.to_string()),
        }));
    }
    Ok(())
}

/// Finds stages, jobs and details without a pipeline, and reports without a job. Rows of deleted pipelines are no
/// differences.
fn missing_references(sql: &dyn Sql, repository: RepositoryId, found: &mut Vec<Difference>) -> Result<()> {
    let without_pipeline = |table: &str| {
        format!(
            "SELECT t.id, t.pipeline_id FROM {table} t WHERE t.repository_id = ?1
             AND NOT EXISTS (SELECT 1 FROM pipelines p WHERE p.repository_id = t.repository_id AND p.id = t.pipeline_id)
             AND {} ORDER BY t.id LIMIT ?2",
            not_deleted("t")
        )
    };
    let without_job = format!(
        "SELECT t.seq, t.job_id FROM reports t WHERE t.repository_id = ?1
         AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.repository_id = t.repository_id AND j.id = t.job_id)
         AND {} ORDER BY t.seq LIMIT ?2",
        not_deleted("t")
    );
    let details = format!(
        "SELECT t.pipeline_id, count(*) FROM job_details t WHERE t.repository_id = ?1
         AND NOT EXISTS (SELECT 1 FROM pipelines p WHERE p.repository_id = t.repository_id AND p.id = t.pipeline_id)
         AND {} GROUP BY t.pipeline_id ORDER BY t.pipeline_id LIMIT ?2",
        not_deleted("t")
    );
    for (kind, field, query) in [
        (EntityKind::Stage, "pipeline_id", without_pipeline("stages")),
        (EntityKind::Job, "pipeline_id", without_pipeline("jobs")),
        (EntityKind::Report, "job_id", without_job),
        (EntityKind::Pipeline, "details", details),
    ] {
        let rows: Vec<(i64, i64)> = sql.all(&query, values![repository, DIFFERENCES_MAX])?;
        found.extend(rows.into_iter().map(|(id, target)| Difference {
            kind,
            id,
            field: field.to_owned(),
            stored: Some(target.to_string()),
            rebuilt: None,
        }));
    }
    Ok(())
}
