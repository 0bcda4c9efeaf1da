//! Lockout after repeated failures. After more than [`KEY_FAILURES`] wrong signatures in a row, requests of
//! the access key from that address are refused for [`LOCKED_FOR`], whether the key exists or not (wire fact
//! 2.3). Other addresses are not affected, so an attacker cannot lock out a user elsewhere.
//!
//! An address that many clients share, a loopback address or that of a reverse proxy that names no client, is
//! exempt: one client would lock out all of them, and generated secrets have 40 characters, too many to guess.

use super::guessing::network;
use crate::http::forwarded::TrustedProxies;
use domain::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// Wrong signatures in a row that do not lock yet.
const KEY_FAILURES: u32 = 5;
/// How long a lock lasts.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// Bytes of a pair of key and address in the cache; beyond the bytes of all, those that were not used recently are
/// evicted.
const ENTRY_BYTES: u64 = 128;

#[derive(Default)]
struct FailureCount {
    in_a_row: AtomicU32,
    /// End of the lock, in milliseconds since 1970.
    locked_until: AtomicI64,
}

/// Counts the recent failures.
pub struct Lockout {
    // The key is a keyed hash of access key and address: an attacker cannot cause a collision, and a lookup
    // needs no allocation.
    counts: Cache<u64, Arc<FailureCount>>,
    hasher: RandomState,
    proxies: TrustedProxies,
}

impl Lockout {
    /// `proxies` are reverse proxies, whose addresses many clients share; the counts take at most `bytes` bytes.
    pub fn new(proxies: TrustedProxies, bytes: u64) -> Self {
        let entries = usize::try_from(bytes / ENTRY_BYTES).unwrap_or(usize::MAX);
        Self { counts: Cache::new(entries), hasher: RandomState::new(), proxies }
    }

    /// The bytes in use.
    pub fn bytes(&self) -> u64 {
        self.counts.len() as u64 * ENTRY_BYTES
    }

    /// Whether the access key is locked for this address now.
    pub fn is_locked(&self, access: &str, from: Option<IpAddr>, now: Timestamp) -> bool {
        let count = self.counts.get(&self.cache_key(access, from));
        count.is_some_and(|count| {
            let left = count.locked_until.load(Ordering::Relaxed) - now.as_millisecond();
            // A clock that was set back must not prolong a lock.
            0 < left && i128::from(left) <= LOCKED_FOR.as_millis()
        })
    }

    /// Counts a failure, and locks at the limit.
    pub fn record_failure(&self, access: &str, from: Option<IpAddr>, now: Timestamp) {
        if from.is_some_and(|address| self.proxies.contains(address)) {
            return;
        }
        let Ok(count) = self.counts.get_or_insert_with(&self.cache_key(access, from), || {
            Ok::<_, std::convert::Infallible>(Arc::default())
        });
        if count.in_a_row.fetch_add(1, Ordering::Relaxed) >= KEY_FAILURES {
            count.locked_until.store((now + LOCKED_FOR).as_millisecond(), Ordering::Relaxed);
            count.in_a_row.store(0, Ordering::Relaxed);
        }
    }

    /// Forgets all failures after a success.
    pub fn clear(&self, access: &str, from: Option<IpAddr>) {
        let key = self.cache_key(access, from);
        if self.counts.peek(&key).is_some() {
            self.counts.remove(&key);
        }
    }

    fn cache_key(&self, access: &str, from: Option<IpAddr>) -> u64 {
        self.hasher.hash_one((access, from.map(network)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AK: &str = "AK";

    #[test]
    fn a_key_is_locked_for_one_address_after_more_than_five_failures_in_a_row() {
        let lockout = Lockout::new(TrustedProxies::default(), 1 << 20);
        let (start, here) = (Timestamp::UNIX_EPOCH, Some("10.0.0.1".parse().unwrap()));
        let locked = |access, from, minutes| {
            lockout.is_locked(access, from, start + SignedDuration::from_mins(minutes))
        };
        let fail = || lockout.record_failure(AK, here, start);
        (0..5).for_each(|_| fail());
        assert!(!locked(AK, here, 0));
        lockout.clear(AK, here);
        (0..5).for_each(|_| fail());
        assert!(!locked(AK, here, 0), "not in a row");
        fail();
        assert!(locked(AK, here, 0) && locked(AK, here, 4));
        assert!(!locked(AK, here, 5), "over");
        let mapped = Some("::ffff:10.0.0.1".parse().unwrap());
        assert!(locked(AK, mapped, 0), "the same address");
        for (access, from) in [(AK, Some("10.0.0.2".parse().unwrap())), ("AK2", here), (AK, None)] {
            assert!(!locked(access, from, 0), "{access:?} {from:?}");
        }
    }

    #[test]
    fn a_shared_address_is_exempt_for_keys() {
        let (now, proxy) = (Timestamp::UNIX_EPOCH, "10.0.0.7".parse().unwrap());
        let lockout = Lockout::new(TrustedProxies::new(&[proxy]), 1 << 20);
        let locked = |address: &str| {
            let from = Some(address.parse().unwrap());
            (0..10).for_each(|_| lockout.record_failure(AK, from, now));
            lockout.is_locked(AK, from, now)
        };
        for shared in ["10.0.0.7", "::ffff:10.0.0.7", "127.0.0.1", "::1", "::ffff:127.0.0.9"] {
            assert!(!locked(shared), "{shared}");
        }
        assert!(locked("10.0.0.8"));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let lockout = Lockout::new(TrustedProxies::default(), 1 << 20);
        let now = Timestamp::UNIX_EPOCH;
        for last in 0..6 {
            lockout.record_failure(AK, Some(format!("2001:db8::{last}").parse().unwrap()), now);
        }
        let locked = |address: &str| lockout.is_locked(AK, Some(address.parse().unwrap()), now);
        assert!(locked("2001:db8::ffff"));
        assert!(!locked("2001:db8:0:1::1"));
    }
}
