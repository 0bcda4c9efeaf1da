//! A cache of whole responses about one pipeline or repository. A response is stored with the store's
//! versions of what it was made from and is valid only for these, so it is never stale after an acknowledged
//! report.

use super::reply::Reply;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::Page;
use domain::ports::CurrentVersions;
use http::HeaderMap;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// Expected bytes of a response, for the size of the tables of the cache.
const EXPECTED_BYTES: u64 = 2 << 10;
/// Parts of a cache, each with its own limit and lock. It is the same on any number of cores, because a response that
/// is larger than a part is not cached.
const SHARDS: usize = 8;
/// Bytes that an entry takes beside its response: its key, its place in the tables, and what the allocator adds.
pub(super) const ENTRY_BYTES: u64 = 256;

/// A response about a pipeline or a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BodyKey {
    /// The repository.
    pub repository: RepositoryId,
    /// The pipeline; `None`: all of the repository.
    pub pipeline: Option<PipelineId>,
    /// The operation that responds.
    pub operation: &'static str,
    /// The other inputs of the response.
    pub variant: Variant,
}

/// The inputs of a response besides its source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Variant {
    /// Nothing.
    Whole,
    /// The page.
    Page(Page),
    /// The address that the client called.
    Address(Box<str>),
}

#[derive(Clone)]
struct CachedReply {
    versions: CurrentVersions,
    reply: Reply,
    /// The bytes of the response when it was weighed: a compressed form may be made later.
    weighed: u64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<BodyKey, CachedReply> for ByBytes {
    fn weight(&self, key: &BodyKey, cached: &CachedReply) -> u64 {
        let address = if let Variant::Address(address) = &key.variant { address.len() } else { 0 };
        cached.weighed + address as u64 + ENTRY_BYTES
    }
}

/// The responses, limited by their bytes. Those that are used stay. While a part of the memory is free, bodies are
/// stored as they are sent; then new ones are packed, so that many more responses are in the cache. Large ones are
/// always packed.
pub struct BodyCache {
    replies: Cache<BodyKey, CachedReply, ByBytes>,
    /// The bytes up to which bodies are stored as they are sent.
    plain_max: u64,
    /// The bytes up to which a response is stored as it is sent: a part of the cache holds several.
    plain_reply_max: u64,
}

impl BodyCache {
    /// An empty cache that holds at most `bytes` bytes.
    pub fn new(bytes: u64) -> Self {
        let expected = usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX).max(1);
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity(expected)
            .shards(SHARDS)
            .build();
        let replies = match options {
            Ok(options) => Cache::with_options(
                options,
                ByBytes,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            Err(_) => Cache::with_weighter(expected, bytes, ByBytes),
        };
        let plain_reply_max = replies.shard_capacity() / 4;
        Self { replies, plain_max: bytes / 4 * 3, plain_reply_max }
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.replies.weight()
    }

    /// The response of these versions, with the form that a client of these request headers gets.
    pub fn get(&self, key: &BodyKey, versions: &CurrentVersions, request: &HeaderMap) -> Option<Reply> {
        let cached = self.replies.get(key).filter(|cached| cached.versions == *versions)?;
        cached.reply.compress_for(request);
        if cached.reply.stored_bytes() != cached.weighed {
            self.store(key.clone(), *versions, cached.reply.clone());
        }
        Some(cached.reply)
    }

    /// Stores the response of these versions, with the form that a client of these request headers gets.
    pub fn insert(&self, key: BodyKey, versions: CurrentVersions, reply: &Reply, request: &HeaderMap) {
        reply.compress_for(request);
        let bytes = reply.stored_bytes();
        let is_plain = bytes <= self.plain_reply_max && self.bytes() + bytes <= self.plain_max;
        self.store(key, versions, if is_plain { reply.clone() } else { reply.packed() });
    }

    fn store(&self, key: BodyKey, versions: CurrentVersions, reply: Reply) {
        let weighed = reply.stored_bytes();
        self.replies.insert(key, CachedReply { versions, reply, weighed });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::JSON;
    use http::header::ACCEPT_ENCODING;
    use http::{HeaderValue, StatusCode};

    const VERSIONS: CurrentVersions = CurrentVersions { access: None, pipeline: Some(2) };

    fn key(id: i64) -> BodyKey {
        let (repository, pipeline) = (RepositoryId::new(1).unwrap(), PipelineId::new(id).ok());
        BodyKey { repository, pipeline, operation: "List", variant: Variant::Whole }
    }

    /// About a list of 20 jobs.
    fn reply(id: i64) -> Reply {
        let job = |n: i64| {
            let digest = ((id * 20 + n) * 0x9e37_79b9) & 0xffff_ffff;
            format!(
                r#"{{"id":{},"sha":"{:0>40}","link":"https://ci.example.com/{digest:08x}"}}"#,
                id * 20 + n,
                id
            )
        };
        let jobs: Vec<String> = (0..20).map(|n| job(n).repeat(5)).collect();
        Reply::new(StatusCode::OK, JSON, jobs.join(",")).header("x-total", "20")
    }

    fn client(accepts: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accepts))])
    }

    #[test]
    fn responses_stay_within_the_bytes_and_are_those_that_were_stored() {
        let cache = BodyCache::new(1 << 20);
        for id in 1..=5_000 {
            cache.insert(key(id), VERSIONS, &reply(id), &HeaderMap::new());
            assert!(cache.bytes() <= 1 << 20);
        }
        let get = |id: i64, versions| cache.get(&key(id), versions, &HeaderMap::new());
        let found: Vec<i64> = (1..=5_000).filter(|id| get(*id, &VERSIONS).is_some()).collect();
        for id in &found {
            let found = get(*id, &VERSIONS).unwrap();
            assert_eq!((found.body(), found.len()), (reply(*id).body(), reply(*id).len()));
            assert_eq!(found.digest(), reply(*id).digest());
            assert_eq!(found.headers, reply(*id).headers);
        }
        let plain = (1 << 20) / reply(1).len();
        assert!(found.len() > plain * 2, "{} of {plain} plain ones", found.len());
        let other = CurrentVersions { pipeline: Some(4), ..VERSIONS };
        assert!(found.iter().all(|id| get(*id, &other).is_none()));
    }

    #[test]
    fn the_compressed_form_is_counted_when_it_is_made() {
        let cache = BodyCache::new(1 << 20);
        cache.insert(key(1), VERSIONS, &reply(1), &client("identity"));
        let before = cache.bytes();
        let found = cache.get(&key(1), &VERSIONS, &client("gzip")).unwrap();
        let sent = found.into_response(&client("gzip"));
        assert_eq!(sent.headers()["content-encoding"], "gzip");
        let after = cache.bytes();
        assert!(before < after && after < before + reply(1).len() as u64 / 2, "{before}, {after}");
        let other = BodyCache::new(1 << 20);
        other.insert(key(1), VERSIONS, &reply(1), &client("gzip"));
        assert_eq!(other.bytes(), after);
    }

    #[test]
    fn large_responses_are_cached_on_any_number_of_cores() {
        let cache = BodyCache::new(16 << 20);
        assert_eq!(cache.replies.shard_capacity(), 2 << 20, "it does not depend on the cores");
        // 700 KiB of text that LZ4 does not shorten, and 4 MiB that are larger than a shard until they are packed.
        let texts =
            (0..70 << 10).map(|n: u64| format!("{:010x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24));
        let bodies = [texts.collect::<String>(), "list of jobs, ".repeat((4 << 20) / 14)];
        for (id, body) in (1..).zip(bodies) {
            let reply = Reply::new(StatusCode::OK, JSON, body);
            cache.insert(key(id), VERSIONS, &reply, &client("gzip"));
            let found = cache.get(&key(id), &VERSIONS, &client("gzip")).expect("it is cached");
            assert!(found.body() == reply.body());
        }
    }
}
