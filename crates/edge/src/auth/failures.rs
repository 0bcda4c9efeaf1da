//! The signatures that were refused of late, by access key, for their owners to ask about. In memory only: it holds what was signed,
//! temporary tokens among it.

use domain::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use wire::signing::{Authorization, ReceivedRequest};

/// Failures kept of one access key, and bytes of them.
const KEPT: usize = 16;
const KEPT_BYTES: usize = 64 << 10;
/// Bytes kept in all: of access keys that exist, and of those that do not, which must not drive the others out.
const KNOWN: u64 = 16 << 20;
const UNKNOWN: u64 = 1 << 20;
/// What one access key takes, as a rule; only a guess, by which the memory is divided.
const USUAL: u64 = 16 << 10;
/// Longest request kept, in bytes of its target and headers, `Authorization` among them; of a longer one nothing is.
const LONGEST: usize = 16 << 10;
/// What a failure and an access key take beside their texts, about, in bytes.
const EACH: usize = 512;

/// A request whose signature was refused.
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// What the answer's `X-Request-Id` was.
    pub request_id: String,
    /// From where; of a reverse proxy, if one is between.
    pub from: Option<IpAddr>,
    /// What it was signed by.
    pub authorization: Authorization,
    /// The request.
    pub request: ReceivedRequest,
}

impl Failure {
    /// What it takes to keep, in bytes.
    fn size(&self) -> usize {
        EACH + self.request_id.len() + self.authorization.size() + self.request.size()
    }
}

/// The newest first. Never changed, since the memory is counted by what each takes: another takes its place.
type Ring = Arc<VecDeque<Arc<Failure>>>;

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Ring> for Bytes {
    fn weight(&self, access: &String, ring: &Ring) -> u64 {
        let all = EACH + access.len() + size(ring);
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}

fn size(ring: &VecDeque<Arc<Failure>>) -> usize {
    ring.iter().map(|failure| failure.size()).sum()
}

type Rings = Cache<String, Ring, Bytes>;

/// The failures of late.
pub struct Failures {
    known: Rings,
    unknown: Rings,
    /// One is added after the other, so that none is lost.
    adding: Mutex<()>,
}

impl Failures {
    pub fn new() -> Self {
        let rings = |bytes: u64| {
            let keys = usize::try_from(bytes / USUAL).unwrap_or(usize::MAX);
            Cache::with_weighter(keys, bytes, Bytes)
        };
        Self { known: rings(KNOWN), unknown: rings(UNKNOWN), adding: Mutex::new(()) }
    }

    /// Remembers one. `known`: its access key exists.
    pub fn add(&self, failure: Failure, known: bool) {
        if failure.size() > EACH + LONGEST {
            return;
        }
        let rings = if known { &self.known } else { &self.unknown };
        let access = failure.authorization.access_key().to_owned();
        let _one = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = rings.get(&access).map(|ring| (*ring).clone()).unwrap_or_default();
        ring.push_front(Arc::new(failure));
        while ring.len() > KEPT || size(&ring) > KEPT_BYTES {
            ring.pop_back();
        }
        rings.insert(access, Arc::new(ring));
    }

    /// Those of an access key, the newest first.
    pub fn of(&self, access: &str) -> Vec<Arc<Failure>> {
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

    /// Of the access key, `long` bytes of target.
    fn failure(access: &str, long: usize, at: i64) -> Failure {
        let signature = "0".repeat(64);
        let text =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders=x-sdk-date, Signature={signature}");
        let authorization = Authorization::parse(text.as_bytes()).unwrap();
        let (target, headers): (_, [Header<'_>; 0]) = (vec![b'a'; long], []);
        let request = SignedRequest { method: "GET", target: &target, headers: &headers, body: b"" };
        let seen = ReceivedRequest::new(&authorization, &request);
        let at = Timestamp::from_second(at).unwrap();
        Failure { at, request_id: "r".into(), from: None, authorization, request: seen }
    }

    #[test]
    fn the_newest_of_a_key_are_kept_as_many_as_fit() {
        let failures = Failures::new();
        for at in 0..20 {
            failures.add(failure("AK", 10, at), true);
        }
        let kept: Vec<_> = failures.of("AK").iter().map(|failure| failure.at.as_second()).collect();
        assert_eq!(kept, (4..20).rev().collect::<Vec<_>>());
        for at in 20..40 {
            failures.add(failure("AK", 15 << 10, at), true);
        }
        let kept: Vec<_> = failures.of("AK").iter().map(|failure| failure.at.as_second()).collect();
        assert_eq!(kept, [39, 38, 37, 36], "64 KiB");
        failures.add(failure("AK", LONGEST, 50), true);
        assert_eq!(failures.of("AK")[0].at.as_second(), 39, "too long with what signed it");
    }

    #[test]
    fn many_keys_take_no_more_memory_than_is_allowed() {
        let failures = Failures::new();
        for n in 0..3_000 {
            for at in 0..2 {
                failures.add(failure(&format!("AK{n}"), 15 << 10, at), n % 2 == 0);
            }
        }
        assert!(failures.known.weight() <= KNOWN && failures.unknown.weight() <= UNKNOWN);
        assert_eq!(failures.of("AK2998").len(), 2);
        assert_eq!(failures.of("AK2999").len(), 2);
    }
}
