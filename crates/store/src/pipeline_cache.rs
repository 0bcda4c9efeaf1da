//! The pipelines that are being reported to, in memory. What is remembered of a repository is what the store holds for as long as its
//! counters are those that are remembered. Bounded: what was not used lately is forgotten.

use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState};
use std::collections::HashMap;

/// Attempts in memory, at most about twice this.
const JOBS_MAX: usize = 100_000;
/// Pipelines in memory, at most about twice this.
const RUNS_MAX: usize = 10_000;

pub type Key = (RepositoryId, PipelineId);

/// Two generations: what is used moves to the young one; when that is full, it becomes the old one and the old one is forgotten.
#[derive(Default)]
pub struct PipelineCache {
    young: Generation,
    old: Generation,
    /// With the time of the last report.
    counters: HashMap<RepositoryId, (Counters, i64)>,
}

#[derive(Default)]
struct Generation {
    runs: HashMap<Key, PipelineState>,
    ids: HashMap<(RepositoryId, PipelineIdentity), PipelineId>,
    jobs: usize,
}

impl Generation {
    fn take(&mut self, key: &Key) -> Option<PipelineState> {
        let run = self.runs.remove(key)?;
        self.jobs = self.jobs.saturating_sub(run.jobs.len());
        // The identity stays: it is as true as before.
        Some(run)
    }

    fn put(&mut self, run: PipelineState) {
        self.jobs += run.jobs.len();
        let key = (run.pipeline.repository_id, run.pipeline.id);
        self.ids.insert((key.0, run.pipeline.identity.clone()), key.1);
        self.runs.insert(key, run);
    }

    fn forget_repository(&mut self, repository: RepositoryId) {
        self.ids.retain(|(of, _), _| *of != repository);
        self.runs.retain(|(of, _), _| *of != repository);
        self.jobs = self.runs.values().map(|run| run.jobs.len()).sum();
    }
}

impl PipelineCache {
    /// Forgets a pipeline, also by its identity.
    pub fn forget(&mut self, key: &Key) {
        for generation in [&mut self.young, &mut self.old] {
            generation.take(key);
            generation.ids.retain(|(repository, _), id| (*repository, *id) != *key);
        }
    }

    /// Takes a run out to change it. It must be put back.
    pub fn take(&mut self, key: &Key) -> Option<PipelineState> {
        self.young.take(key).or_else(|| self.old.take(key))
    }

    /// Puts a run in.
    pub fn put(&mut self, run: PipelineState) {
        self.young.put(run);
    }

    /// Looks at a run.
    pub fn get(&self, key: &Key) -> Option<&PipelineState> {
        self.young.runs.get(key).or_else(|| self.old.runs.get(key))
    }

    /// The pipeline of this identity, if remembered.
    pub fn find(&self, repository: RepositoryId, identity: &PipelineIdentity) -> Option<PipelineId> {
        let key = (repository, identity.clone());
        self.young.ids.get(&key).or_else(|| self.old.ids.get(&key)).copied()
    }

    /// The last ids given out in a repository, if remembered.
    pub fn counters(&self, repository: RepositoryId) -> Option<Counters> {
        self.counters.get(&repository).map(|(counters, _)| *counters)
    }

    /// The same, with the time of the last report.
    pub fn counted(&self, repository: RepositoryId) -> Option<(Counters, i64)> {
        self.counters.get(&repository).copied()
    }

    /// Remembers the last ids given out, and when a report came, in milliseconds since 1970.
    pub fn set_counters(&mut self, repository: RepositoryId, counters: Counters, active_at: i64) {
        let known = self.counters.entry(repository).or_insert((counters, active_at));
        *known = (counters, known.1.max(active_at));
    }

    /// Forgets a repository.
    pub fn forget_repository(&mut self, repository: RepositoryId) {
        self.counters.remove(&repository);
        for generation in [&mut self.young, &mut self.old] {
            generation.forget_repository(repository);
        }
    }

    /// Forgets everything: what is in memory is not what the file holds.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets what was not used lately. Only when nothing waits to be written.
    pub fn age(&mut self) {
        if self.young.jobs > JOBS_MAX || self.young.ids.len() > RUNS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        if self.counters.len() > RUNS_MAX {
            self.counters.clear();
        }
    }
}
