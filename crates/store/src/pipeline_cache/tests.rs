//! Tests of the cache: what it keeps, evicts and finds.

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
    assert!(cached < 1_500, "{cached}");
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
            let mut state = taken.unwrap_or_else(|| state(active[at]).into());
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
    let mut nearly = 0;
    for id in 701..=2_500 {
        cache.insert(state(id));
        nearly += usize::from(cache.is_nearly_full() && !cache.is_full());
    }
    // A quarter is left when their rows are to be written.
    assert!(cache.is_full() && (195..205).contains(&nearly), "{nearly}");
    assert!((1..=700).any(|id| cache.get(&key(id)).is_some()));
}

#[test]
fn counters_of_many_repositories_fill_the_cache() {
    let mut cache = PipelineCache::new(1 << 20);
    let mut is_full = Vec::new();
    for id in 1..=2 * COUNTERS_MAX as i64 + 1 {
        cache.set_counters(RepositoryId::new(id).unwrap(), Counters::default(), 0);
        is_full.push((cache.is_nearly_full(), cache.is_full()));
    }
    let count = |of| is_full.iter().filter(|found| **found == of).count();
    assert_eq!([(false, false), (true, false), (true, true)].map(count), [COUNTERS_MAX, COUNTERS_MAX, 1]);
    cache.evict(|_| false, |_| false);
    assert!(!cache.is_nearly_full());
}

/// A pipeline in use keeps its identity, however many others were used since.
#[test]
fn a_pipeline_in_use_is_found_after_others_were_evicted() {
    let mut cache = PipelineCache::new(64 << 10);
    cache.insert(state(1));
    cache.evict(|_| false, |_| false);
    let used = cache.take(&key(1)).unwrap();
    cache.put_back(used);
    for id in 2..=5_000 {
        cache.insert(state(id));
        cache.evict(|used| *used == key(1), |_| false);
    }
    assert_eq!(cache.find(key(1).0, &state(1).pipeline.identity), Some(key(1).1));
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
