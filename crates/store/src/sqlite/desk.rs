//! What the writer works at: the open transaction, the pipelines in memory, and which of their rows wait to be written.
//! Rows that several reports of one group change are written once.

use super::pipelines::{load_run, write_run};
use super::runs::{Key, Runs};
use super::{Marks, deliveries, events, failed};
use domain::model::events::Event;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{Counters, PipelineIdentity, Run, Touched};
use domain::model::reports::Report;
use domain::{Result, Timestamp};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use std::collections::{BTreeSet, HashMap};

/// Whether a pipeline has a job. The `+` keeps SQLite to the pipeline's own jobs: a name may be that of very many.
pub const HAS_JOB: &str = "SELECT EXISTS (SELECT 1 FROM stages s CROSS JOIN jobs j WHERE s.repository_id = ?1 AND s.pipeline_id = ?2
    AND s.name = ?3 AND j.repository_id = s.repository_id AND j.pipeline_id = s.pipeline_id AND j.stage_id = s.id AND +j.name = ?4)";

/// Places in a run whose rows wait to be written.
#[derive(Default)]
pub struct Dirty {
    pub stages: BTreeSet<usize>,
    pub jobs: BTreeSet<usize>,
}

pub struct Desk {
    connection: Connection,
    runs: Runs,
    dirty: HashMap<Key, Dirty>,
    /// Pipelines that this group changed, written or not yet.
    changed: BTreeSet<Key>,
    /// Events that wait to be written.
    events: Vec<Event>,
    /// The last event of each repository that this group has events of, written or not yet.
    last_events: HashMap<RepositoryId, i64>,
    /// Counters that wait to be written, with the time of the last report.
    counted: HashMap<RepositoryId, Timestamp>,
    /// This group has deliveries that are due.
    due: bool,
    access: bool,
    cleaned_at: Timestamp,
}

impl Desk {
    pub fn new(connection: Connection) -> Self {
        Self {
            connection,
            runs: Runs::default(),
            dirty: HashMap::new(),
            changed: BTreeSet::new(),
            events: Vec::new(),
            last_events: HashMap::new(),
            counted: HashMap::new(),
            due: false,
            access: false,
            cleaned_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// The connection, inside the group's transaction.
    pub fn sql(&self) -> &Connection {
        &self.connection
    }

    /// To be called by work that changes users, keys, tokens, members or repositories.
    pub fn touch_access(&mut self) {
        self.access = true;
    }

    /// True once in ten minutes: time to delete what has expired.
    pub fn cleaning_is_due(&mut self, now: Timestamp) -> bool {
        let due = now.as_second() - self.cleaned_at.as_second() >= 600;
        if due {
            self.cleaned_at = now;
        }
        due
    }

    /// The last ids given out in a repository; `None` when there is no such repository.
    pub fn counters(&mut self, repository: RepositoryId) -> Result<Option<Counters>> {
        if let Some(counters) = self.runs.counters(repository) {
            return Ok(Some(counters));
        }
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Counters {
                pipeline: row.get(0)?,
                stage: row.get(1)?,
                job: row.get(2)?,
                report: row.get(3)?,
                event: row.get(4)?,
            })
        };
        let counters = self
            .connection
            .prepare_cached(
                "SELECT pipeline, stage, job, report, event FROM counters WHERE repository_id = ?1",
            )
            .and_then(|mut statement| statement.query_row([repository.get()], read).optional())
            .map_err(failed)?;
        if let Some(counters) = counters {
            self.runs.set_counters(repository, counters);
        }
        Ok(counters)
    }

    /// Notes the last ids given out.
    pub fn count(&mut self, repository: RepositoryId, counters: Counters, now: Timestamp) {
        self.runs.set_counters(repository, counters);
        let active = self.counted.entry(repository).or_insert(now);
        *active = (*active).max(now);
    }

    /// Takes a pipeline to change it.
    pub fn take_run(&mut self, repository: RepositoryId, id: PipelineId) -> Result<Option<Run>> {
        match self.runs.take(&(repository, id)) {
            Some(run) => Ok(Some(run)),
            None => load_run(&self.connection, repository, id),
        }
    }

    /// The pipeline of this identity.
    pub fn find_run(
        &mut self,
        repository: RepositoryId,
        identity: &PipelineIdentity,
    ) -> Result<Option<PipelineId>> {
        if let Some(id) = self.runs.find(repository, identity) {
            return Ok(Some(id));
        }
        let sql = "SELECT id FROM pipelines WHERE repository_id = ?1 AND sha = ?2 AND ref = ?3 AND source = ?4 AND key = ?5";
        let id: Option<i64> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                let of =
                    params![repository.get(), identity.sha, identity.git_ref, identity.source, identity.key];
                statement.query_row(of, |row| row.get(0)).optional()
            })
            .map_err(failed)?;
        id.map(crate::rows::pipeline_id).transpose()
    }

    /// The pipelines of a report's commit and source that have no key of their own, newest first, each with whether it has the
    /// report's job.
    pub fn runs_of_commit(
        &mut self,
        repository: RepositoryId,
        report: &Report,
    ) -> Result<Vec<(PipelineId, bool)>> {
        // What this group made is asked for too.
        self.flush()?;
        let sql = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
                   WHERE repository_id = ?1 AND sha = ?2 AND source = ?3 AND key = '' ORDER BY id DESC LIMIT 100";
        let ids: Vec<i64> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.query_map(params![repository.get(), report.sha, report.source], |row| row.get(0))?.collect()
            })
            .map_err(failed)?;
        // Of one alone it does not matter.
        let asked = ids.len() > 1;
        let has_job = |id: i64| -> Result<bool> {
            let of = params![repository.get(), id, report.stage, report.name];
            let has = |mut s: CachedStatement<'_>| s.query_row(of, |row| row.get(0));
            Ok(asked && self.connection.prepare_cached(HAS_JOB).and_then(has).map_err(failed)?)
        };
        ids.into_iter().map(|id| Ok((crate::rows::pipeline_id(id)?, has_job(id)?))).collect()
    }

    /// Forgets a pipeline that is taken away.
    pub fn forget_run(&mut self, repository: RepositoryId, id: PipelineId) {
        let key = (repository, id);
        self.runs.forget(&key);
        self.dirty.remove(&key);
        self.changed.insert(key);
    }

    /// Puts a pipeline back, and notes which of its rows to write.
    pub fn put_run(&mut self, run: Run, touched: Option<Touched>) {
        let key = (run.pipeline.repository_id, run.pipeline.id);
        if let Some(touched) = touched {
            let dirty = self.dirty.entry(key).or_default();
            dirty.stages.extend(touched.stages);
            dirty.jobs.extend(touched.jobs);
            self.changed.insert(key);
        }
        self.runs.put(run);
    }

    /// Takes an event that belongs to this commit.
    pub fn tell(&mut self, event: Event) {
        self.last_events.insert(event.repository_id, event.number);
        self.events.push(event);
    }

    /// The last event of each repository that has any in this group.
    pub fn last_events(&self) -> impl Iterator<Item = (RepositoryId, i64)> {
        self.last_events.iter().map(|(repository, number)| (*repository, *number))
    }

    /// To be called by work that makes a delivery due.
    pub fn make_due(&mut self) {
        self.due = true;
    }

    /// Whether this group has deliveries that are due.
    pub fn has_due(&self) -> bool {
        self.due
    }

    pub fn begin(&mut self) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)
    }

    /// Writes the rows that wait.
    pub fn flush(&mut self) -> Result<()> {
        for (key, dirty) in std::mem::take(&mut self.dirty) {
            if let Some(run) = self.runs.get(&key) {
                write_run(&self.connection, run, &dirty)?;
            }
        }
        let told = std::mem::take(&mut self.events);
        for event in &told {
            events::write(&self.connection, event)?;
        }
        self.due |= deliveries::queue(&self.connection, &told)?;
        let sql = "UPDATE counters SET pipeline = ?2, stage = ?3, job = ?4, report = ?5, event = ?6, active_at = max(active_at, ?7)
                   WHERE repository_id = ?1";
        for (repository, active_at) in &self.counted {
            let Some(c) = self.runs.counters(*repository) else { continue };
            let row = params![
                repository.get(),
                c.pipeline,
                c.stage,
                c.job,
                c.report,
                c.event,
                active_at.as_millisecond()
            ];
            self.connection.prepare_cached(sql).and_then(|mut s| s.execute(row)).map_err(failed)?;
        }
        Ok(())
    }

    /// The mark slots of what this group changed, and whether it changed who may do what.
    pub fn touched(&self) -> (Vec<usize>, bool) {
        let mut slots: Vec<usize> = self.changed.iter().map(|(r, p)| Marks::slot(r.get(), p.get())).collect();
        slots.sort_unstable();
        slots.dedup();
        (slots, self.access)
    }

    pub fn commit(&mut self) -> rusqlite::Result<()> {
        self.connection.execute_batch("COMMIT")
    }

    /// After a failure: the file and the memory go back to the last commit.
    pub fn undo(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed group could not be rolled back");
        }
        self.runs.clear();
    }

    /// After a group, whatever became of it.
    pub fn settled(&mut self) {
        self.dirty.clear();
        self.changed.clear();
        self.events.clear();
        self.last_events.clear();
        self.counted.clear();
        self.due = false;
        self.access = false;
        self.runs.age();
    }

    /// Puts the log into the database file.
    pub fn finish(self) -> Result<()> {
        let busy: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(failed)?;
        if busy != 0 {
            tracing::info!("a reader was still at work, so the log stays beside the database file");
        }
        self.connection.close().map_err(|(_, error)| failed(error))
    }
}
