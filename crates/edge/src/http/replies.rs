//! A cache of whole responses that do not change while the process runs.

use super::bodies::ENTRY_BYTES;
use super::reply::Reply;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use std::hash::Hash;

/// Expected bytes of a response, which the cache is sized by.
const EXPECTED_BYTES: u64 = 64 << 10;

#[derive(Clone)]
struct ByBytes;

impl<K> Weighter<K, Reply> for ByBytes {
    fn weight(&self, _: &K, reply: &Reply) -> u64 {
        reply.stored_bytes() + ENTRY_BYTES
    }
}

/// The responses, limited by their bytes.
pub struct ReplyCache<K>(Cache<K, Reply, ByBytes>);

impl<K: Eq + Hash> ReplyCache<K> {
    /// An empty cache that holds at most `bytes` bytes.
    pub fn new(bytes: u64) -> Self {
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity(usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX))
            // Each part of a cache has its own limit, and one response may be a large part of the whole.
            .shards(1)
            .build();
        Self(match options {
            Ok(options) => Cache::with_options(
                options,
                ByBytes,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            Err(_) => Cache::with_weighter(0, bytes, ByBytes),
        })
    }

    /// The response with this key.
    pub fn get(&self, key: &K) -> Option<Reply> {
        self.0.get(key)
    }

    /// Stores a response, with its compressed form: it does not change, so most clients get that.
    pub fn insert(&self, key: K, reply: Reply) {
        reply.compress();
        self.0.insert(key, reply);
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::JSON;
    use http::StatusCode;

    #[test]
    fn responses_stay_within_the_bytes() {
        let cache = ReplyCache::new(1 << 20);
        for n in 0..100 {
            cache.insert(n, Reply::new(StatusCode::OK, JSON, vec![b'x'; 100 << 10]));
            assert!(cache.bytes() <= 1 << 20);
        }
        assert_eq!(cache.get(&99).map(|reply| reply.len()), Some(100 << 10));
        assert!((0..100).filter(|n| cache.get(n).is_some()).count() < 11);
    }
}
