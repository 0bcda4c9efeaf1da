//! Writing pipelines that ran elsewhere.

use crate::engine::{Engine, SqlStore};
use crate::reports::write_imported;
use crate::sql::values;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::events::Event;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::imports::ImportedPipeline;
use domain::ports::{Imports, ReportBatch};

#[async_trait]
impl<E: Engine> Imports for SqlStore<E> {
    async fn import_pipeline(
        &self,
        imported: ImportedPipeline,
        reporter: UserId,
        now: Timestamp,
    ) -> Result<bool> {
        self.write_pipelines(PrefetchHints::for_repository(imported.repository_id), move |unit| {
            import(unit, &imported, reporter, now)
        })
        .await
    }
}

fn import(
    unit: &mut UnitOfWork,
    imported: &ImportedPipeline,
    reporter: UserId,
    now: Timestamp,
) -> Result<bool> {
    let repository = imported.repository_id;
    let mut counters = unit.counters(repository)?.ok_or(Error::RepositoryNotFound)?;
    if unit.find_pipeline(repository, &imported.identity)?.is_some() {
        return Ok(false);
    }
    if let Some(id) = imported.id
        && let Some(run) = unit.take_state(repository, id)?
    {
        unit.return_unchanged(run);
        return Ok(false);
    }
    if let Some(id) = imported.id
        && is_leaving(unit, repository, id)?
    {
        return Err(Invalid::new("id", Problem::Taken).into());
    }
    check_free(unit, imported)?;
    let mut built = imported.build(&mut counters)?;
    let batch = ReportBatch {
        repository_id: repository,
        reporter,
        dialect: "import",
        received_at: built.state.pipeline.updated_at,
        reports: Vec::new(),
        idempotency: None,
    };
    counters.event += 1;
    // One that had this id before, and was taken away, never had this version.
    built.state.pipeline.version = counters.event;
    unit.record_event(&Event::imported(&built.state.pipeline, counters.event, now))?;
    write_imported(unit, &batch, built.state, &built.reports)?;
    unit.count(repository, counters, batch.received_at);
    Ok(true)
}

/// Whether rows of a pipeline of this id, which was taken away, are still to be deleted.
fn is_leaving(unit: &UnitOfWork, repository: RepositoryId, id: PipelineId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM leavings WHERE repository_id = ?1 AND pipeline_id = ?2)";
    unit.sql().one(sql, values![repository.get(), id.get()], |row| row.get(0))
}

/// Refuses ids of stages and jobs that are in use. Ids above the counters cannot be, so a plain import asks nothing.
fn check_free(unit: &mut UnitOfWork, imported: &ImportedPipeline) -> Result<()> {
    let repository = imported.repository_id;
    let Some(counters) = unit.counters(repository)? else { return Err(Error::RepositoryNotFound) };
    // What this group brought along before is asked for too.
    unit.flush()?;
    let taken = |table: &str, id: i32| -> Result<bool> {
        let sql = format!("SELECT 1 FROM {table} WHERE repository_id = ?1 AND id = ?2");
        let found: Option<i64> = unit.sql().first(&sql, values![repository.get(), id], |row| row.get(0))?;
        Ok(found.is_some())
    };
    for stage in &imported.stages {
        if let Some(id) = stage.id.map(|id| id.get()).filter(|id| *id <= counters.stage)
            && taken("stages", id)?
        {
            return Err(Invalid::new("stages", Problem::Taken).into());
        }
        for job in &stage.jobs {
            if let Some(id) = job.id.map(|id| id.get()).filter(|id| *id <= counters.job)
                && taken("jobs", id)?
            {
                return Err(Invalid::new("jobs", Problem::Taken).into());
            }
        }
    }
    Ok(())
}
