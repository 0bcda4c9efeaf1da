//! Imports of pipelines that ran elsewhere.

use crate::engine::{Engine, SqlStore};
use crate::reports::add_imported;
use crate::rows::deleted_pipelines;
use crate::sql::values;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::audit::Change;
use domain::model::credentials::ReportCredential;
use domain::model::events::Event;
use domain::model::ids::UserId;
use domain::model::imports::ImportedPipeline;
use domain::model::pipelines::Counters;
use domain::ports::{Imports, ReportBatch};

/// About the memory of a row of an import, in bytes.
const JOB_BYTES: usize = 512;

#[async_trait]
impl<E: Engine> Imports for SqlStore<E> {
    async fn import_pipeline(
        &self,
        imported: ImportedPipeline,
        reporter: UserId,
        credential: Option<ReportCredential>,
        now: Timestamp,
    ) -> Result<bool> {
        let load = load(&imported);
        self.write_pipelines(load, PrefetchHints::for_repository(imported.repository_id), move |unit| {
            import(unit, &imported, (reporter, credential.clone()), now)
        })
        .await
    }
}

/// The size of the write: each job is an attempt with a report.
fn load(imported: &ImportedPipeline) -> Load {
    let jobs: usize = imported.stages.iter().map(|stage| stage.jobs.len()).sum();
    let rows = 1 + imported.stages.len() + 2 * jobs;
    Load { flow: Flow::Repository(imported.repository_id), rows, bytes: JOB_BYTES * rows }
}

fn import(
    unit: &mut UnitOfWork,
    imported: &ImportedPipeline,
    (reporter, credential): (UserId, Option<ReportCredential>),
    now: Timestamp,
) -> Result<bool> {
    let repository = imported.repository_id;
    let mut counters = unit.counters(repository)?.ok_or(Error::RepositoryNotFound)?;
    if unit.find_pipeline(repository, &imported.identity)?.is_some() {
        return Ok(false);
    }
    if let Some(id) = imported.id
        && let Some(state) = unit.take_state(repository, id)?
    {
        unit.return_unchanged(state);
        return Ok(false);
    }
    if let Some(id) = imported.id
        && deleted_pipelines::contains(unit.sql(), repository, id)?
    {
        return Err(Invalid::new("id", Problem::Taken).into());
    }
    check_ids(unit, imported)?;
    if uses_former_ids(imported, &counters) {
        unit.forget_texts(repository);
    }
    let mut built = imported.build(&mut counters)?;
    let batch = ReportBatch {
        repository_id: repository,
        reporter,
        credential,
        dialect: "import",
        received_at: built.state.pipeline.updated_at,
        reports: Vec::new(),
        idempotency: None,
        signature: None,
    };
    counters.event += 1;
    // A deleted pipeline of the same id never had this version.
    built.state.pipeline.version = counters.event;
    unit.add_event(Event::imported(&built.state.pipeline, counters.event, now))?;
    unit.audit(&Change::imported(repository, built.state.pipeline.id));
    add_imported(unit, &batch, built.state, &built.reports);
    unit.set_counters(repository, counters, batch.received_at);
    Ok(true)
}

/// Whether deleted pipelines or jobs may have had the ids of an import.
fn uses_former_ids(imported: &ImportedPipeline, counters: &Counters) -> bool {
    let mut jobs = imported.stages.iter().flat_map(|stage| &stage.jobs);
    imported.id.is_some_and(|id| id.get() <= counters.pipeline)
        || jobs.any(|job| job.id.is_some_and(|id| id.get() <= counters.job))
}

/// Refuses ids of stages and jobs that are in use. Ids above the counters are free and need no query.
fn check_ids(unit: &mut UnitOfWork, imported: &ImportedPipeline) -> Result<()> {
    let repository = imported.repository_id;
    let Some(counters) = unit.counters(repository)? else { return Err(Error::RepositoryNotFound) };
    // The queries must see the rows of this group.
    unit.flush()?;
    let taken = |table: &str, id: i32| -> Result<bool> {
        let query = format!("SELECT 1 FROM {table} WHERE repository_id = ?1 AND id = ?2");
        unit.sql().exists(&query, values![repository, id])
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
