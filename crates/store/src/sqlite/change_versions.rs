//! Change versions of pipelines, repositories and access: counters in memory.

use crate::pipeline_cache::Key;
use domain::model::ids::{PipelineId, RepositoryId};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of change versions. Pipelines that share one only invalidate each other's cached responses.
const VERSIONS: usize = 1 << 16;
/// The number of change versions of repositories, in the same way.
const REPOSITORY_VERSIONS: usize = 1 << 12;

/// Change versions: odd while a change is being committed, another even number after it.
pub struct VersionCounters {
    pub pipelines: Vec<AtomicU64>,
    pub repositories: Vec<AtomicU64>,
    pub access: AtomicU64,
}

impl VersionCounters {
    pub fn new() -> Self {
        let counters = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            pipelines: counters(VERSIONS),
            repositories: counters(REPOSITORY_VERSIONS),
            access: AtomicU64::new(0),
        }
    }

    pub fn slot(repository: RepositoryId, pipeline: PipelineId) -> usize {
        let both =
            u64::from(repository.get().unsigned_abs()) << 32 | u64::from(pipeline.get().unsigned_abs());
        (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % VERSIONS
    }

    pub fn repository_slot(repository: RepositoryId) -> usize {
        repository.get().unsigned_abs() as usize % REPOSITORY_VERSIONS
    }

    /// Increments the versions of these pipelines and of their repositories. Must be called once before and
    /// once after a commit.
    pub fn increment(&self, changed: &BTreeSet<Key>, access: bool) {
        // Two pipelines of one slot must increment it once.
        let slots: BTreeSet<usize> = changed.iter().map(|(r, p)| Self::slot(*r, *p)).collect();
        for slot in slots {
            self.pipelines[slot].fetch_add(1, Ordering::SeqCst);
        }
        let repositories: BTreeSet<usize> =
            changed.iter().map(|(repository, _)| Self::repository_slot(*repository)).collect();
        for slot in repositories {
            self.repositories[slot].fetch_add(1, Ordering::SeqCst);
        }
        if access {
            self.access.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub fn read(version: &AtomicU64) -> Option<u64> {
        Some(version.load(Ordering::SeqCst)).filter(|version| version % 2 == 0)
    }
}
