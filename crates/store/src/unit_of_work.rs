//! The state of the writer during a group of writes: the open transaction, the cached pipelines, and their
//! rows to write at the end. A row that several reports of one group change is written once.

mod auditing;
mod commit_pipelines;
mod commits;
mod frozen;
mod groups;
mod journaling;
mod pending_counts;
mod pending_rows;
mod repeated_requests;
mod sent_commit;
mod session;
mod signature_memory;
mod subscriptions;

pub use commit_pipelines::CommitPipelines;
pub use commits::Sent;
pub use frozen::FrozenRows;
pub use journaling::Journaling;
pub use sent_commit::{CommitResult, OnResult, SentCommit, unknown_result};
pub use session::{CommitKey, Failure, Prefetch, PrefetchHints, Prefetched, Session};
pub use subscriptions::{Due, Subscriptions};

use crate::journal::{Applier, JournalFiles};
use crate::notifier::Notifier;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::rows::reports::{self, NewReport, RecentTexts};
use crate::rows::{counters, pipelines, users};
use crate::sql::Sql;
use auditing::Auditing;
use domain::model::events::{Event, StatusBefore};
use domain::model::ids::{JobId, PipelineId, RepositoryId, UserId};
use domain::model::jobs::filters::Reporter;
use domain::model::pipelines::{ChangedRows, Counters, PipelineIdentity, PipelineState};
use domain::model::reports::{Arrival, Receipt};
use domain::ports::{Receipts, ReportBatch, unavailable};
use domain::{Result, Timestamp};
use pending_rows::PendingRows;
use quick_cache::unsync::Cache;
use signature_memory::SignatureMemory;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The maximum number of attempts whose first reporters are cached.
const FIRST_REPORTERS_MAX: usize = 20_000;

pub struct UnitOfWork {
    session: Box<dyn Session>,
    cache: PipelineCache,
    /// The rows to write: of this group, and of the reports of the journal that are not frozen.
    pending: PendingRows,
    recent_texts: Arc<Mutex<RecentTexts>>,
    /// The users who sent the first reports of recent attempts. They do not change, but an import may use the ids of
    /// deleted attempts again.
    first_reporters: Cache<(RepositoryId, JobId), UserId>,
    of_commits: CommitPipelines,
    /// `None` on an engine that has no journal.
    journaling: Option<Journaling>,
    /// The pipelines that this group changed, written or pending.
    changed: BTreeSet<Key>,
    /// The prefetched rows of this group, if the session prefetches.
    prefetched: Option<Prefetched>,
    /// The repositories of this group, if it runs from the cache.
    repositories: BTreeSet<RepositoryId>,
    /// Repositories that other nodes have written to, or that have webhooks, destinations or a gate. Until then their
    /// groups do not run from the cache, because the check of their commits would fail.
    uncertain: HashMap<RepositoryId, Instant>,
    /// This group changed users, keys, tokens, members or repositories.
    access: bool,
    /// The last event of each repository with events in this group, written or pending.
    last_events: BTreeMap<RepositoryId, i64>,
    /// The webhooks, destinations and gates of the repositories of this group.
    subscriptions: HashMap<RepositoryId, Subscriptions>,
    /// The names of reporters; `None`: the user was deleted.
    user_names: HashMap<UserId, Option<String>>,
    /// The work that this group makes due.
    due: Due,
    notifier: Arc<Notifier>,
    signature_memory: SignatureMemory,
    /// The number of signatures that this group used.
    signatures_used: usize,
    auditing: Auditing,
}

impl UnitOfWork {
    /// `cache_bytes`: the maximum of cached pipelines, in bytes.
    pub fn new(
        session: Box<dyn Session>,
        notifier: Arc<Notifier>,
        cache_bytes: u64,
        journaling: Option<Journaling>,
    ) -> Self {
        Self {
            session,
            cache: PipelineCache::new(cache_bytes),
            pending: PendingRows::default(),
            recent_texts: Arc::default(),
            first_reporters: Cache::new(FIRST_REPORTERS_MAX),
            of_commits: CommitPipelines::default(),
            journaling,
            changed: BTreeSet::new(),
            prefetched: None,
            repositories: BTreeSet::new(),
            uncertain: HashMap::new(),
            access: false,
            last_events: BTreeMap::new(),
            subscriptions: HashMap::new(),
            user_names: HashMap::new(),
            due: Due::default(),
            notifier,
            signature_memory: SignatureMemory::default(),
            signatures_used: 0,
            auditing: Auditing::default(),
        }
    }

    /// Runs statements in the group's transaction.
    pub fn sql(&self) -> &dyn Sql {
        self.session.sql()
    }

    /// Must be called by a write that changes users, keys, tokens, members or repositories.
    pub fn touch_access(&mut self) {
        self.access = true;
    }

    /// The last ids assigned in a repository; `None` if the repository does not exist.
    pub fn counters(&mut self, repository: RepositoryId) -> Result<Option<Counters>> {
        match &self.prefetched {
            Some(prefetched) if prefetched.counters.contains_key(&repository) => {}
            Some(_) => {
                self.prefetch(&Prefetch { repositories: [repository].into(), ..Prefetch::default() })?;
            }
            None if self.cache.counters(repository).is_some() => {}
            None => {
                if let Some((counters, active_at)) = counters::load(self.sql(), repository)? {
                    self.cache.set_counters(repository, counters, active_at);
                }
            }
        }
        Ok(self.cache.counters(repository))
    }

    /// Sets the last ids assigned in a repository.
    pub fn set_counters(&mut self, repository: RepositoryId, counters: Counters, now: Timestamp) {
        self.cache.set_counters(repository, counters, now.as_millisecond());
        self.pending.add_counters(repository);
    }

    /// Takes a pipeline out of the cache, or loads it. It must be returned with one of the `return_*`
    /// methods.
    pub fn take_state(
        &mut self,
        repository: RepositoryId,
        id: PipelineId,
    ) -> Result<Option<Box<PipelineState>>> {
        match self.cache.take(&(repository, id)) {
            Some(state) => Ok(Some(state)),
            None => {
                let loaded = pipelines::load_state(self.sql(), repository, id)?;
                Ok(loaded.map(Box::new).inspect(|state| self.cache.add_id(state)))
            }
        }
    }

    /// The pipeline with this identity.
    pub fn find_pipeline(
        &mut self,
        repository: RepositoryId,
        identity: &PipelineIdentity,
    ) -> Result<Option<PipelineId>> {
        if let Some(id) = self.cache.find(repository, identity) {
            return Ok(Some(id));
        }
        let absent = |prefetched: &Prefetched| prefetched.absent.contains(&(repository, identity.clone()));
        if self.prefetched.as_ref().is_some_and(absent) {
            return Ok(None);
        }
        pipelines::find(self.sql(), repository, identity)
    }

    /// The rows that are being written to the tables by another thread.
    fn frozen(&self) -> Option<&FrozenRows> {
        self.journaling.as_ref()?.frozen.as_deref()
    }

    /// Finds what the tables may lack.
    fn find_pending<T>(&self, find: impl Fn(&PendingRows) -> Option<T>) -> Option<T> {
        find(&self.pending).or_else(|| find(&self.frozen()?.pending))
    }

    fn recent_texts(&self) -> MutexGuard<'_, RecentTexts> {
        self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Must be called by a write that uses ids again that deleted pipelines or jobs of the repository had.
    pub fn forget_texts(&self, repository: RepositoryId) {
        self.recent_texts().forget(repository);
    }

    /// Removes a deleted pipeline from the cache.
    pub fn remove_pipeline(&mut self, repository: RepositoryId, id: PipelineId) {
        let key = (repository, id);
        self.cache.remove(&key);
        self.pending.remove_pipeline(&key);
        self.of_commits.clear();
        self.first_reporters.clear();
        if let Some(prefetched) = &mut self.prefetched {
            prefetched.of_commits.clear();
        }
        self.changed.insert(key);
    }

    /// A pipeline, if it is cached.
    pub fn cached_state(&self, repository: RepositoryId, id: PipelineId) -> Option<&PipelineState> {
        self.cache.get(&(repository, id))
    }

    /// The user who sent the first report of an attempt; `None` if the user was deleted, or if a query that was not
    /// prefetched would tell.
    pub fn first_reporter(&mut self, repository: RepositoryId, job: JobId) -> Result<Option<Reporter>> {
        let known = self.find_pending(|rows| rows.first_reporter(repository, job));
        let known = known.or_else(|| self.first_reporters.get(&(repository, job)).copied());
        let id = match (known, &self.prefetched) {
            (None, None) => reports::first_reporter(self.sql(), repository, job)?,
            (known, _) => known,
        };
        let Some(id) = id else { return Ok(None) };
        let name = match (&self.prefetched, self.user_names.get(&id)) {
            (Some(prefetched), _) => prefetched.user_names.get(&id).cloned(),
            (None, Some(name)) => name.clone(),
            (None, None) => {
                let name = users::name(self.sql(), id)?;
                self.user_names.insert(id, name.clone());
                name
            }
        };
        Ok(name.map(|name| Reporter { id, name }))
    }

    /// Returns a pipeline that did not change.
    pub fn return_unchanged(&mut self, state: Box<PipelineState>) {
        self.cache.put_back(state);
    }

    /// Returns a pipeline that changed: `before` are its former statuses, `job` is the attempt that changed.
    pub fn return_changed(
        &mut self,
        state: Box<PipelineState>,
        before: StatusBefore,
        job: JobId,
        changed: ChangedRows,
    ) {
        if before.pipeline.is_none() {
            self.of_commits.add_new(&state.pipeline);
            self.cache.add_id(&state);
        }
        self.pending.count_change(&state, before, job, &changed);
        self.return_state(state, changed);
    }

    /// Adds an imported pipeline.
    pub fn add_imported(&mut self, state: PipelineState) {
        let changed = ChangedRows {
            stages: (0..state.stages.len()).collect(),
            jobs: (0..state.jobs.len()).collect(),
            previous_status: None,
        };
        self.of_commits.add_new(&state.pipeline);
        self.cache.add_id(&state);
        self.pending.count_imported(&state);
        self.return_state(Box::new(state), changed);
    }

    fn return_state(&mut self, state: Box<PipelineState>, changed: ChangedRows) {
        let key = (state.pipeline.repository_id, state.pipeline.id);
        self.pending.add_pipeline(key, changed);
        self.changed.insert(key);
        self.cache.put_back(state);
    }

    /// Adds a report to the history.
    pub fn add_report(&mut self, report: &NewReport<'_>) {
        let mut recent_texts = self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner);
        self.pending.add_report(report, &mut recent_texts);
    }

    /// Adds the report at this position of a batch to the history.
    pub fn add_report_of(&mut self, batch: &Arc<ReportBatch>, at: usize, arrival: Arrival, receipt: Receipt) {
        self.pending.add_report_of(Arc::clone(batch), at, arrival, receipt);
    }

    /// Adds a batch of reports to the commit of the journal, if this group has one.
    pub fn add_to_journal(&mut self, batch: &ReportBatch, receipts: &Receipts) {
        if let Some(journaling) = self.journaling.as_mut().filter(|journaling| journaling.appends) {
            journaling.commit.add(batch, receipts);
            journaling.reports += receipts.len();
            journaling.repositories.insert(batch.repository_id);
        }
    }

    /// Adds an event, its deliveries to webhooks, and the forwarded states that it changes.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Internal`] if the event cannot be written as JSON, which no event
    /// causes.
    pub fn add_event(&mut self, event: Event) -> Result<()> {
        let repository = event.repository_id;
        self.last_events.insert(repository, event.number);
        if !self.subscriptions.contains_key(&repository) {
            self.subscriptions.insert(repository, Subscriptions::load(self.session.sql(), repository)?);
        }
        let event = Arc::new(event);
        if let Some(journaling) = self.journaling.as_mut().filter(|journaling| journaling.appends) {
            journaling.events.push(Arc::clone(&event));
        }
        if let Some(subscriptions) = self.subscriptions.get(&repository) {
            self.due |= self.pending.add_event(event, subscriptions)?;
        }
        Ok(())
    }

    /// Must be called by a write that makes a delivery due.
    pub fn notify_deliveries(&mut self) {
        self.due.deliveries = true;
    }

    /// Must be called by a write that makes a forwarded state due.
    pub fn notify_states(&mut self) {
        self.due.states = true;
    }

    /// Must be called by a write that marks a commit whose gate is to be evaluated.
    pub fn notify_gates(&mut self) {
        self.due.gates = true;
    }

    /// Must be called by a write that changes webhooks, destinations or rules of gates.
    pub fn forget_subscriptions(&mut self) {
        self.subscriptions.clear();
    }

    /// From now on, reports are added to these journal files, and applied by this thread. The tables have all commits
    /// in the files.
    pub fn start_writing(&mut self, files: JournalFiles, applier: Applier) {
        if let Some(journaling) = &mut self.journaling {
            journaling.start_writing(files, applier);
        }
    }

    /// Cleans up before the store closes.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also if reports are only in the journal: the next start applies them.
    pub fn close(mut self) -> Result<()> {
        let has_unapplied = self.has_unapplied();
        // Ends the thread that applies it.
        self.journaling = None;
        if has_unapplied {
            return Err(unavailable("the last reports are only in the journal"));
        }
        self.session.close()
    }
}
