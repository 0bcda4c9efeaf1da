//! The reports that are in the journal and not yet in the other tables, for readers. A read whose scope has such
//! reports first waits until they are applied; events are read from memory.

use crate::pipeline_cache::Key;
use domain::model::events::Event;
use domain::model::ids::{PipelineId, RepositoryId};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The rows that a read may read, as far as reports change them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadScope {
    /// Only what no report changes: users, credentials, members, webhooks, destinations,
    /// policies, settings, and events.
    Accounts,
    /// A pipeline with its stages and jobs.
    Pipeline(RepositoryId, PipelineId),
    /// Everything of a repository.
    Repository(RepositoryId),
    /// Deliveries to webhooks, and which forwarded states are due.
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
    /// The number of the generation that takes reports.
    generation: u64,
    open: Scopes,
    /// The generation before, while it is being applied.
    frozen: Scopes,
}

#[derive(Default)]
struct Scopes {
    pipelines: HashMap<RepositoryId, HashSet<PipelineId>>,
    deliveries: bool,
    /// The events of each repository in order, without gaps.
    events: HashMap<RepositoryId, Vec<Arc<Event>>>,
}

impl Scopes {
    fn contains(&self, scope: ReadScope) -> bool {
        match scope {
            ReadScope::Accounts => false,
            ReadScope::Pipeline(repository, id) => {
                self.pipelines.get(&repository).is_some_and(|pipelines| pipelines.contains(&id))
            }
            ReadScope::Repository(repository) => self.pipelines.contains_key(&repository),
            ReadScope::Deliveries => self.deliveries,
            ReadScope::All => !self.is_empty(),
        }
    }

    fn is_empty(&self) -> bool {
        self.pipelines.is_empty() && !self.deliveries
    }

    /// Adds those of a later generation.
    fn append(&mut self, later: Self) {
        for (repository, pipelines) in later.pipelines {
            self.pipelines.entry(repository).or_default().extend(pipelines);
        }
        self.deliveries |= later.deliveries;
        for (repository, events) in later.events {
            self.events.entry(repository).or_default().extend(events);
        }
    }
}

impl Unapplied {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        self.any.store(!state.open.is_empty() || !state.frozen.is_empty(), Ordering::SeqCst);
    }

    /// The last generation with reports of a scope that are not applied.
    pub fn generation_of(&self, scope: ReadScope) -> Option<u64> {
        if scope == ReadScope::Accounts || !self.any.load(Ordering::SeqCst) {
            return None;
        }
        let state = self.lock();
        if state.open.contains(scope) {
            return Some(state.generation);
        }
        state.frozen.contains(scope).then(|| state.generation.saturating_sub(1))
    }

    /// The generation that takes reports.
    pub fn open_generation(&self) -> u64 {
        self.lock().generation
    }

    /// Adds scopes. Must be called before the commit to the journal, so that every read after it finds them.
    pub fn add(&self, repositories: &BTreeSet<RepositoryId>, pipelines: &BTreeSet<Key>, deliveries: bool) {
        self.change(|State { open, .. }| {
            for repository in repositories {
                open.pipelines.entry(*repository).or_default();
            }
            for (repository, id) in pipelines {
                open.pipelines.entry(*repository).or_default().insert(*id);
            }
            open.deliveries |= deliveries;
        });
    }

    /// Adds events. Must be called after the commit to the journal, and before its reports are acknowledged.
    pub fn add_events(&self, events: &[Arc<Event>]) {
        let mut state = self.lock();
        for event in events {
            state.open.events.entry(event.repository_id).or_default().push(Arc::clone(event));
        }
    }

    /// Ends the generation that takes reports, and starts the next one. The generation before must be released.
    pub fn freeze(&self) {
        self.change(|state| {
            state.frozen = std::mem::take(&mut state.open);
            state.generation += 1;
        });
    }

    /// Removes the generation that was frozen. Must be called after the commit that applies it.
    pub fn release(&self) {
        self.change(|state| state.frozen = Scopes::default());
    }

    /// Adds the frozen generation to the one that takes reports: both are to be applied together.
    pub fn merge(&self) {
        self.change(|state| {
            let open = std::mem::take(&mut state.open);
            state.open = std::mem::take(&mut state.frozen);
            state.open.append(open);
        });
    }

    /// Removes everything. Must be called after the commit that applies the journal.
    pub fn clear(&self) {
        self.change(|state| (state.open, state.frozen) = (Scopes::default(), Scopes::default()));
    }

    /// The events of a repository that are only in the journal.
    pub fn events(&self, repository: RepositoryId) -> Vec<Arc<Event>> {
        if !self.any.load(Ordering::SeqCst) {
            return Vec::new();
        }
        let state = self.lock();
        let both =
            [&state.frozen, &state.open].into_iter().filter_map(|scopes| scopes.events.get(&repository));
        both.flatten().cloned().collect()
    }

    /// The number of the last event of a repository, if it is only in the journal.
    pub fn last_event(&self, repository: RepositoryId) -> Option<i64> {
        if !self.any.load(Ordering::SeqCst) {
            return None;
        }
        let state = self.lock();
        let both = [&state.open, &state.frozen].into_iter();
        both.filter_map(|scopes| scopes.events.get(&repository)?.last()).map(|event| event.number).next()
    }
}
