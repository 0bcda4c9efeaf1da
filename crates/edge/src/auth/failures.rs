//! The recently refused signatures by access key, which the owners of the keys can read. They are held in
//! memory only, because a signed request may contain temporary tokens.

use domain::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use wire::signing::{Authorization, ReceivedRequest};

/// Failures of one access key.
const PER_KEY: usize = 16;
/// Bytes of the failures of one access key.
const PER_KEY_BYTES: usize = 64 << 10;
/// The part of the bytes that failures of access keys which do not exist have. They have their own limit, so that
/// they do not evict the others.
const UNKNOWN_PART: u64 = 8;
/// Expected bytes of one access key: an estimate that the cache is sized by.
const EXPECTED_BYTES: u64 = 16 << 10;
/// Longest request that is stored, in bytes of its target and headers, including `Authorization`. A longer
/// one is not stored.
const REQUEST_MAX: usize = 16 << 10;
/// Approximate bytes of a failure or an access key beside their texts.
const OVERHEAD_BYTES: usize = 512;

/// A request whose signature was refused.
pub struct Failure {
    /// When it was refused.
    pub at: Timestamp,
    /// The `X-Request-Id` of the response.
    pub request_id: String,
    /// The address of the peer: of the reverse proxy, where there is one.
    pub from: Option<IpAddr>,
    /// The signature.
    pub authorization: Authorization,
    /// The request.
    pub request: ReceivedRequest,
}

impl Failure {
    /// Bytes in memory.
    fn size(&self) -> usize {
        OVERHEAD_BYTES + self.request_id.len() + self.authorization.size() + self.request.size()
    }
}

/// Newest first. A ring is replaced, never changed, because the cache counts its weight when it is inserted.
type Ring = Arc<VecDeque<Arc<Failure>>>;

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Ring> for Bytes {
    fn weight(&self, access: &String, ring: &Ring) -> u64 {
        let all = OVERHEAD_BYTES + access.len() + size(ring);
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}

fn size(ring: &VecDeque<Arc<Failure>>) -> usize {
    ring.iter().map(|failure| failure.size()).sum()
}

type Rings = Cache<String, Ring, Bytes>;

/// The recent failures of all access keys.
pub struct Failures {
    known: Rings,
    unknown: Rings,
    /// Serializes additions, so that none is lost.
    adding: Mutex<()>,
}

impl Failures {
    /// The failures take at most `bytes` bytes.
    pub fn new(bytes: u64) -> Self {
        let unknown = bytes / UNKNOWN_PART;
        let rings = |bytes: u64| {
            let keys = usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX);
            Cache::with_weighter(keys, bytes, Bytes)
        };
        Self { known: rings(bytes - unknown), unknown: rings(unknown), adding: Mutex::new(()) }
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.known.weight() + self.unknown.weight()
    }

    /// Stores a failure. `known`: its access key exists.
    pub fn add(&self, failure: Failure, known: bool) {
        if failure.size() > OVERHEAD_BYTES + REQUEST_MAX {
            return;
        }
        let rings = if known { &self.known } else { &self.unknown };
        let access = failure.authorization.access_key().to_owned();
        let _guard = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = rings.get(&access).map(|ring| (*ring).clone()).unwrap_or_default();
        ring.push_front(Arc::new(failure));
        while ring.len() > PER_KEY || size(&ring) > PER_KEY_BYTES {
            ring.pop_back();
        }
        rings.insert(access, Arc::new(ring));
    }

    /// The failures of an access key, newest first.
    pub fn list(&self, access: &str) -> Vec<Arc<Failure>> {
        let rings = [self.known.get(access), self.unknown.get(access)];
        let mut all: Vec<_> =
            rings.into_iter().flatten().flat_map(|ring| ring.iter().cloned().collect::<Vec<_>>()).collect();
        all.sort_by_key(|failure| std::cmp::Reverse(failure.at));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::signing::{Header, SignedRequest};

    /// A failure of the access key, with a target of `long` bytes.
    fn failure(access: &str, long: usize, at: i64) -> Failure {
        let signature = "0".repeat(64);
        let text =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders=x-sdk-date, Signature={signature}");
        let authorization = Authorization::parse(text.as_bytes()).unwrap();
        let (target, headers): (_, [Header<'_>; 0]) = (vec![b'a'; long], []);
        let request = SignedRequest { method: "GET", target: &target, headers: &headers, body: b"" };
        let received = ReceivedRequest::new(&authorization, &request);
        let at = Timestamp::from_second(at).unwrap();
        Failure { at, request_id: "r".into(), from: None, authorization, request: received }
    }

    #[test]
    fn the_newest_failures_of_a_key_are_stored_within_its_limits() {
        let failures = Failures::new(16 << 20);
        for at in 0..20 {
            failures.add(failure("AK", 10, at), true);
        }
        let stored: Vec<_> = failures.list("AK").iter().map(|failure| failure.at.as_second()).collect();
        assert_eq!(stored, (4..20).rev().collect::<Vec<_>>());
        for at in 20..40 {
            failures.add(failure("AK", 15 << 10, at), true);
        }
        let stored: Vec<_> = failures.list("AK").iter().map(|failure| failure.at.as_second()).collect();
        assert_eq!(stored, [39, 38, 37, 36], "64 KiB");
        failures.add(failure("AK", REQUEST_MAX, 50), true);
        assert_eq!(failures.list("AK")[0].at.as_second(), 39, "too long with what signed it");
    }

    #[test]
    fn many_keys_stay_within_the_limit_of_memory() {
        let failures = Failures::new(16 << 20);
        for n in 0..3_000 {
            for at in 0..2 {
                failures.add(failure(&format!("AK{n}"), 15 << 10, at), n % 2 == 0);
            }
        }
        assert!(failures.bytes() <= 16 << 20 && failures.unknown.weight() <= 2 << 20);
        assert_eq!(failures.list("AK2998").len(), 2);
        assert_eq!(failures.list("AK2999").len(), 2);
    }
}
