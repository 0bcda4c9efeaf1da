//! The credentials and the access that were looked up, each with the version of access at which it is valid. They are
//! limited by bytes; those that were not used recently are evicted.

use domain::Timestamp;
use domain::actions::access::{RepositoryAccess, SignedIn};
use domain::model::ids::RepositoryId;
use domain::model::keys::Key;
use domain::model::repositories::{Repository, RepositoryKey};
use domain::model::users::User;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes of an entry beside its key and value: links, the table, and the memory of evicted entries.
const ENTRY_BYTES: usize = 96;
/// The bytes that the allocator adds to each text: an estimate.
const TEXT_BYTES: usize = 16;

/// A looked-up value with the version of access at which it is valid.
#[derive(Clone)]
pub struct Cached<T> {
    /// The version.
    pub version: u64,
    /// The value.
    pub value: T,
}

/// Whom a token signs in, and until when.
type ByToken = Cached<(SignedIn, Option<Timestamp>)>;
/// The key of a user's access to a repository.
type AccessKey = (i32, RepositoryKey);

/// The access of a user, and its end, if rights of groups end.
type UserAccess = (RepositoryAccess, Option<Timestamp>);

/// The looked-up values.
pub struct Lookups {
    /// By the digest of the token.
    pub tokens: Cache<[u8; 32], ByToken, ByBytes>,
    /// By the access key.
    pub keys: Cache<String, Cached<(Key, User)>, ByBytes>,
    /// Access keys that authenticate no user, with the reason: a repeated request for one must take no longer
    /// than for a valid key. A separate cache, so that made-up names evict no valid key.
    pub refused_keys: Cache<String, Cached<&'static str>, ByBytes>,
    /// The access of a user, before the credential narrows it, and until when it stays so.
    pub repository_access: Cache<AccessKey, Cached<UserAccess>, ByBytes>,
}

impl Lookups {
    /// Empty caches that hold at most `bytes` bytes together.
    pub fn new(bytes: u64) -> Self {
        let part = bytes / 8;
        Self {
            tokens: Cache::with_weighter(entries(2 * part, 512), 2 * part, ByBytes),
            keys: Cache::with_weighter(entries(2 * part, 512), 2 * part, ByBytes),
            refused_keys: Cache::with_weighter(entries(part, 256), part, ByBytes),
            repository_access: Cache::with_weighter(entries(3 * part, 1_024), 3 * part, ByBytes),
        }
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.tokens.weight()
            + self.keys.weight()
            + self.refused_keys.weight()
            + self.repository_access.weight()
    }
}

/// The number of entries of `each` bytes that fit into `bytes`. It sizes the tables of a cache.
fn entries(bytes: u64, each: u64) -> usize {
    usize::try_from(bytes / each).unwrap_or(usize::MAX)
}

/// Weighs an entry by its bytes.
#[derive(Clone)]
pub struct ByBytes;

/// The bytes of an entry. `heap`: the bytes of its key and value on the heap.
fn entry<K, V>(heap: usize) -> u64 {
    (ENTRY_BYTES + size_of::<(K, V)>() + heap) as u64
}

impl Weighter<[u8; 32], ByToken> for ByBytes {
    fn weight(&self, _: &[u8; 32], token: &ByToken) -> u64 {
        let caller = token.value.0.caller();
        let repositories = caller.repositories.as_ref().map_or(0, |ids| size_of_val::<[RepositoryId]>(ids));
        entry::<[u8; 32], ByToken>(size_of::<User>() + text(&caller.user.name) + repositories)
    }
}

impl Weighter<String, Cached<(Key, User)>> for ByBytes {
    fn weight(&self, access: &String, found: &Cached<(Key, User)>) -> u64 {
        let (key, user) = &found.value;
        let texts = [access, &key.access, &key.secret, &user.name].into_iter().chain(&key.description);
        let repositories = key.temporary.as_ref().and_then(|limits| limits.repositories.as_ref());
        let repositories = repositories.map_or(0, |ids| size_of_val::<[RepositoryId]>(ids));
        entry::<String, Cached<(Key, User)>>(texts.map(|it| text(it)).sum::<usize>() + repositories)
    }
}

impl Weighter<String, Cached<&'static str>> for ByBytes {
    fn weight(&self, access: &String, _: &Cached<&'static str>) -> u64 {
        entry::<String, Cached<&'static str>>(text(access))
    }
}

impl Weighter<AccessKey, Cached<UserAccess>> for ByBytes {
    fn weight(&self, (_, key): &AccessKey, access: &Cached<UserAccess>) -> u64 {
        let path = match key {
            RepositoryKey::Path(path) | RepositoryKey::PathIgnoringCase(path) => text(path),
            RepositoryKey::Id(_) | RepositoryKey::Uuid(_) => 0,
        };
        let repository = access.value.0.as_ref().map_or(0, |(repository, _)| repository_bytes(repository));
        entry::<AccessKey, Cached<UserAccess>>(path + repository)
    }
}

fn repository_bytes(repository: &Repository) -> usize {
    let texts =
        [&repository.path, &repository.default_branch, &repository.creator_name, &repository.project.name];
    let optional = [&repository.description, &repository.web_url, &repository.http_url, &repository.ssh_url];
    let texts = texts.into_iter().chain(optional.into_iter().flatten());
    size_of::<Repository>() + texts.map(|it| text(it)).sum::<usize>()
}

fn text(text: &str) -> usize {
    text.len() + TEXT_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_stay_within_their_bytes_and_evict_no_access() {
        let lookups = Lookups::new(1 << 20);
        let access = |id: i64| (1, RepositoryKey::Id(RepositoryId::new(id).unwrap()));
        lookups.repository_access.insert(access(7), Cached { version: 2, value: (None, None) });
        for n in 0..50_000 {
            lookups.refused_keys.insert(format!("AK{n}"), Cached { version: 2, value: "unknown" });
            lookups.refused_keys.insert("x".repeat(1_000) + &n.to_string(), Cached { version: 2, value: "" });
        }
        assert!(lookups.bytes() <= 1 << 20, "{}", lookups.bytes());
        assert!(lookups.repository_access.get(&access(7)).is_some());
        (1..50_000).for_each(|id| {
            lookups.repository_access.insert(access(id), Cached { version: 2, value: (None, None) });
        });
        assert!(lookups.bytes() <= 1 << 20, "{}", lookups.bytes());
    }
}
