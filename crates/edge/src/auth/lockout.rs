//! Who guesses at secrets: after more than [`KEY_STRIKES`] signatures in a row that do not fit, an access key is not heard from that address for
//! [`LOCKED`], whether it exists or not (wire fact 2.3); likewise a name after more than [`PASSWORD_STRIKES`] passwords. From other addresses both
//! are heard as before, so nobody locks out who comes from another. An address that many share, a reverse proxy's or this machine's own,
//! is exempt for keys: one of them would lock out all, and the length of a secret is enough in the way of a guess: what we make has 40
//! characters. People's passwords are shorter: there such an address has [`SHARED_PASSWORD_STRIKES`], 29,088 guesses a day.

use domain::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// Signatures in a row that are borne.
const KEY_STRIKES: u32 = 5;
/// Passwords in a row that are borne.
const PASSWORD_STRIKES: u32 = 10;
/// The same, from an address that many share.
const SHARED_PASSWORD_STRIKES: u32 = 100;
/// How long what was guessed at is not heard.
const LOCKED: SignedDuration = SignedDuration::from_mins(5);
/// Pairs of key or name and address that are watched at once; of more, those not seen for the longest are forgotten.
const WATCHED: usize = 50_000;

/// Something with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guessed<'a> {
    /// An access key.
    Key(&'a str),
    /// A user, by name or id as it was said.
    User(&'a str),
}

#[derive(Default)]
struct Strikes {
    count: AtomicU32,
    /// Milliseconds since 1970.
    until: AtomicI64,
}

/// The failures of late.
pub struct Lockout {
    // Under a keyed hash of the pair: nobody can aim at another's, and a look costs no allocation.
    strikes: Cache<u64, Arc<Strikes>>,
    hasher: RandomState,
    /// Of reverse proxies.
    shared: Vec<IpAddr>,
}

impl Lockout {
    /// `shared`: addresses that many have, beside loopback ones.
    pub fn new(shared: &[IpAddr]) -> Self {
        let shared = shared.iter().map(IpAddr::to_canonical).collect();
        Self { strikes: Cache::new(WATCHED), hasher: RandomState::new(), shared }
    }

    fn is_shared(&self, from: Option<IpAddr>) -> bool {
        let from = from.map(|address| address.to_canonical());
        from.is_some_and(|address| address.is_loopback() || self.shared.contains(&address))
    }

    /// Whether it is not heard from there now.
    pub fn is_locked(&self, what: Guessed<'_>, from: Option<IpAddr>, now: Timestamp) -> bool {
        let strikes = self.strikes.get(&self.place(what, from));
        strikes.is_some_and(|strikes| now.as_millisecond() < strikes.until.load(Ordering::Relaxed))
    }

    /// One more did not fit.
    pub fn strike(&self, what: Guessed<'_>, from: Option<IpAddr>, now: Timestamp) {
        let borne = match (what, self.is_shared(from)) {
            (Guessed::Key(_), true) => return,
            (Guessed::Key(_), false) => KEY_STRIKES,
            (Guessed::User(_), true) => SHARED_PASSWORD_STRIKES,
            (Guessed::User(_), false) => PASSWORD_STRIKES,
        };
        let Ok(strikes) = self.strikes.get_or_insert_with(&self.place(what, from), || {
            Ok::<_, std::convert::Infallible>(Arc::default())
        });
        if strikes.count.fetch_add(1, Ordering::Relaxed) >= borne {
            strikes.until.store((now + LOCKED).as_millisecond(), Ordering::Relaxed);
            strikes.count.store(0, Ordering::Relaxed);
        }
    }

    /// One was not looked at.
    pub fn take_back(&self, what: Guessed<'_>, from: Option<IpAddr>) {
        if let Some(strikes) = self.strikes.peek(&self.place(what, from)) {
            let _ = strikes
                .count
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        }
    }

    /// One fitted.
    pub fn clear(&self, what: Guessed<'_>, from: Option<IpAddr>) {
        let place = self.place(what, from);
        if self.strikes.peek(&place).is_some() {
            self.strikes.remove(&place);
        }
    }

    fn place(&self, what: Guessed<'_>, from: Option<IpAddr>) -> u64 {
        // Whoever has one IPv6 address has its /64.
        let from = from.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => u64::from(address.to_bits()),
            IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
        });
        self.hasher.hash_one((what, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AK: Guessed<'static> = Guessed::Key("AK");

    #[test]
    fn a_key_is_locked_for_one_address_after_more_than_five_failures_in_a_row() {
        let lockout = Lockout::new(&[]);
        let (start, here) = (Timestamp::UNIX_EPOCH, Some("10.0.0.1".parse().unwrap()));
        let locked = |access, from, minutes| {
            lockout.is_locked(access, from, start + SignedDuration::from_mins(minutes))
        };
        let strike = || lockout.strike(AK, here, start);
        (0..5).for_each(|_| strike());
        assert!(!locked(AK, here, 0));
        lockout.clear(AK, here);
        (0..5).for_each(|_| strike());
        assert!(!locked(AK, here, 0), "not in a row");
        strike();
        assert!(locked(AK, here, 0) && locked(AK, here, 4));
        assert!(!locked(AK, here, 5), "over");
        let mapped = Some("::ffff:10.0.0.1".parse().unwrap());
        assert!(locked(AK, mapped, 0), "the same address");
        for (access, from) in [
            (AK, Some("10.0.0.2".parse().unwrap())),
            (Guessed::Key("AK2"), here),
            (Guessed::User("AK"), here),
            (AK, None),
        ] {
            assert!(!locked(access, from, 0), "{access:?} {from:?}");
        }
    }

    #[test]
    fn an_address_that_many_share_is_exempt() {
        let (now, proxy) = (Timestamp::UNIX_EPOCH, "10.0.0.7".parse().unwrap());
        let lockout = Lockout::new(&[proxy]);
        let locked = |address: &str| {
            let from = Some(address.parse().unwrap());
            (0..10).for_each(|_| lockout.strike(AK, from, now));
            lockout.is_locked(AK, from, now)
        };
        for shared in ["10.0.0.7", "::ffff:10.0.0.7", "127.0.0.1", "::1", "::ffff:127.0.0.9"] {
            assert!(!locked(shared), "{shared}");
        }
        assert!(locked("10.0.0.8"));
    }

    #[test]
    fn a_name_bears_ten_passwords_and_from_a_shared_address_a_hundred() {
        let (now, lockout) = (Timestamp::UNIX_EPOCH, Lockout::new(&[]));
        for (from, borne) in [("10.0.0.1", 10), ("127.0.0.1", 100)] {
            let (from, user) = (Some(from.parse().unwrap()), Guessed::User("lin"));
            (0..borne).for_each(|_| lockout.strike(user, from, now));
            assert!(!lockout.is_locked(user, from, now), "{borne}");
            lockout.strike(user, from, now);
            assert!(lockout.is_locked(user, from, now), "{borne}");
            assert!(!lockout.is_locked(Guessed::User("wang"), from, now));
        }
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let lockout = Lockout::new(&[]);
        let now = Timestamp::UNIX_EPOCH;
        for last in 0..6 {
            lockout.strike(AK, Some(format!("2001:db8::{last}").parse().unwrap()), now);
        }
        let locked = |address: &str| lockout.is_locked(AK, Some(address.parse().unwrap()), now);
        assert!(locked("2001:db8::ffff"));
        assert!(!locked("2001:db8:0:1::1"));
    }
}
