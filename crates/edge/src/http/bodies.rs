//! A cache of whole responses about one pipeline. A response is stored with the store's version of the
//! pipeline and is valid only for that version, so it is never stale after an acknowledged report.

use super::reply::Reply;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::Page;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Expected bytes of a response, which the cache is sized by.
const EXPECTED_BYTES: u64 = 6 << 10;
/// Bytes that an entry takes beside its body.
const ENTRY_BYTES: u64 = 512;

/// Which response: one page of the jobs, or without a page the newest attempts.
pub type BodyKey = (RepositoryId, PipelineId, Option<Page>);

#[derive(Clone)]
struct CachedReply {
    version: u64,
    reply: Reply,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<BodyKey, CachedReply> for ByBytes {
    fn weight(&self, _: &BodyKey, cached: &CachedReply) -> u64 {
        // Twice, for the compressed form.
        cached.reply.len() as u64 * 2 + ENTRY_BYTES
    }
}

/// The responses, limited by their bytes.
pub struct BodyCache(Cache<BodyKey, CachedReply, ByBytes>);

impl BodyCache {
    /// An empty cache of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        let entries = usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(entries, bytes, ByBytes))
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.0.weight()
    }

    /// The response of this version of the pipeline.
    pub fn get(&self, key: &BodyKey, version: u64) -> Option<Reply> {
        self.0.get(key).filter(|cached| cached.version == version).map(|cached| cached.reply)
    }

    /// Stores the response of this version of the pipeline.
    pub fn insert(&self, key: BodyKey, version: u64, reply: Reply) {
        self.0.insert(key, CachedReply { version, reply });
    }
}
