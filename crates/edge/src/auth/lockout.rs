//! Lockout after repeated failures. After more than [`KEY_FAILURES`] wrong signatures in a row, requests of
//! the access key from that address are refused for [`LOCKED_FOR`], whether the key exists or not (wire fact
//! 2.3). The same holds for a user name after more than [`PASSWORD_FAILURES`] wrong passwords. Other
//! addresses are not affected, so an attacker cannot lock out a user elsewhere.
//!
//! An address that many clients share, a reverse proxy's or a loopback address, is exempt for access keys:
//! one client would lock out all of them, and generated secrets have 40 characters, too many to guess.
//! Passwords are shorter: from a shared address [`SHARED_PASSWORD_FAILURES`] are allowed, which limits
//! guessing to 29,088 passwords a day.

use domain::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// Wrong signatures in a row that do not lock yet.
const KEY_FAILURES: u32 = 5;
/// Wrong passwords in a row that do not lock yet.
const PASSWORD_FAILURES: u32 = 10;
/// The same, from an address that many clients share.
const SHARED_PASSWORD_FAILURES: u32 = 100;
/// How long a lock lasts.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// Pairs of subject and address in the cache; beyond it, the least recently used ones are evicted.
const CAPACITY: usize = 50_000;

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject<'a> {
    /// An access key.
    Key(&'a str),
    /// A user, by the name or id in the request.
    User(&'a str),
}

#[derive(Default)]
struct FailureCount {
    in_a_row: AtomicU32,
    /// End of the lock, in milliseconds since 1970.
    locked_until: AtomicI64,
}

/// Counts the recent failures.
pub struct Lockout {
    // The key is a keyed hash of subject and address: an attacker cannot cause a collision, and a lookup
    // needs no allocation.
    counts: Cache<u64, Arc<FailureCount>>,
    hasher: RandomState,
    /// Addresses of reverse proxies.
    shared: Vec<IpAddr>,
}

impl Lockout {
    /// `shared`: addresses that many clients share, beside loopback addresses.
    pub fn new(shared: &[IpAddr]) -> Self {
        let shared = shared.iter().map(IpAddr::to_canonical).collect();
        Self { counts: Cache::new(CAPACITY), hasher: RandomState::new(), shared }
    }

    fn is_shared(&self, from: Option<IpAddr>) -> bool {
        let from = from.map(|address| address.to_canonical());
        from.is_some_and(|address| address.is_loopback() || self.shared.contains(&address))
    }

    /// Whether the subject is locked for this address now.
    pub fn is_locked(&self, subject: Subject<'_>, from: Option<IpAddr>, now: Timestamp) -> bool {
        let count = self.counts.get(&self.cache_key(subject, from));
        count.is_some_and(|count| now.as_millisecond() < count.locked_until.load(Ordering::Relaxed))
    }

    /// Counts a failure, and locks at the limit.
    pub fn record_failure(&self, subject: Subject<'_>, from: Option<IpAddr>, now: Timestamp) {
        let allowed = match (subject, self.is_shared(from)) {
            (Subject::Key(_), true) => return,
            (Subject::Key(_), false) => KEY_FAILURES,
            (Subject::User(_), true) => SHARED_PASSWORD_FAILURES,
            (Subject::User(_), false) => PASSWORD_FAILURES,
        };
        let Ok(count) = self.counts.get_or_insert_with(&self.cache_key(subject, from), || {
            Ok::<_, std::convert::Infallible>(Arc::default())
        });
        if count.in_a_row.fetch_add(1, Ordering::Relaxed) >= allowed {
            count.locked_until.store((now + LOCKED_FOR).as_millisecond(), Ordering::Relaxed);
            count.in_a_row.store(0, Ordering::Relaxed);
        }
    }

    /// Takes back a failure that was counted before the check, when the check could not be made.
    pub fn forget_failure(&self, subject: Subject<'_>, from: Option<IpAddr>) {
        if let Some(count) = self.counts.peek(&self.cache_key(subject, from)) {
            let _ = count
                .in_a_row
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        }
    }

    /// Forgets all failures after a success.
    pub fn clear(&self, subject: Subject<'_>, from: Option<IpAddr>) {
        let key = self.cache_key(subject, from);
        if self.counts.peek(&key).is_some() {
            self.counts.remove(&key);
        }
    }

    fn cache_key(&self, subject: Subject<'_>, from: Option<IpAddr>) -> u64 {
        // A client with one IPv6 address usually has its whole /64.
        let from = from.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => u64::from(address.to_bits()),
            IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
        });
        self.hasher.hash_one((subject, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AK: Subject<'static> = Subject::Key("AK");

    #[test]
    fn a_key_is_locked_for_one_address_after_more_than_five_failures_in_a_row() {
        let lockout = Lockout::new(&[]);
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
        for (access, from) in [
            (AK, Some("10.0.0.2".parse().unwrap())),
            (Subject::Key("AK2"), here),
            (Subject::User("AK"), here),
            (AK, None),
        ] {
            assert!(!locked(access, from, 0), "{access:?} {from:?}");
        }
    }

    #[test]
    fn a_shared_address_is_exempt_for_keys() {
        let (now, proxy) = (Timestamp::UNIX_EPOCH, "10.0.0.7".parse().unwrap());
        let lockout = Lockout::new(&[proxy]);
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
    fn a_name_is_locked_after_ten_passwords_or_a_hundred_from_a_shared_address() {
        let (now, lockout) = (Timestamp::UNIX_EPOCH, Lockout::new(&[]));
        for (from, allowed) in [("10.0.0.1", 10), ("127.0.0.1", 100)] {
            let (from, user) = (Some(from.parse().unwrap()), Subject::User("lin"));
            (0..allowed).for_each(|_| lockout.record_failure(user, from, now));
            assert!(!lockout.is_locked(user, from, now), "{allowed}");
            lockout.record_failure(user, from, now);
            assert!(lockout.is_locked(user, from, now), "{allowed}");
            assert!(!lockout.is_locked(Subject::User("wang"), from, now));
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let lockout = Lockout::new(&[]);
        let now = Timestamp::UNIX_EPOCH;
        for last in 0..6 {
            lockout.record_failure(AK, Some(format!("2001:db8::{last}").parse().unwrap()), now);
        }
        let locked = |address: &str| lockout.is_locked(AK, Some(address.parse().unwrap()), now);
        assert!(locked("2001:db8::ffff"));
        assert!(!locked("2001:db8:0:1::1"));
    }
}
