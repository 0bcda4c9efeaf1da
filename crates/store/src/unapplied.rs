//! What the journal has and the other tables do not have yet, as readers see it. A read whose scope has such
//! reports first has the writer apply them; events are read from memory.

use crate::pipeline_cache::Key;
use domain::model::events::Event;
use domain::model::ids::{PipelineId, RepositoryId};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The rows that a read may read, as far as reports change them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadScope {
    /// Only what no report changes: users, credentials, members, webhooks, policies, settings, and events.
    Accounts,
    /// A pipeline with its stages and jobs.
    Pipeline(RepositoryId, PipelineId),
    /// Everything of a repository.
    Repository(RepositoryId),
    /// Deliveries to webhooks.
    Deliveries,
    /// Everything.
    All,
}

/// The scopes with reports that are not applied, and the events of these reports.
#[derive(Default)]
pub struct Unapplied {
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pipelines: HashMap<RepositoryId, HashSet<PipelineId>>,
    deliveries: bool,
    /// The events of each repository in order, without gaps.
    events: HashMap<RepositoryId, Vec<Arc<Event>>>,
}

impl Unapplied {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a scope has reports that are not applied.
    pub fn is_in(&self, scope: ReadScope) -> bool {
        if scope == ReadScope::Accounts || !self.any.load(Ordering::SeqCst) {
            return false;
        }
        let state = self.lock();
        match scope {
            ReadScope::Accounts => false,
            ReadScope::Pipeline(repository, id) => {
                state.pipelines.get(&repository).is_some_and(|pipelines| pipelines.contains(&id))
            }
            ReadScope::Repository(repository) => state.pipelines.contains_key(&repository),
            ReadScope::Deliveries => state.deliveries,
            ReadScope::All => self.any.load(Ordering::SeqCst),
        }
    }

    /// Adds scopes. Must be called before the commit to the journal, so that every read after it finds them.
    pub fn add(&self, repositories: &BTreeSet<RepositoryId>, pipelines: &BTreeSet<Key>, deliveries: bool) {
        let mut state = self.lock();
        for repository in repositories {
            state.pipelines.entry(*repository).or_default();
        }
        for (repository, id) in pipelines {
            state.pipelines.entry(*repository).or_default().insert(*id);
        }
        state.deliveries |= deliveries;
        self.any.store(true, Ordering::SeqCst);
    }

    /// Adds events. Must be called after the commit to the journal, and before its reports are acknowledged.
    pub fn add_events(&self, events: &[Arc<Event>]) {
        let mut state = self.lock();
        for event in events {
            state.events.entry(event.repository_id).or_default().push(Arc::clone(event));
        }
    }

    /// Removes everything. Must be called after the commit that applies the journal.
    pub fn clear(&self) {
        let mut state = self.lock();
        *state = State::default();
        self.any.store(false, Ordering::SeqCst);
    }

    /// The events of a repository that are only in the journal.
    pub fn events(&self, repository: RepositoryId) -> Vec<Arc<Event>> {
        if !self.any.load(Ordering::SeqCst) {
            return Vec::new();
        }
        self.lock().events.get(&repository).cloned().unwrap_or_default()
    }

    /// The number of the last event of a repository, if it is only in the journal.
    pub fn last_event(&self, repository: RepositoryId) -> Option<i64> {
        if !self.any.load(Ordering::SeqCst) {
            return None;
        }
        Some(self.lock().events.get(&repository)?.last()?.number)
    }
}
