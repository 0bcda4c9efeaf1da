//! A cache of whole responses about one pipeline or repository. A response is stored with the store's
//! versions of what it was made from and is valid only for these, so it is never stale after an acknowledged
//! report.

use super::reply::Reply;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::Page;
use domain::ports::CurrentVersions;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Expected bytes of a response, for the size of the tables of the cache.
const EXPECTED_BYTES: u64 = 16 << 10;
/// Bytes that an entry takes beside its body.
const ENTRY_BYTES: u64 = 512;

/// A response about a pipeline or a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BodyKey {
    /// The repository.
    pub repository: RepositoryId,
    /// The pipeline; `None`: all of the repository.
    pub pipeline: Option<PipelineId>,
    /// The operation that responds.
    pub operation: &'static str,
    /// What else the response depends on.
    pub variant: Variant,
}

/// What a response depends on besides its source.
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
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<BodyKey, CachedReply> for ByBytes {
    fn weight(&self, key: &BodyKey, cached: &CachedReply) -> u64 {
        let address = if let Variant::Address(address) = &key.variant { address.len() } else { 0 };
        // Twice, for the compressed form.
        (cached.reply.len() * 2 + address) as u64 + ENTRY_BYTES
    }
}

/// The responses, limited by their bytes. Those that are used stay.
pub struct BodyCache(Cache<BodyKey, CachedReply, ByBytes>);

impl BodyCache {
    /// An empty cache that holds at most `bytes` bytes.
    pub fn new(bytes: u64) -> Self {
        let expected = usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX).max(1);
        Self(Cache::with_weighter(expected, bytes, ByBytes))
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.0.weight()
    }

    /// The response of these versions.
    pub fn get(&self, key: &BodyKey, versions: &CurrentVersions) -> Option<Reply> {
        self.0.get(key).filter(|cached| cached.versions == *versions).map(|cached| cached.reply)
    }

    /// Stores the response of these versions.
    pub fn insert(&self, key: BodyKey, versions: CurrentVersions, reply: Reply) {
        self.0.insert(key, CachedReply { versions, reply });
    }
}
