//! What the writer works at: the open transaction, the pipelines in memory, and which of their rows wait to be written.
//! Rows that several reports of one group change are written once.

mod pending_rows;

use crate::deliveries::{Wanting, wanting};
use crate::idempotency::IdempotencyKey;
use crate::notifier::Notifier;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::pipelines::load_state;
use crate::sql::{Batch, Row, Sql, values};
use domain::model::events::{Event, StatusBefore};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::pipelines::{ChangedRows, Counters, PipelineIdentity, PipelineState};
use domain::model::reports::Report;
use domain::{Result, Timestamp};
use pending_rows::PendingRows;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Whether a pipeline has a job. What is joined to the name keeps an engine to the pipeline's own jobs: a name may be that of very many.
pub const HAS_JOB: &str =
    "SELECT EXISTS (SELECT 1 FROM stages s CROSS JOIN jobs j ON j.repository_id = s.repository_id
    AND j.pipeline_id = s.pipeline_id AND j.stage_id = s.id AND j.name || '' = ?4
    WHERE s.repository_id = ?1 AND s.pipeline_id = ?2 AND s.name = ?3)";

/// In the order that [`read_counters`] reads.
pub const COUNTERS: &str = "pipeline, stage, job, report, event, active_at";

/// Reads the last ids given out, and when a report came, from the first columns.
pub fn read_counters(row: &dyn Row) -> Result<(Counters, i64)> {
    let (pipeline, stage, job) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok((Counters { pipeline, stage, job, report: row.get(3)?, event: row.get(4)? }, row.get(5)?))
}

/// A connection that writes.
pub trait Session: Send {
    /// Where its statements run.
    fn sql(&self) -> &dyn Sql;
    /// Begins a transaction. False: on a new connection, perhaps to another machine; what is remembered may not be what it holds.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn start_transaction(&mut self) -> Result<bool>;
    /// Writes the last rows and makes all that was written durable. `changed` are the pipelines that differ then; `access`: so does who may do what; `told` are the last
    /// events of the repositories that have new ones.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: it may be unknown whether it is; [`Session::undo`] says.
    fn commit(
        &mut self,
        last: &[Batch<'_>],
        changed: &BTreeSet<Key>,
        access: bool,
        told: &BTreeMap<RepositoryId, i64>,
    ) -> Result<()>;
    /// Undoes what was written, and says what to do about the failure.
    fn roll_back(&mut self) -> Failure;
    /// Looks up for a group what its reports need, where every question would be a journey; `None` where it would not, and where nobody else
    /// writes.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn fetch(&self, wanted: &Prefetch, runs: &PipelineCache) -> Result<Option<Prefetched>>;
    /// Puts everything in place at the end.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn finish(&mut self) -> Result<()>;
}

/// What to do about a group that was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Other writers were in the way: nothing is wrong with it.
    InTheWay,
    /// A statement was refused: the others may well be written without it.
    OneOfThem,
    /// The engine failed, or it is unknown what became of it.
    Final,
}

/// What a piece of work will ask for.
#[derive(Debug, Clone, Default)]
pub struct PrefetchHints {
    /// The repositories whose pipelines it changes.
    pub repositories: Vec<RepositoryId>,
    /// Pipelines it may change.
    pub pipelines: Vec<Key>,
    /// Pipelines it looks for.
    pub identities: Vec<(RepositoryId, PipelineIdentity)>,
    /// Answers it looks for.
    pub repeats: Vec<IdempotencyKey>,
}

impl PrefetchHints {
    /// What changes pipelines of one repository.
    pub fn for_repository(repository: RepositoryId) -> Self {
        Self { repositories: vec![repository], ..Self::default() }
    }
}

/// What a group will ask for: in order, so that no two nodes wait for each other.
#[derive(Debug, Default)]
pub struct Prefetch {
    pub repositories: BTreeSet<RepositoryId>,
    pub pipelines: BTreeSet<Key>,
    pub identities: HashSet<(RepositoryId, PipelineIdentity)>,
    pub repeats: HashSet<IdempotencyKey>,
}

/// What was looked up for a group, and locked against other writers.
#[derive(Default)]
pub struct Prefetched {
    /// Every repository that was wanted; `None` where there is none.
    pub counters: HashMap<RepositoryId, Option<(Counters, i64)>>,
    /// Those that were wanted and are not in memory.
    pub states: Vec<PipelineState>,
    /// Identities that no pipeline has.
    pub absent: HashSet<(RepositoryId, PipelineIdentity)>,
    /// Digest and answer of the repeats that were wanted.
    pub repeats: HashMap<IdempotencyKey, Option<(Vec<u8>, String)>>,
    /// Who wants the events of each repository that was wanted.
    pub webhooks: HashMap<RepositoryId, Vec<Wanting>>,
}

pub struct UnitOfWork {
    session: Box<dyn Session>,
    runs: PipelineCache,
    waiting: PendingRows,
    /// Pipelines that this group changed, written or not yet.
    changed: BTreeSet<Key>,
    /// What was looked up for this group, where the session does that.
    fetched: Option<Prefetched>,
    access: bool,
    cleaned_at: Timestamp,
    /// The last event of each repository that this group has events of, written or not yet.
    told: BTreeMap<RepositoryId, i64>,
    /// Who wants the events of the repositories of this group.
    webhooks: HashMap<RepositoryId, Vec<Wanting>>,
    /// This group has deliveries that are due.
    due: bool,
    wakes: Arc<Notifier>,
}

impl UnitOfWork {
    pub fn new(session: Box<dyn Session>, wakes: Arc<Notifier>) -> Self {
        Self {
            session,
            runs: PipelineCache::default(),
            waiting: PendingRows::default(),
            changed: BTreeSet::new(),
            fetched: None,
            access: false,
            cleaned_at: Timestamp::UNIX_EPOCH,
            told: BTreeMap::new(),
            webhooks: HashMap::new(),
            due: false,
            wakes,
        }
    }

    /// Where statements run, inside the group's transaction.
    pub fn sql(&self) -> &dyn Sql {
        self.session.sql()
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
        if self.fetched.as_ref().is_some_and(|fetched| !fetched.counters.contains_key(&repository)) {
            self.fetch(Prefetch { repositories: [repository].into(), ..Prefetch::default() })?;
        } else if self.fetched.is_none() && self.runs.counters(repository).is_none() {
            let query = format!("SELECT {COUNTERS} FROM counters WHERE repository_id = ?1");
            let counters = self.sql().first(&query, values![repository.get()], read_counters)?;
            if let Some((counters, active_at)) = counters {
                self.runs.set_counters(repository, counters, active_at);
            }
        }
        Ok(self.runs.counters(repository))
    }

    /// Notes the last ids given out.
    pub fn count(&mut self, repository: RepositoryId, counters: Counters, now: Timestamp) {
        self.runs.set_counters(repository, counters, now.as_millisecond());
        self.waiting.count(repository);
    }

    /// Takes a pipeline to change it.
    pub fn take_state(&mut self, repository: RepositoryId, id: PipelineId) -> Result<Option<PipelineState>> {
        match self.runs.take(&(repository, id)) {
            Some(run) => Ok(Some(run)),
            None => load_state(self.sql(), repository, id),
        }
    }

    /// The pipeline of this identity.
    pub fn find_pipeline(
        &mut self,
        repository: RepositoryId,
        identity: &PipelineIdentity,
    ) -> Result<Option<PipelineId>> {
        if let Some(id) = self.runs.find(repository, identity) {
            return Ok(Some(id));
        }
        if self.fetched.as_ref().is_some_and(|f| f.absent.contains(&(repository, identity.clone()))) {
            return Ok(None);
        }
        let sql = "SELECT id FROM pipelines WHERE repository_id = ?1 AND sha = ?2 AND ref = ?3 AND source = ?4 AND key = ?5";
        let of = values![repository.get(), identity.sha, identity.git_ref, identity.source, identity.key];
        self.sql().first(sql, of, |row| row.get(0))?.map(crate::rows::pipeline_id).transpose()
    }

    /// The answer that was given to a request under this key, with the digest of the request.
    pub fn idempotent_response(&mut self, repeat: &IdempotencyKey) -> Result<Option<(Vec<u8>, String)>> {
        if let Some(answer) = self.waiting.idempotent_response(repeat) {
            return Ok(Some(answer));
        }
        if let Some(known) = self.fetched.as_ref().and_then(|fetched| fetched.repeats.get(repeat)) {
            return Ok(known.clone());
        }
        crate::idempotency::load(self.sql(), repeat)
    }

    /// The pipelines of a report's commit and source that have no key of their own, newest first, each with whether it has the
    /// report's job.
    pub fn pipelines_of_commit(
        &mut self,
        repository: RepositoryId,
        report: &Report,
    ) -> Result<Vec<(PipelineId, bool)>> {
        // What this group made is asked for too.
        self.flush()?;
        let sql = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
                   WHERE repository_id = ?1 AND sha = ?2 AND source = ?3 AND key = '' ORDER BY id DESC LIMIT 100";
        let of = values![repository.get(), report.sha, report.source];
        let ids: Vec<i64> = self.sql().all(sql, of, |row| row.get(0))?;
        // Of one alone it does not matter.
        let asked = ids.len() > 1;
        let has_job = |id: i64| -> Result<bool> {
            let of = values![repository.get(), id, report.stage, report.name];
            Ok(asked && self.sql().one(HAS_JOB, of, |row| row.get(0))?)
        };
        ids.into_iter().map(|id| Ok((crate::rows::pipeline_id(id)?, has_job(id)?))).collect()
    }

    /// Forgets a pipeline that is taken away.
    pub fn forget_pipeline(&mut self, repository: RepositoryId, id: PipelineId) {
        let key = (repository, id);
        self.runs.forget(&key);
        self.waiting.forget(&key);
        self.changed.insert(key);
    }

    /// Puts a pipeline back that did not change.
    pub fn return_unchanged(&mut self, run: PipelineState) {
        self.runs.put(run);
    }

    /// Puts a pipeline back that changed: `before` is how it stood, `job` the attempt that changed.
    pub fn return_changed(
        &mut self,
        run: PipelineState,
        before: StatusBefore,
        job: JobId,
        touched: ChangedRows,
    ) {
        self.waiting.change(&run, before, job, &touched);
        self.return_state(run, touched);
    }

    /// Puts a pipeline in that came whole.
    pub fn add_imported(&mut self, run: PipelineState) {
        let touched = ChangedRows {
            stages: (0..run.stages.len()).collect(),
            jobs: (0..run.jobs.len()).collect(),
            previous_status: None,
        };
        self.waiting.arrive(&run);
        self.return_state(run, touched);
    }

    fn return_state(&mut self, run: PipelineState, touched: ChangedRows) {
        let key = (run.pipeline.repository_id, run.pipeline.id);
        self.waiting.touch(key, touched);
        self.changed.insert(key);
        self.runs.put(run);
    }

    /// Takes an event that belongs to this commit.
    ///
    /// # Errors
    /// [`domain::Error::Internal`], which none of ours causes.
    pub fn record_event(&mut self, event: &Event) -> Result<()> {
        let repository = event.repository_id;
        self.told.insert(repository, event.number);
        if !self.webhooks.contains_key(&repository) {
            self.webhooks.insert(repository, wanting(self.session.sql(), repository)?);
        }
        let webhooks = self.webhooks.get(&repository).map_or(&[][..], Vec::as_slice);
        self.due |= self.waiting.event(event, webhooks)?;
        Ok(())
    }

    /// To be called by work that makes a delivery due.
    pub fn make_due(&mut self) {
        self.due = true;
    }

    /// To be called by work that changes webhooks.
    pub fn forget_webhooks(&mut self) {
        self.webhooks.clear();
    }

    /// Rows that wait to be written, for those who add some.
    pub fn pending_rows(&mut self) -> &mut PendingRows {
        &mut self.waiting
    }

    /// Begins a group that will ask for this.
    pub fn start_group<'a>(&mut self, needs: impl Iterator<Item = &'a PrefetchHints>) -> Result<()> {
        if !self.session.start_transaction()? {
            self.runs.clear();
        }
        let mut wanted = Prefetch::default();
        for needs in needs {
            wanted.repositories.extend(&needs.repositories);
            wanted.pipelines.extend(&needs.pipelines);
            wanted.identities.extend(needs.identities.iter().cloned());
            wanted.repeats.extend(needs.repeats.iter().cloned());
        }
        self.fetched = None;
        self.fetch(wanted)
    }

    fn fetch(&mut self, wanted: Prefetch) -> Result<()> {
        let Some(mut fetched) = self.session.fetch(&wanted, &self.runs)? else { return Ok(()) };
        for (repository, counters) in &fetched.counters {
            match counters {
                Some((counters, active_at)) => {
                    if self.runs.counters(*repository) != Some(*counters) {
                        // Another node wrote here.
                        self.runs.forget_repository(*repository);
                    }
                    self.runs.set_counters(*repository, *counters, *active_at);
                }
                None => self.runs.forget_repository(*repository),
            }
        }
        for run in fetched.states.drain(..) {
            self.runs.put(run);
        }
        self.webhooks.extend(fetched.webhooks.drain());
        match &mut self.fetched {
            Some(known) => {
                known.counters.extend(fetched.counters);
                known.absent.extend(fetched.absent);
                known.repeats.extend(fetched.repeats);
            }
            None => self.fetched = Some(fetched),
        }
        Ok(())
    }

    /// Writes the rows that wait.
    pub fn flush(&mut self) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let batches = waiting.batches(&self.runs);
        self.session.sql().write_batches(&batches)?;
        drop(batches);
        if let Some(fetched) = &mut self.fetched {
            fetched.repeats.extend(waiting.into_repeats());
        }
        Ok(())
    }

    /// Writes the rows that wait, and ends the group: from then on it is there.
    pub fn commit(&mut self) -> Result<()> {
        let rows = self.waiting.batches(&self.runs);
        self.session.commit(&rows, &self.changed, self.access, &self.told)?;
        drop(rows);
        self.told.iter().for_each(|(repository, number)| self.wakes.wake(*repository, *number));
        if self.due {
            self.wakes.wake_deliveries();
        }
        Ok(())
    }

    /// After a failure: the file and the memory go back to the last commit.
    pub fn undo(&mut self) -> Failure {
        self.runs.clear();
        self.session.roll_back()
    }

    /// After a group, whatever became of it.
    pub fn finish_group(&mut self) {
        self.waiting = PendingRows::default();
        self.changed.clear();
        self.fetched = None;
        self.told.clear();
        self.webhooks.clear();
        self.due = false;
        self.access = false;
        self.runs.age();
    }

    /// Puts everything in place at the end.
    pub fn finish(mut self) -> Result<()> {
        self.session.finish()
    }
}
