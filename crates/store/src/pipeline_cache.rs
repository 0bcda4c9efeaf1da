//! A cache of the pipelines that receive reports. The entries of a repository are valid as long as the stored
//! counters of the repository equal the cached ones. The size is bounded in bytes: the pipelines that were used least
//! recently are evicted.

mod recent_states;
#[cfg(test)]
mod tests;

use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState};
use quick_cache::unsync::Cache;
use quick_cache::{Equivalent, Weighter};
use recent_states::RecentStates;
use std::collections::HashMap;

/// Expected bytes of a pipeline, which the tables are sized by.
const EXPECTED_BYTES: u64 = 8 << 10;
/// One of this many parts of the bytes is left for pipelines that were used recently, however many are in use.
const RECENT_PART: u64 = 8;
/// The bytes of an attempt: an estimate for pipelines in use, whose bytes are not computed.
const JOB_BYTES: usize = 1 << 10;
/// Bytes of an entry beside its key and value: links and the table.
const ENTRY_BYTES: u64 = 64;
/// The maximum of repositories whose counters are cached. While rows are pending, at most twice as many.
const COUNTERS_MAX: usize = 10_000;

pub type Key = (RepositoryId, PipelineId);
type Identity = (RepositoryId, PipelineIdentity);

#[derive(Clone)]
struct ByBytes;

impl Weighter<Identity, PipelineId> for ByBytes {
    fn weight(&self, identity: &Identity, _: &PipelineId) -> u64 {
        ENTRY_BYTES + (size_of::<(Identity, PipelineId)>() + identity.1.heap_bytes()) as u64
    }
}

/// Finds an identity without a copy of it.
#[derive(Hash)]
struct IdentityRef<'a>(RepositoryId, &'a PipelineIdentity);

impl Equivalent<Identity> for IdentityRef<'_> {
    fn equivalent(&self, identity: &Identity) -> bool {
        (self.0, self.1) == (identity.0, &identity.1)
    }
}

pub struct PipelineCache {
    /// Pipelines whose rows may be pending: they are not evicted.
    in_use: HashMap<Key, Box<PipelineState>>,
    /// The identities of these: the other tables may lack them.
    ids_in_use: HashMap<RepositoryId, HashMap<PipelineIdentity, PipelineId>>,
    /// The attempts of these.
    jobs_in_use: usize,
    states: RecentStates,
    /// The bytes for pipelines: those in use, and beside them those that were used recently.
    bytes_max: u64,
    ids: Cache<Identity, PipelineId, ByBytes>,
    /// With the time of the last report, in milliseconds since 1970.
    counters: HashMap<RepositoryId, (Counters, i64)>,
}

impl PipelineCache {
    /// An empty cache that holds at most `bytes` bytes. An eighth of them is for identities, which remain longer
    /// than the pipelines.
    pub fn new(bytes: u64) -> Self {
        let of_ids = bytes / 8;
        let expected = |bytes: u64| usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX).max(1);
        Self {
            in_use: HashMap::new(),
            ids_in_use: HashMap::new(),
            jobs_in_use: 0,
            states: RecentStates::default(),
            bytes_max: bytes - of_ids,
            ids: Cache::with_weighter(expected(of_ids), of_ids, ByBytes),
            counters: HashMap::new(),
        }
    }

    /// Approximate bytes in memory.
    pub fn bytes(&self) -> u64 {
        let counters = self.counters.capacity() * size_of::<(RepositoryId, (Counters, i64))>();
        self.states.bytes() + self.ids.weight() + counters as u64 + self.bytes_in_use()
    }

    fn bytes_in_use(&self) -> u64 {
        ((self.in_use.len() + self.jobs_in_use) * JOB_BYTES) as u64
    }

    /// The bytes for pipelines that were used recently: what those in use leave, and never less than their part. A very
    /// large pipeline does not displace the others.
    fn recent_bytes_max(&self) -> u64 {
        self.bytes_max.saturating_sub(self.bytes_in_use()).max(self.bytes_max / RECENT_PART)
    }

    /// Removes a pipeline and its identity.
    pub fn remove(&mut self, key: &Key) {
        match self.take(key) {
            Some(state) => {
                let identity = &state.pipeline.identity;
                drop(self.ids.remove(&IdentityRef(key.0, identity)));
                self.remove_id_in_use(key.0, identity);
            }
            None => {
                self.ids.retain(|(repository, _), id| (*repository, *id) != *key);
                if let Some(ids) = self.ids_in_use.get_mut(&key.0) {
                    ids.retain(|_, id| *id != key.1);
                }
            }
        }
    }

    /// Takes a pipeline out to change it. It must be put back. Its identity stays in the cache: it does not change.
    pub fn take(&mut self, key: &Key) -> Option<Box<PipelineState>> {
        if let Some(state) = self.in_use.remove(key) {
            self.jobs_in_use = self.jobs_in_use.saturating_sub(state.jobs.len());
            return Some(state);
        }
        let state = self.states.remove(key)?;
        self.add_id(&state);
        Some(state)
    }

    /// Adds a pipeline.
    pub fn insert(&mut self, state: impl Into<Box<PipelineState>>) {
        let state = state.into();
        self.add_id(&state);
        self.put_back(state);
    }

    /// Adds the identity of a pipeline that will be put back. It stays as long as the pipeline is in use.
    pub fn add_id(&mut self, state: &PipelineState) {
        let (id, identity) = (state.pipeline.id, &state.pipeline.identity);
        let of_repository = self.ids_in_use.entry(state.pipeline.repository_id).or_default();
        if of_repository.get(&**identity) != Some(&id) {
            of_repository.insert(PipelineIdentity::clone(identity), id);
        }
    }

    /// Puts a pipeline back that was taken, or whose identity was added.
    pub fn put_back(&mut self, state: Box<PipelineState>) {
        let key = (state.pipeline.repository_id, state.pipeline.id);
        self.jobs_in_use += state.jobs.len();
        if let Some(replaced) = self.in_use.insert(key, state) {
            self.jobs_in_use = self.jobs_in_use.saturating_sub(replaced.jobs.len());
        }
        self.states.evict(self.recent_bytes_max());
    }

    /// A pipeline, if it is cached.
    pub fn get(&self, key: &Key) -> Option<&PipelineState> {
        self.in_use.get(key).map(|state| &**state).or_else(|| self.states.get(key))
    }

    /// The id of the pipeline with this identity, if it is cached.
    pub fn find(&self, repository: RepositoryId, identity: &PipelineIdentity) -> Option<PipelineId> {
        let in_use = self.ids_in_use.get(&repository).and_then(|ids| ids.get(identity));
        in_use.or_else(|| self.ids.get(&IdentityRef(repository, identity))).copied()
    }

    fn remove_id_in_use(
        &mut self,
        repository: RepositoryId,
        identity: &PipelineIdentity,
    ) -> Option<Identity> {
        let ids = self.ids_in_use.get_mut(&repository)?;
        let (identity, _) = ids.remove_entry(identity)?;
        if ids.is_empty() {
            self.ids_in_use.remove(&repository);
        }
        Some((repository, identity))
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
        self.in_use.retain(|(owner, _), _| *owner != repository);
        self.ids_in_use.remove(&repository);
        self.jobs_in_use = self.in_use.values().map(|state| state.jobs.len()).sum();
        self.states.remove_repository(repository);
        self.ids.retain(|(owner, _), _| *owner != repository);
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.in_use.clear();
        self.ids_in_use.clear();
        self.jobs_in_use = 0;
        self.states.clear();
        self.ids.clear();
        self.counters.clear();
    }

    /// Whether the pipelines in use take most of their part, or the counters all of theirs, so that pending rows are to
    /// be written. The rest is left for the reports that arrive meanwhile.
    pub fn is_nearly_full(&self) -> bool {
        self.bytes_in_use() > self.in_use_bytes_max() / 4 * 3 || self.counters.len() > COUNTERS_MAX
    }

    /// Whether the pipelines in use, or the counters, have outgrown their part, so that [`Self::evict`] is needed.
    pub fn is_full(&self) -> bool {
        self.bytes_in_use() > self.in_use_bytes_max() || self.counters.len() > 2 * COUNTERS_MAX
    }

    fn in_use_bytes_max(&self) -> u64 {
        self.bytes_max - self.bytes_max / RECENT_PART
    }

    /// Ends the use of the pipelines and counters, except of those with pending rows, and evicts those that were not
    /// used recently.
    pub fn evict(&mut self, is_pending: impl Fn(&Key) -> bool, has_counters: impl Fn(RepositoryId) -> bool) {
        // Those that stay are not moved.
        let ended: Vec<_> = self.in_use.extract_if(|key, _| !is_pending(key)).collect();
        for (key, state) in ended {
            self.jobs_in_use = self.jobs_in_use.saturating_sub(state.jobs.len());
            if let Some(identity) = self.remove_id_in_use(key.0, &state.pipeline.identity) {
                self.ids.insert(identity, key.1);
            }
            self.states.insert(key, state, self.recent_bytes_max());
        }
        if self.counters.len() > COUNTERS_MAX {
            self.counters.retain(|repository, _| has_counters(*repository));
        }
    }
}
