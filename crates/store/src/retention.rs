//! Taking pipelines away: the pipeline's row at once, so that no read sees it, and the rows it leaves in small steps.

use crate::engine::{Engine, SqlStore};
use crate::pipelines::load_pipeline;
use crate::policies;
use crate::sql::{Row, Sql, Value, places, values};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::{counters, rows};
use async_trait::async_trait;
use domain::model::events::Event;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::policies::Policies;
use domain::model::retention::Expiry;
use domain::model::retention::{DeletedRows, ExpiredCursor, ExpiredPipeline};
use domain::ports::Retention;
use domain::{Result, Timestamp};
use std::time::Instant;

/// Rows deleted in one step: some milliseconds of the writer's time.
const STEP: u32 = 1_000;

#[async_trait]
impl<E: Engine> Retention for SqlStore<E> {
    async fn policies(&self, repository: RepositoryId) -> Result<Policies> {
        self.read(move |sql| {
            Ok(policies::load(sql, Some(repository))?.remove(&repository).unwrap_or_default())
        })
        .await
    }

    async fn set_policies(&self, repository: RepositoryId, policies: Policies) -> Result<()> {
        self.write(move |unit| policies::store(unit.sql(), repository, &policies)).await
    }

    async fn all_policies(&self) -> Result<Vec<(RepositoryId, Policies)>> {
        self.read(|sql| Ok(policies::load(sql, None)?.into_iter().collect())).await
    }

    async fn expired_pipelines(
        &self,
        repository: RepositoryId,
        expiry: Expiry,
        after: Option<ExpiredCursor>,
        limit: u32,
    ) -> Result<Vec<ExpiredPipeline>> {
        self.read(move |sql| expired(sql, repository, expiry, after.as_ref(), limit)).await
    }

    async fn delete_expired_pipeline(
        &self,
        repository: RepositoryId,
        id: PipelineId,
        expiry: Expiry,
        now: Timestamp,
    ) -> Result<bool> {
        let gone = self
            .write_pipelines(PrefetchHints::for_repository(repository), move |unit| {
                expire(unit, (repository, id), expiry, now)
            })
            .await?;
        counters::expired(gone);
        Ok(gone)
    }

    async fn repositories_with_deleted_pipelines(&self) -> Result<Vec<RepositoryId>> {
        let query = "SELECT DISTINCT repository_id FROM leavings";
        let find = move |sql: &dyn Sql| {
            let ids: Vec<i64> = sql.all(query, values![], |row| row.get(0))?;
            ids.into_iter().map(rows::repository_id).collect()
        };
        self.read(find).await
    }

    async fn delete_pipeline_rows(&self, repository: RepositoryId) -> Result<DeletedRows> {
        // A read first: most of the time nothing was left, and the writer is not asked.
        let query = "SELECT 1 FROM leavings WHERE repository_id = ?1 LIMIT 1";
        let left: Option<i64> =
            self.read(move |sql| sql.first(query, values![repository.get()], |row| row.get(0))).await?;
        if left.is_none() {
            return Ok(DeletedRows::default());
        }
        let began = Instant::now();
        let swept = self.write(move |unit| sweep(unit.sql(), repository)).await?;
        // A pause as long as the step took, with what waited before it: the busier the writer, the slower this goes.
        tokio::time::sleep(began.elapsed()).await;
        counters::swept(&swept);
        Ok(swept)
    }
}

const COLUMNS: &str = "p.id, p.sha, p.ref, p.status, p.updated_at, p.job_count";
/// From then on the jobs of a pipeline are no longer counted, though their rows go later. What is joined to it keeps SQLite from walking all jobs of
/// the repository in order of their status.
pub const UNCOUNT: &str = "UPDATE job_counts SET count = count - gone.n
    FROM (SELECT status || '' AS word, count(*) AS n FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 GROUP BY status || '') gone
    WHERE repository_id = ?1 AND status = gone.word";
/// What has not ended is never taken.
const ENDED: &str = "p.status NOT IN ('pending', 'running')";

fn read(row: &dyn Row) -> Result<ExpiredPipeline> {
    Ok(ExpiredPipeline {
        id: rows::pipeline_id(row.get(0)?)?,
        sha: row.get(1)?,
        git_ref: row.get(2)?,
        status: rows::status(&row.get::<String>(3)?)?,
        updated_at: rows::time(row.get(4)?)?,
        job_count: row.get(5)?,
    })
}

fn query(sql: &dyn Sql, query: &str, values: Vec<Value<'_>>) -> Result<Vec<ExpiredPipeline>> {
    sql.all(query, &places(&values), read)
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

/// Those that did not change for long, the longest first; of each it is asked whether enough newer ones of its ref are there.
fn by_age(
    sql: &dyn Sql,
    repository: RepositoryId,
    since: Timestamp,
    newer: u32,
    after: Option<&ExpiredCursor>,
    limit: u32,
) -> Result<Vec<ExpiredPipeline>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM pipelines p INDEXED BY pipelines_by_update
         WHERE p.repository_id = ?1 AND p.updated_at < ?2 AND (p.updated_at, p.id) > (?3, ?4) AND {ENDED}
         AND EXISTS (SELECT 1 FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = p.repository_id
                     AND n.ref = p.ref AND n.id > p.id ORDER BY n.id LIMIT 1 OFFSET ?5)
         ORDER BY p.updated_at, p.id LIMIT ?6"
    );
    let (updated_at, id) = after.map_or((i64::MIN, 0), |a| (a.updated_at.as_millisecond(), a.id.get()));
    let values = [
        i64::from(repository.get()),
        since.as_millisecond(),
        updated_at,
        i64::from(id),
        i64::from(newer) - 1,
        i64::from(limit),
    ];
    query(sql, &statement, values.map(Value::from).to_vec())
}

/// Those with enough newer ones of their ref, ref by ref, the newest first. The counts say which refs have that many at all.
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
        values![repository.get(), from, newer],
        |row| row.get(0),
    )?;
    // Below the first that has enough newer ones.
    let statement = format!(
        "SELECT {COLUMNS} FROM pipelines p INDEXED BY pipelines_by_ref
         WHERE p.repository_id = ?1 AND p.ref = ?2 AND p.id < ?3 AND {ENDED} AND p.id <=
         (SELECT n.id FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = ?1 AND n.ref = ?2
          ORDER BY n.id DESC LIMIT 1 OFFSET ?4)
         ORDER BY p.id DESC LIMIT ?5"
    );
    let mut found: Vec<ExpiredPipeline> = Vec::new();
    for git_ref in refs {
        let left = limit as usize - found.len();
        if left == 0 {
            break;
        }
        let below =
            after.filter(|after| after.git_ref == git_ref).map_or(i64::MAX, |after| after.id.get().into());
        let values = vec![
            i64::from(repository.get()).into(),
            git_ref.into(),
            below.into(),
            i64::from(newer).into(),
            i64::try_from(left).unwrap_or(i64::MAX).into(),
        ];
        found.extend(query(sql, &statement, values)?);
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
    // What this group changed of it counts.
    unit.flush()?;
    let sql = unit.sql();
    let newer = "SELECT count(*) FROM (SELECT 1 FROM pipelines WHERE repository_id = ?1 AND ref = ?2 AND id > ?3 LIMIT ?4) newer";
    let statement = format!("SELECT {COLUMNS} FROM pipelines p WHERE p.repository_id = ?1 AND p.id = ?2");
    let Some(found) = query(sql, &statement, vec![repository.get().into(), id.get().into()])?.pop() else {
        return Ok(false);
    };
    let newer: u32 =
        sql.one(newer, values![repository.get(), found.git_ref, id.get(), expiry.min_newer_on_ref], |row| {
            row.get(0)
        })?;
    if !expiry.applies_to(found.status, found.updated_at, newer) {
        return Ok(false);
    }
    let Some(pipeline) = load_pipeline(sql, repository, id)? else { return Ok(false) };
    let of_ref = values![repository.get(), found.git_ref, found.status.as_str()];
    for statement in [
        "UPDATE pipeline_counts SET count = count - 1 WHERE repository_id = ?1 AND ref = ?2 AND status = ?3",
        "DELETE FROM pipeline_counts WHERE repository_id = ?1 AND ref = ?2 AND status = ?3 AND count = 0",
    ] {
        sql.execute(statement, of_ref)?;
    }
    let of = values![repository.get(), id.get()];
    for statement in [
        UNCOUNT,
        "INSERT INTO leavings (repository_id, pipeline_id) VALUES (?1, ?2) ON CONFLICT (repository_id, pipeline_id) DO NOTHING",
        "DELETE FROM pipelines WHERE repository_id = ?1 AND id = ?2",
    ] {
        sql.execute(statement, of)?;
    }
    unit.forget_pipeline(repository, id);
    counters.event += 1;
    unit.record_event(&Event::deleted(&pipeline, counters.event, now))?;
    // Nobody reported: when the repository was last active stays as it is.
    unit.count(repository, counters, Timestamp::UNIX_EPOCH);
    Ok(true)
}

/// One step: some reports, then the jobs without reports, then the stages of one pipeline.
fn sweep(sql: &dyn Sql, repository: RepositoryId) -> Result<DeletedRows> {
    let repo = repository.get();
    // Held: of two nodes that sweep, the second finds what the first left.
    let next = format!(
        "SELECT pipeline_id FROM leavings WHERE repository_id = ?1 LIMIT 1{}",
        sql.flavor().and_hold()
    );
    let pipeline: Option<i64> = sql.first(&next, values![repo], |row| row.get(0))?;
    let Some(pipeline) = pipeline else { return Ok(DeletedRows::default()) };
    let mut swept = DeletedRows { more: true, ..DeletedRows::default() };
    let jobs: Vec<i64> = sql.all(
        "SELECT id FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 ORDER BY id LIMIT ?3",
        values![repo, pipeline, STEP / 4],
        |row| row.get(0),
    )?;
    let mut left = STEP;
    for job in &jobs {
        let reports = "DELETE FROM reports WHERE (repository_id, job_id, seq) IN
                       (SELECT repository_id, job_id, seq FROM reports WHERE repository_id = ?1 AND job_id = ?2 LIMIT ?3)";
        let gone = sql.execute(reports, values![repo, job, left])?;
        swept.reports += gone;
        left = left.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX));
        if left == 0 {
            return Ok(swept);
        }
        let whole = "DELETE FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 AND id = ?3";
        sql.execute(whole, values![repo, pipeline, job])?;
        swept.jobs += 1;
        left = left.saturating_sub(1);
        if left == 0 {
            return Ok(swept);
        }
    }
    if jobs.is_empty() {
        for statement in [
            "DELETE FROM stages WHERE repository_id = ?1 AND pipeline_id = ?2",
            "DELETE FROM leavings WHERE repository_id = ?1 AND pipeline_id = ?2",
        ] {
            sql.execute(statement, values![repo, pipeline])?;
        }
    }
    Ok(swept)
}
