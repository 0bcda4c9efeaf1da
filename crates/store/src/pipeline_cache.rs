//! A cache of the pipelines that receive reports. The entries of a repository are valid as long as the stored
//! counters of the repository equal the cached ones. The size is bounded in bytes: the pipelines that were used least
//! recently are evicted.

mod recent_states;

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
/// The maximum of repositories whose counters are cached.
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
    in_use: HashMap<Key, PipelineState>,
    /// The identities of these that the other tables may lack.
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
            None => self.ids.retain(|(repository, _), id| (*repository, *id) != *key),
        }
    }

    /// Takes a pipeline out to change it. It must be put back. Its identity stays in the cache: it does not change.
    pub fn take(&mut self, key: &Key) -> Option<PipelineState> {
        if let Some(state) = self.in_use.remove(key) {
            self.jobs_in_use = self.jobs_in_use.saturating_sub(state.jobs.len());
            return Some(state);
        }
        self.states.remove(key)
    }

    /// Adds a pipeline.
    pub fn insert(&mut self, state: PipelineState) {
        let key = (state.pipeline.repository_id, state.pipeline.id);
        if self.find(key.0, &state.pipeline.identity) != Some(key.1) {
            let identity = PipelineIdentity::clone(&state.pipeline.identity);
            self.ids_in_use.entry(key.0).or_default().insert(identity, key.1);
        }
        self.jobs_in_use += state.jobs.len();
        if let Some(replaced) = self.in_use.insert(key, state) {
            self.jobs_in_use = self.jobs_in_use.saturating_sub(replaced.jobs.len());
        }
        self.states.evict(self.recent_bytes_max());
    }

    /// A pipeline, if it is cached.
    pub fn get(&self, key: &Key) -> Option<&PipelineState> {
        self.in_use.get(key).or_else(|| self.states.get(key))
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

    /// Whether the pipelines in use, or the counters, have outgrown their part, so that [`Self::evict`] is needed.
    pub fn is_full(&self) -> bool {
        self.bytes_in_use() > self.bytes_max - self.bytes_max / RECENT_PART
            || self.counters.len() > COUNTERS_MAX
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn state(id: i64) -> PipelineState {
        let sha = format!("{id:040x}");
        let identity =
            PipelineIdentity { sha, git_ref: "main".into(), source: "test".into(), key: String::new() };
        let id = PipelineId::new(id).unwrap();
        PipelineState::new(id, RepositoryId::new(1).unwrap(), identity, Timestamp::UNIX_EPOCH)
    }

    fn key(id: i64) -> Key {
        (RepositoryId::new(1).unwrap(), PipelineId::new(id).unwrap())
    }

    #[test]
    fn recently_used_pipelines_stay_within_the_bytes() {
        let mut cache = PipelineCache::new(1 << 20);
        for id in 1..=20_000 {
            cache.insert(state(id));
            // One pipeline is used all the time.
            if let Some(used) = cache.take(&key(7)) {
                cache.insert(used);
            }
            cache.evict(|_| false, |_| false);
            assert!(cache.bytes() <= 1 << 20, "{} bytes", cache.bytes());
        }
        assert!(cache.get(&key(7)).is_some() && cache.get(&key(20_000)).is_some());
        let cached = (1..=20_000).filter(|id| cache.get(&key(*id)).is_some()).count();
        assert!(cached < 1_000, "{cached}");
        assert_eq!(cache.find(key(7).0, &state(7).pipeline.identity), Some(key(7).1));
    }

    /// Pipelines that grow with their reports stay, however many pipelines have ended.
    #[test]
    fn growing_pipelines_stay() {
        let mut cache = PipelineCache::new(1 << 20);
        let (mut active, mut next, mut missing) = ((1..=20).collect::<Vec<i64>>(), 21, 0);
        for report in 0..20_000 {
            let at = report % active.len();
            // Each pipeline ends after 20 reports, at another time than the others.
            if (report / active.len() + at) % 20 == 0 {
                (active[at], next) = (next, next + 1);
                cache.insert(state(active[at]));
            } else {
                let taken = cache.take(&key(active[at]));
                missing += usize::from(taken.is_none());
                let mut state = taken.unwrap_or_else(|| state(active[at]));
                let text = state.pipeline.web_url.get_or_insert_default();
                text.push_str(&"x".repeat(500));
                cache.insert(state);
            }
            cache.evict(|_| false, |_| false);
        }
        // Those that the loop begins with were never inserted.
        assert!(missing <= 20, "{missing} were evicted");
    }

    /// A pipeline that is larger than the cache displaces no other.
    #[test]
    fn a_pipeline_that_does_not_fit_displaces_no_other() {
        let mut cache = PipelineCache::new(1 << 20);
        (1..=10).for_each(|id| cache.insert(state(id)));
        let mut large = state(11);
        large.pipeline.web_url = Some("x".repeat(1 << 20));
        cache.insert(large);
        cache.evict(|_| false, |_| false);
        assert!(cache.get(&key(11)).is_none());
        assert!((1..=10).all(|id| cache.get(&key(id)).is_some()));
    }

    /// Pipelines that were used recently have the bytes that those in use leave.
    #[test]
    fn recently_used_pipelines_make_room_for_those_in_use() {
        let mut cache = PipelineCache::new(1 << 20);
        (1..=700).for_each(|id| cache.insert(state(id)));
        cache.evict(|_| false, |_| false);
        assert!((1..=700).all(|id| cache.get(&key(id)).is_some()));
        for id in 701..=1_400 {
            cache.insert(state(id));
            assert!(cache.bytes() <= 1 << 20, "{} bytes", cache.bytes());
        }
        assert!(!cache.is_full());
        assert!((701..=1_400).all(|id| cache.get(&key(id)).is_some()));
        let left = (1..=700).filter(|id| cache.get(&key(*id)).is_some()).count();
        assert!(left > 0 && left < 700, "{left}");
    }

    /// However many pipelines are in use, some that were used recently stay.
    #[test]
    fn pipelines_in_use_leave_a_part_to_others() {
        let mut cache = PipelineCache::new(1 << 20);
        (1..=700).for_each(|id| cache.insert(state(id)));
        cache.evict(|_| false, |_| false);
        (701..=2_500).for_each(|id| cache.insert(state(id)));
        assert!(cache.is_full());
        assert!((1..=700).any(|id| cache.get(&key(id)).is_some()));
    }

    #[test]
    fn pipelines_in_use_are_not_evicted() {
        let mut cache = PipelineCache::new(64 << 10);
        (1..=1_000).for_each(|id| cache.insert(state(id)));
        assert!(cache.is_full());
        assert!((1..=1_000).all(|id| cache.get(&key(id)).is_some()));
        cache.evict(|_| false, |_| false);
        assert!(!cache.is_full() && cache.bytes() <= 64 << 10);
        assert!((1..=1_000).any(|id| cache.get(&key(id)).is_none()));
    }

    /// The identity of a pipeline that the tables lack is not evicted, however many others there are.
    #[test]
    fn pending_pipelines_are_found_until_they_are_written() {
        let mut cache = PipelineCache::new(64 << 10);
        (1..=5_000).for_each(|id| cache.insert(state(id)));
        let is_found = |cache: &PipelineCache, id| {
            let found = cache.find(key(id).0, &state(id).pipeline.identity) == Some(key(id).1);
            found && cache.get(&key(id)).is_some()
        };
        assert!((1..=5_000).all(|id| is_found(&cache, id)));
        cache.evict(|key| key.1.get() % 2 == 0, |_| true);
        assert!((1..=5_000).filter(|id| id % 2 == 0).all(|id| is_found(&cache, id)));
        assert!(!(1..=5_000).all(|id| is_found(&cache, id)));
        cache.evict(|_| false, |_| false);
        assert!(cache.bytes() <= 64 << 10);
    }

    #[test]
    fn a_removed_pipeline_is_found_by_nothing() {
        let mut cache = PipelineCache::new(1 << 20);
        for id in [1, 2] {
            cache.insert(state(id));
        }
        cache.evict(|_| false, |_| false);
        cache.remove(&key(1));
        // The state is not cached, the identity is.
        drop(cache.take(&key(2)));
        cache.remove(&key(2));
        for id in [1, 2] {
            assert!(cache.get(&key(id)).is_none());
            assert_eq!(cache.find(key(id).0, &state(id).pipeline.identity), None);
        }
    }
}
