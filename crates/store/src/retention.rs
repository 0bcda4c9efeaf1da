//! Deletion of pipelines by policy. The row of the pipeline is deleted at once, so that no read finds it; its
//! other rows are deleted in small steps.

use crate::engine::{Engine, SqlStore};
use crate::gates::facts::facts_of_deleted;
use crate::metric_counters;
use crate::rows::deleted_pipelines::{DELETED_PIPELINES, DeletedPipelineValues};
use crate::rows::types::minute;
use crate::rows::{deletions, details, forwarded_states, gates, pipelines, policies, verdicts};
use crate::sql::{Columns as _, Sql, columns, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use async_trait::async_trait;
use domain::model::audit::{Action, AuditedPolicies, Change};
use domain::model::events::Event;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::policies::Policies;
use domain::model::retention::{DeletedRows, ExpiredCursor, ExpiredPipeline, Expiry};
use domain::ports::Retention;
use domain::{Result, Timestamp};
use std::time::Instant;

/// The number of rows that one step deletes: some milliseconds of the writer's time.
const DELETE_STEP: u32 = 1_000;
/// The number of rows of details that one step deletes. They may be large.
const DETAILS_STEP: u32 = 50;

#[async_trait]
impl<E: Engine> Retention for SqlStore<E> {
    async fn policies(&self, repository: RepositoryId) -> Result<Policies> {
        self.read(ReadScope::Accounts, move |sql| {
            Ok(policies::load(sql, Some(repository))?.remove(&repository).unwrap_or_default())
        })
        .await
    }

    async fn set_policies(&self, repository: RepositoryId, policies: Policies) -> Result<()> {
        self.write(Flow::Repository(repository), move |unit| {
            let before =
                policies::load(unit.sql(), Some(repository))?.remove(&repository).unwrap_or_default();
            policies::store(unit.sql(), repository, &policies)?;
            let (before, after) =
                (AuditedPolicies(repository, &before), AuditedPolicies(repository, &policies));
            unit.audit(&Change::updated(Action::PoliciesSet, &before, &after));
            Ok(())
        })
        .await
    }

    async fn all_policies(&self) -> Result<Vec<(RepositoryId, Policies)>> {
        self.bulk_read(ReadScope::Accounts, |sql| Ok(policies::load(sql, None)?.into_iter().collect())).await
    }

    async fn expired_pipelines(
        &self,
        repository: RepositoryId,
        expiry: Expiry,
        after: Option<ExpiredCursor>,
        limit: u32,
    ) -> Result<Vec<ExpiredPipeline>> {
        self.bulk_read(ReadScope::Repository(repository), move |sql| {
            expired(sql, repository, expiry, after.as_ref(), limit)
        })
        .await
    }

    async fn delete_expired_pipeline(
        &self,
        repository: RepositoryId,
        id: PipelineId,
        expiry: Expiry,
        now: Timestamp,
    ) -> Result<bool> {
        let load = Load::one(Flow::Maintenance);
        let deleted = self
            .write_pipelines(load, PrefetchHints::for_repository(repository), move |unit| {
                expire(unit, (repository, id), expiry, now)
            })
            .await?;
        metric_counters::count_deleted_pipeline(deleted);
        Ok(deleted)
    }

    async fn delete_expired_gate_facts(
        &self,
        repository: RepositoryId,
        since: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<usize> {
        let read = move |sql: &dyn Sql| gates::expired_commits(sql, repository, since, limit);
        let commits = self.bulk_read(ReadScope::Repository(repository), read).await?;
        if commits.is_empty() {
            return Ok(0);
        }
        let delete = move |unit: &mut UnitOfWork| -> Result<usize> {
            // The lock of the repository: no other node announces anything in between.
            if unit.counters(repository)?.is_none() {
                return Ok(0);
            }
            // The queries must see the rows of this group.
            unit.flush()?;
            let mut deleted = 0;
            for sha in &commits {
                deleted += usize::from(gates::delete_expired(unit.sql(), repository, sha, since)?);
            }
            if deleted > 0 {
                deletions::record(unit.sql(), repository, now)?;
                unit.audit(&Change::gate_facts_pruned(repository, deleted));
            }
            Ok(deleted)
        };
        let hints = PrefetchHints::for_repository(repository);
        self.write_pipelines(Load::one(Flow::Maintenance), hints, delete).await
    }

    async fn repositories_with_deleted_pipelines(&self) -> Result<Vec<RepositoryId>> {
        self.bulk_read(ReadScope::Accounts, |sql| {
            sql.all("SELECT DISTINCT repository_id FROM deleted_pipelines", values![])
        })
        .await
    }

    async fn delete_pipeline_rows(&self, repository: RepositoryId) -> Result<DeletedRows> {
        // Most of the time nothing is left to delete: a read first spares the writer.
        let query = "SELECT 1 FROM deleted_pipelines WHERE repository_id = ?1 LIMIT 1";
        if !self.read(ReadScope::Accounts, move |sql| sql.exists(query, values![repository])).await? {
            return Ok(DeletedRows::default());
        }
        let started = Instant::now();
        let swept = self.write_step(DELETE_STEP, move |unit| sweep(unit.sql(), repository)).await?;
        // A pause as long as the step and the writes before it took: the busier the writer, the slower the
        // deletion.
        tokio::time::sleep(started.elapsed()).await;
        metric_counters::count_swept(&swept);
        Ok(swept)
    }
}

/// Subtracts the jobs of a deleted pipeline from the counts; their rows are deleted later. The addition
/// keeps SQLite from reading all jobs of the repository in order of status.
pub const UNCOUNT: &str = "UPDATE job_counts SET count = count - deleted.n
    FROM (SELECT status + 0 AS number, count(*) AS n FROM jobs WHERE repository_id = ?1
    AND pipeline_id = ?2 GROUP BY status + 0) deleted
    WHERE repository_id = ?1 AND status = deleted.number";
/// A pipeline that has not ended is never deleted.
const ENDED: &str = "p.status NOT IN ('pending', 'running')";

columns! {
    ExpiredPipeline from "p": id, sha, git_ref = "p.ref", status, updated_at, job_count
    => Self { id, sha, git_ref, status, updated_at, job_count }
}

fn expired(
    sql: &dyn Sql,
    repository: RepositoryId,
    expiry: Expiry,
    after: Option<&ExpiredCursor>,
    limit: u32,
) -> Result<Vec<ExpiredPipeline>> {
    match expiry.unchanged_since {
        Some(since) => by_age(sql, repository, since, expiry.min_newer_on_ref, after, limit),
        None => by_number(sql, repository, expiry.min_newer_on_ref, after, limit),
    }
}

/// Pipelines that have not changed since, the oldest change first; each is checked for enough newer ones of
/// its ref.
fn by_age(
    sql: &dyn Sql,
    repository: RepositoryId,
    since: Timestamp,
    newer: u32,
    after: Option<&ExpiredCursor>,
    limit: u32,
) -> Result<Vec<ExpiredPipeline>> {
    let query = format!(
        "SELECT {} FROM pipelines p INDEXED BY pipelines_by_update
         WHERE p.repository_id = ?1 AND p.updated_minute >= ?7 AND p.updated_minute <= ?8
         AND p.updated_at < ?2 AND (p.updated_at, p.id) > (?3, ?4) AND {ENDED}
         AND EXISTS (SELECT 1 FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = p.repository_id
                     AND n.ref = p.ref AND n.id > p.id ORDER BY n.id LIMIT 1 OFFSET ?5)
         ORDER BY p.updated_minute, p.updated_at, p.id LIMIT ?6",
        ExpiredPipeline::COLUMNS
    );
    let (updated_at, id) = after.map_or((i64::MIN, 0), |a| (a.updated_at.as_millisecond(), a.id.get()));
    let (first, last) = (after.map_or(i64::MIN, |a| minute(a.updated_at)), minute(since));
    sql.all(&query, values![repository, since, updated_at, id, i64::from(newer) - 1, limit, first, last])
}

/// Pipelines with enough newer ones of their ref, ref by ref, the newest first. The counts show which refs
/// have so many.
fn by_number(
    sql: &dyn Sql,
    repository: RepositoryId,
    newer: u32,
    after: Option<&ExpiredCursor>,
    limit: u32,
) -> Result<Vec<ExpiredPipeline>> {
    let from = after.map_or("", |after| after.git_ref.as_str());
    let refs: Vec<String> = sql.all(
        "SELECT ref FROM pipeline_counts WHERE repository_id = ?1 AND ref >= ?2
             GROUP BY ref HAVING CAST(sum(count) AS BIGINT) > ?3 ORDER BY ref",
        values![repository, from, newer],
    )?;
    // From the newest one on that has enough newer ones.
    let query = format!(
        "SELECT {} FROM pipelines p INDEXED BY pipelines_by_ref
         WHERE p.repository_id = ?1 AND p.ref = ?2 AND p.id < ?3 AND {ENDED} AND p.id <=
         (SELECT n.id FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = ?1 AND n.ref = ?2
          ORDER BY n.id DESC LIMIT 1 OFFSET ?4)
         ORDER BY p.id DESC LIMIT ?5",
        ExpiredPipeline::COLUMNS
    );
    let mut found: Vec<ExpiredPipeline> = Vec::new();
    for git_ref in refs {
        let left = limit as usize - found.len();
        if left == 0 {
            break;
        }
        let before =
            after.filter(|after| after.git_ref == git_ref).map_or(i64::MAX, |after| after.id.get().into());
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        found.extend(sql.all::<ExpiredPipeline>(&query, values![repository, git_ref, before, newer, left])?);
    }
    Ok(found)
}

fn expire(
    unit: &mut UnitOfWork,
    (repository, id): (RepositoryId, PipelineId),
    expiry: Expiry,
    now: Timestamp,
) -> Result<bool> {
    let Some(mut counters) = unit.counters(repository)? else { return Ok(false) };
    // The queries must see the rows of this group.
    unit.flush()?;
    let sql = unit.sql();
    let Some(pipeline) = pipelines::load(sql, repository, id)? else { return Ok(false) };
    let newer = "SELECT count(*) FROM (SELECT 1 FROM pipelines WHERE repository_id = ?1 AND ref = ?2
        AND id > ?3 LIMIT ?4) newer";
    let git_ref = &pipeline.identity.git_ref;
    let newer: u32 = sql.one(newer, values![repository, git_ref, id, expiry.min_newer_on_ref])?;
    if !expiry.applies_to(pipeline.status, pipeline.updated_at, newer) {
        return Ok(false);
    }
    for statement in [
        "UPDATE pipeline_counts SET count = count - 1 WHERE repository_id = ?1 AND ref = ?2 AND status = ?3",
        "DELETE FROM pipeline_counts WHERE repository_id = ?1 AND ref = ?2 AND status = ?3 AND count = 0",
    ] {
        sql.execute(statement, values![repository, git_ref, pipeline.status])?;
    }
    sql.execute(UNCOUNT, values![repository, id])?;
    let row = DeletedPipelineValues { repository_id: repository.into(), pipeline_id: id.into() };
    sql.insert(&DELETED_PIPELINES, row)?;
    let sha = &pipeline.identity.sha;
    let has_gate = verdicts::has_rules(sql, repository)?;
    let (first_at, changes) = match has_gate {
        true => facts_of_deleted(sql, repository, sha, id)?,
        false => (None, 0),
    };
    sql.execute("DELETE FROM pipelines WHERE repository_id = ?1 AND id = ?2", values![repository, id])?;
    deletions::record(sql, repository, expiry.at)?;
    forwarded_states::delete_of(sql, repository, &pipeline.identity)?;
    if !gates::delete_of_commit(sql, repository, sha)? && has_gate {
        verdicts::keep_deleted(sql, (repository, sha), first_at, changes, now)?;
        unit.notify_gates();
    }
    unit.remove_pipeline(repository, id);
    counters.event += 1;
    unit.add_event(Event::deleted(&pipeline, counters.event, now))?;
    unit.audit(&Change::pruned(&pipeline));
    // This is no report: the time of the last report of the repository stays.
    unit.set_counters(repository, counters, Timestamp::UNIX_EPOCH);
    Ok(true)
}

/// Deletes some rows of one deleted pipeline: first reports, then jobs without reports, then details, then stages.
fn sweep(sql: &dyn Sql, repository: RepositoryId) -> Result<DeletedRows> {
    // Locked: the second of two nodes that delete continues where the first stopped.
    let next = format!(
        "SELECT pipeline_id FROM deleted_pipelines WHERE repository_id = ?1 LIMIT 1{}",
        sql.flavor().for_update()
    );
    let pipeline: Option<PipelineId> = sql.first(&next, values![repository])?;
    let Some(pipeline) = pipeline else { return Ok(DeletedRows::default()) };
    let mut swept = DeletedRows { more: true, ..DeletedRows::default() };
    let jobs = "SELECT id FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 ORDER BY id LIMIT ?3";
    let jobs: Vec<JobId> = sql.all(jobs, values![repository, pipeline, DELETE_STEP / 4])?;
    let mut left = DELETE_STEP;
    for job in &jobs {
        let reports = "DELETE FROM reports WHERE (repository_id, job_id, seq) IN
                       (SELECT repository_id, job_id, seq FROM reports WHERE repository_id = ?1
                       AND job_id = ?2 LIMIT ?3)";
        let deleted = sql.execute(reports, values![repository, job, left])?;
        swept.reports += deleted;
        left = left.saturating_sub(u32::try_from(deleted).unwrap_or(u32::MAX));
        if left == 0 {
            return Ok(swept);
        }
        let delete = "DELETE FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 AND id = ?3";
        sql.execute(delete, values![repository, pipeline, job])?;
        swept.jobs += 1;
        left = left.saturating_sub(1);
        if left == 0 {
            return Ok(swept);
        }
    }
    if jobs.is_empty() {
        if details::delete(sql, repository, pipeline, DETAILS_STEP)? == u64::from(DETAILS_STEP) {
            return Ok(swept);
        }
        for delete in [
            "DELETE FROM stages WHERE repository_id = ?1 AND pipeline_id = ?2",
            "DELETE FROM deleted_pipelines WHERE repository_id = ?1 AND pipeline_id = ?2",
        ] {
            sql.execute(delete, values![repository, pipeline])?;
        }
    }
    Ok(swept)
}
