//! Reading a whole store to compare it with what its reports make.

use crate::history::{RECORDED, read_recorded};
use crate::jobs::{self, read_job, read_stage};
use crate::pipelines;
use crate::reading::Reading;
use crate::rows;
use crate::sql::{Flavor, Row, Sql, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::model::pipelines::{Counters, PipelineState, Stage};
use domain::model::verification::{Difference, EntityKind, StoredReport};
use domain::ports::Verification;
use std::collections::HashMap;

/// Differences of one kind that are told of a repository.
const MOST: u32 = 100;

#[async_trait]
impl Verification for Reading {
    async fn pipeline_counts(&self) -> Result<Vec<(RepositoryId, u64)>> {
        let query = "SELECT r.id, (SELECT count(*) FROM pipelines p WHERE p.repository_id = r.id) FROM repositories r ORDER BY r.id";
        let read = |row: &dyn Row| {
            let count: i64 = row.get(1)?;
            Ok((rows::repository_id(row.get(0)?)?, count.unsigned_abs()))
        };
        self.snapshot(move |sql| sql.all(query, &[], read)).await
    }

    async fn pipelines_after(
        &self,
        repository: RepositoryId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(PipelineId, u32)>> {
        let query =
            "SELECT id, job_count FROM pipelines WHERE repository_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let read = |row: &dyn Row| Ok((rows::pipeline_id(row.get(0)?)?, row.get(1).unwrap_or(0)));
        self.snapshot(move |sql| sql.all(query, values![repository.get(), after, limit], read)).await
    }

    async fn pipelines_with_reports(
        &self,
        repository: RepositoryId,
        from: PipelineId,
        to: PipelineId,
    ) -> Result<Vec<(PipelineState, Vec<StoredReport>)>> {
        self.snapshot(move |sql| records(sql, repository, from, to)).await
    }

    async fn counters(&self, repository: RepositoryId) -> Result<Option<Counters>> {
        let query = "SELECT pipeline, stage, job, report, event FROM counters WHERE repository_id = ?1";
        let read = |row: &dyn Row| {
            let (pipeline, stage, job) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Counters { pipeline, stage, job, report: row.get(3)?, event: row.get(4)? })
        };
        self.snapshot(move |sql| sql.first(query, values![repository.get()], read)).await
    }

    async fn check_counts(&self, repository: RepositoryId) -> Result<Vec<Difference>> {
        self.snapshot(move |sql| sums(sql, repository)).await
    }

    async fn engine_damage(&self) -> Result<Vec<String>> {
        let check = |sql: &dyn Sql| match sql.flavor() {
            Flavor::Sqlite => sql.all("PRAGMA integrity_check(100)", &[], |row| row.get::<String>(0)),
            // Its own tools look for damage.
            Flavor::Postgres => Ok(Vec::new()),
        };
        let mut found = self.snapshot(check).await?;
        found.retain(|line| line != "ok");
        Ok(found)
    }
}

fn records(
    sql: &dyn Sql,
    repository: RepositoryId,
    from: PipelineId,
    to: PipelineId,
) -> Result<Vec<(PipelineState, Vec<StoredReport>)>> {
    let range = values![repository.get(), from.get(), to.get()];
    let query = format!(
        "SELECT {} FROM pipelines WHERE repository_id = ?1 AND id BETWEEN ?2 AND ?3 ORDER BY id",
        pipelines::COLUMNS
    );
    let found = sql.all(&query, range, |row| pipelines::read(row, repository))?;
    let query = format!(
        "SELECT {}, pipeline_id FROM stages WHERE repository_id = ?1 AND pipeline_id BETWEEN ?2 AND ?3 ORDER BY pipeline_id, id",
        jobs::STAGE_COLUMNS
    );
    let mut stages: HashMap<i64, Vec<Stage>> = HashMap::new();
    for (of, stage) in sql.all(&query, range, |row| Ok((row.get(5)?, read_stage(row)?)))? {
        stages.entry(of).or_default().push(stage);
    }
    let query = format!(
        "SELECT {}, j.pipeline_id FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id BETWEEN ?2 AND ?3 ORDER BY j.pipeline_id, j.id",
        jobs::COLUMNS
    );
    let mut attempts: HashMap<i64, Vec<Job>> = HashMap::new();
    for (of, job) in sql.all(&query, range, |row| Ok((row.get(16)?, read_job(row)?)))? {
        attempts.entry(of).or_default().push(job);
    }
    // What is joined keeps SQLite from walking all reports.
    let query = format!(
        "SELECT {RECORDED}, j.pipeline_id FROM jobs j CROSS JOIN reports r ON r.repository_id = j.repository_id AND r.job_id = j.id
         WHERE j.repository_id = ?1 AND j.pipeline_id BETWEEN ?2 AND ?3 ORDER BY j.pipeline_id, r.seq"
    );
    let mut reports: HashMap<i64, Vec<StoredReport>> = HashMap::new();
    for (of, report) in sql.all(&query, range, |row| Ok((row.get(23)?, read_recorded(row)?)))? {
        reports.entry(of).or_default().push(report);
    }
    let whole = found.into_iter().map(|pipeline| {
        let id = i64::from(pipeline.id.get());
        let (stages, jobs) =
            (stages.remove(&id).unwrap_or_default(), attempts.remove(&id).unwrap_or_default());
        (PipelineState::load(pipeline, stages, jobs), reports.remove(&id).unwrap_or_default())
    });
    Ok(whole.collect())
}

/// A pipeline that is not there and is not being taken away.
const NO_PIPELINE: &str =
    "NOT EXISTS (SELECT 1 FROM pipelines p WHERE p.repository_id = t.repository_id AND p.id = t.pipeline_id)
    AND NOT EXISTS (SELECT 1 FROM leavings l WHERE l.repository_id = t.repository_id AND l.pipeline_id = t.pipeline_id)";

fn sums(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Difference>> {
    let id = i64::from(repository.get());
    let mut found = Vec::new();
    let mut differ = |noun, id, field: String, stored: Option<String>, rebuilt: Option<String>| {
        found.push(Difference { kind: noun, id, field, stored, rebuilt });
    };
    // Jobs of a pipeline that was taken away are no longer counted.
    let counted = "SELECT status, '', CAST(sum(kept) AS BIGINT), CAST(sum(found) AS BIGINT) FROM (
            SELECT status, count AS kept, 0 AS found FROM job_counts WHERE repository_id = ?1
            UNION ALL SELECT t.status, 0, count(*) FROM jobs t WHERE t.repository_id = ?1 AND NOT EXISTS
                (SELECT 1 FROM leavings l WHERE l.repository_id = t.repository_id AND l.pipeline_id = t.pipeline_id) GROUP BY t.status
        ) both_of GROUP BY status HAVING sum(kept) <> sum(found) ORDER BY status LIMIT ?2";
    let by_ref = "SELECT status, ref, CAST(sum(kept) AS BIGINT), CAST(sum(found) AS BIGINT) FROM (
            SELECT ref, status, count AS kept, 0 AS found FROM pipeline_counts WHERE repository_id = ?1
            UNION ALL SELECT ref, status, 0, count(*) FROM pipelines WHERE repository_id = ?1 GROUP BY ref, status
        ) both_of GROUP BY ref, status HAVING sum(kept) <> sum(found) ORDER BY ref, status LIMIT ?2";
    for (what, query) in [("jobs", counted), ("pipelines", by_ref)] {
        let read = |row: &dyn Row| {
            let (status, of): (String, String) = (row.get(0)?, row.get(1)?);
            let (kept, found): (i64, i64) = (row.get(2)?, row.get(3)?);
            Ok((format!("count of {status} {what} {of}").trim_end().to_owned(), kept, found))
        };
        for (field, kept, found) in sql.all(query, values![id, MOST], read)? {
            differ(EntityKind::Repository, id, field, Some(kept.to_string()), Some(found.to_string()));
        }
    }
    let loose = |table: &str| {
        format!(
            "SELECT t.id, t.pipeline_id FROM {table} t WHERE t.repository_id = ?1 AND {NO_PIPELINE} ORDER BY t.id LIMIT ?2"
        )
    };
    let without_job = "SELECT t.seq, t.job_id FROM reports t WHERE t.repository_id = ?1
        AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.repository_id = t.repository_id AND j.id = t.job_id)
        AND NOT EXISTS (SELECT 1 FROM leavings l WHERE l.repository_id = t.repository_id AND l.pipeline_id = t.pipeline_id)
        ORDER BY t.seq LIMIT ?2";
    for (noun, field, query) in [
        (EntityKind::Stage, "pipeline_id", loose("stages")),
        (EntityKind::Job, "pipeline_id", loose("jobs")),
        (EntityKind::Report, "job_id", without_job.to_owned()),
    ] {
        let read = |row: &dyn Row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?));
        for (row, of) in sql.all(&query, values![id, MOST], read)? {
            differ(noun, row, field.to_owned(), Some(of.to_string()), None);
        }
    }
    let other_ref = "SELECT t.id, t.ref, p.ref FROM jobs t JOIN pipelines p ON p.repository_id = t.repository_id AND p.id = t.pipeline_id
        WHERE t.repository_id = ?1 AND t.ref <> p.ref ORDER BY t.id LIMIT ?2";
    let read = |row: &dyn Row| Ok((row.get::<i64>(0)?, row.get(1)?, row.get(2)?));
    for (job, kept, of) in sql.all(other_ref, values![id, MOST], read)? {
        differ(EntityKind::Job, job, "ref".to_owned(), kept, of);
    }
    let events = "SELECT c.event, e.number FROM counters c JOIN events e ON e.repository_id = c.repository_id
        WHERE c.repository_id = ?1 AND e.number > c.event ORDER BY e.number DESC LIMIT 1";
    let read = |row: &dyn Row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?));
    if let Some((counted, greatest)) = sql.first(events, values![id], read)? {
        let (counted, greatest) = (counted.to_string(), greatest.to_string());
        differ(EntityKind::Repository, id, "counter of events".to_owned(), Some(counted), Some(greatest));
    }
    Ok(found)
}
