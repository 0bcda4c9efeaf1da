//! A cache of the pipelines that receive reports. The entries of a repository are valid as long as the stored
//! counters of the repository equal the cached ones. The size is bounded: entries that were not used recently
//! are evicted.

use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState};
use std::collections::HashMap;

/// The cache holds at most about twice as many attempts.
const JOBS_MAX: usize = 100_000;
/// The cache holds at most about twice as many pipelines.
const PIPELINES_MAX: usize = 10_000;

pub type Key = (RepositoryId, PipelineId);

/// Two generations: a used entry moves to the young one; when that is full, it becomes the old one and the
/// old one is dropped.
#[derive(Default)]
pub struct PipelineCache {
    young: Generation,
    old: Generation,
    /// With the time of the last report, in milliseconds since 1970.
    counters: HashMap<RepositoryId, (Counters, i64)>,
}

#[derive(Default)]
struct Generation {
    states: HashMap<Key, PipelineState>,
    ids: HashMap<RepositoryId, HashMap<PipelineIdentity, PipelineId>>,
    jobs: usize,
    /// The number of pipelines that were added since the generation began.
    added: usize,
}

impl Generation {
    fn take(&mut self, key: &Key) -> Option<PipelineState> {
        let state = self.states.remove(key)?;
        self.jobs = self.jobs.saturating_sub(state.jobs.len());
        // The identity stays in the cache: it does not change.
        Some(state)
    }

    fn insert(&mut self, state: PipelineState) {
        self.jobs += state.jobs.len();
        let key = (state.pipeline.repository_id, state.pipeline.id);
        let ids = self.ids.entry(key.0).or_default();
        if ids.get(&state.pipeline.identity) != Some(&key.1) {
            ids.insert(state.pipeline.identity.clone(), key.1);
            self.added += 1;
        }
        self.states.insert(key, state);
    }

    fn remove_repository(&mut self, repository: RepositoryId) {
        self.ids.remove(&repository);
        self.states.retain(|(owner, _), _| *owner != repository);
        self.jobs = self.states.values().map(|state| state.jobs.len()).sum();
    }
}

impl PipelineCache {
    /// Removes a pipeline and its identity.
    pub fn remove(&mut self, key: &Key) {
        for generation in [&mut self.young, &mut self.old] {
            generation.take(key);
            if let Some(ids) = generation.ids.get_mut(&key.0) {
                ids.retain(|_, id| *id != key.1);
            }
        }
    }

    /// Takes a pipeline out to change it. It must be put back.
    pub fn take(&mut self, key: &Key) -> Option<PipelineState> {
        self.young.take(key).or_else(|| self.old.take(key))
    }

    /// Adds a pipeline.
    pub fn insert(&mut self, state: PipelineState) {
        self.young.insert(state);
    }

    /// A pipeline, if it is cached.
    pub fn get(&self, key: &Key) -> Option<&PipelineState> {
        self.young.states.get(key).or_else(|| self.old.states.get(key))
    }

    /// The id of the pipeline with this identity, if it is cached.
    pub fn find(&self, repository: RepositoryId, identity: &PipelineIdentity) -> Option<PipelineId> {
        let find = |generation: &Generation| generation.ids.get(&repository)?.get(identity).copied();
        find(&self.young).or_else(|| find(&self.old))
    }

    /// The last ids assigned in a repository, if they are cached.
    pub fn counters(&self, repository: RepositoryId) -> Option<Counters> {
        self.counters.get(&repository).map(|(counters, _)| *counters)
    }

    /// As [`Self::counters`], with the time of the last report in milliseconds since 1970.
    pub fn counters_with_activity(&self, repository: RepositoryId) -> Option<(Counters, i64)> {
        self.counters.get(&repository).copied()
    }

    /// Sets the last ids assigned in a repository. `active_at` is the time of a report in milliseconds since
    /// 1970; the latest counts.
    pub fn set_counters(&mut self, repository: RepositoryId, counters: Counters, active_at: i64) {
        let known = self.counters.entry(repository).or_insert((counters, active_at));
        *known = (counters, known.1.max(active_at));
    }

    /// Removes everything of a repository.
    pub fn remove_repository(&mut self, repository: RepositoryId) {
        self.counters.remove(&repository);
        for generation in [&mut self.young, &mut self.old] {
            generation.remove_repository(repository);
        }
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether [`Self::evict`] would evict entries.
    pub fn is_full(&self) -> bool {
        self.is_young_full() || self.counters.len() > PIPELINES_MAX
    }

    fn is_young_full(&self) -> bool {
        self.young.jobs > JOBS_MAX || self.young.added > PIPELINES_MAX
    }

    /// Evicts entries that were not used recently. Must not be called while rows are pending.
    pub fn evict(&mut self) {
        if self.is_young_full() {
            self.old = std::mem::take(&mut self.young);
        }
        if self.counters.len() > PIPELINES_MAX {
            self.counters.clear();
        }
    }
}
