//! Budgets of memory: how many bytes may be held on behalf of all clients, and on behalf of one address.
//!
//! A [`Reserved`] is a part of a budget that is in use. It returns its bytes when it is dropped, so it lives
//! beside the memory that it accounts for.

use metrics::{Counter, Gauge};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The limits of a budget, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetLimit {
    /// Of all clients together.
    pub total: usize,
    /// Of one address (an IPv6 /64 counts as one). Addresses that many clients share have no such limit.
    pub per_address: usize,
    /// Whether an address may exceed its limit with one reservation while it has no other.
    pub one_may_exceed: bool,
}

impl BudgetLimit {
    /// So many bytes, of which an address may use one part of `parts`, or more with one reservation.
    pub fn shared(total: u64, parts: usize) -> Self {
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        Self { total, per_address: total / parts, one_may_exceed: true }
    }
}

/// Bytes that may be in use at the same time.
#[derive(Debug)]
pub struct Budget {
    limit: BudgetLimit,
    used: AtomicUsize,
    /// Whether one reservation at a time may be greater than the budget.
    admits_large: bool,
    has_large: AtomicBool,
    addresses: Mutex<HashMap<IpAddr, usize>>,
    used_gauge: Gauge,
    refused_total: Counter,
    refused_address: Counter,
}

impl std::fmt::Debug for Reserved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reserved").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Budget {
    /// An unused budget. `name` is the value of the label `budget` of its metrics.
    pub fn new(name: &'static str, limit: BudgetLimit) -> Arc<Self> {
        Self::create(name, limit, false)
    }

    /// As [`Budget::new`], for bytes of which one piece may be greater than the whole budget. Such a reservation is
    /// outside of the limits, so it hinders no other, and there is one at a time. The caller limits how long it exists.
    pub fn with_large(name: &'static str, limit: BudgetLimit) -> Arc<Self> {
        Self::create(name, limit, true)
    }

    fn create(name: &'static str, limit: BudgetLimit, admits_large: bool) -> Arc<Self> {
        let refused = |limit: &'static str| metrics::counter!("stagepost_budget_refusals_total", "budget" => name, "limit" => limit);
        let (refused_total, refused_address) = (refused("total"), refused("address"));
        refused_total.increment(0);
        refused_address.increment(0);
        Arc::new(Self {
            limit,
            used: AtomicUsize::new(0),
            admits_large,
            has_large: AtomicBool::new(false),
            addresses: Mutex::default(),
            used_gauge: metrics::gauge!("stagepost_budget_bytes", "budget" => name),
            refused_total,
            refused_address,
        })
    }

    /// A reservation of no bytes for a client; `None`: its address is shared by many clients.
    pub fn open(self: &Arc<Self>, address: Option<IpAddr>) -> Reserved {
        Reserved { budget: Arc::clone(self), address: address.map(address_key), bytes: 0, large: None }
    }

    /// Takes the place of the one reservation that is greater than the budget; `None`: there is one.
    fn take_large(self: &Arc<Self>) -> Option<Arc<Large>> {
        if self.has_large.swap(true, Ordering::Relaxed) {
            self.refused_total.increment(1);
            return None;
        }
        Some(Arc::new(Large(Arc::clone(self))))
    }

    /// The bytes in use.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes bytes for a reservation that has `own` bytes.
    fn take(&self, address: Option<IpAddr>, own: usize, bytes: usize) -> bool {
        let within = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.limit.total);
        if self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_err() {
            self.refused_total.increment(1);
            return false;
        }
        if let Some(address) = address {
            let mut addresses = self.lock();
            let used = addresses.entry(address).or_default();
            let may_exceed = self.limit.one_may_exceed && *used == own;
            if used.saturating_add(bytes) > self.limit.per_address && !may_exceed {
                if *used == 0 {
                    addresses.remove(&address);
                }
                drop(addresses);
                self.used.fetch_sub(bytes, Ordering::Relaxed);
                self.refused_address.increment(1);
                return false;
            }
            *used += bytes;
        }
        self.used_gauge.increment(bytes as f64);
        true
    }

    fn give_back(&self, address: Option<IpAddr>, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        self.used_gauge.decrement(bytes as f64);
        if let Some(address) = address {
            let mut addresses = self.lock();
            if let Some(used) = addresses.get_mut(&address) {
                *used = used.saturating_sub(bytes);
                if *used == 0 {
                    addresses.remove(&address);
                }
            }
        }
    }

    /// Poisoning is ignored, because no holder leaves the map inconsistent.
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a budget that are in use until this is dropped.
pub struct Reserved {
    budget: Arc<Budget>,
    address: Option<IpAddr>,
    bytes: usize,
    /// Shared by the parts of a reservation that is outside of the limits.
    large: Option<Arc<Large>>,
}

/// The place of the one reservation that is greater than its budget.
struct Large(Arc<Budget>);

impl Drop for Large {
    fn drop(&mut self) {
        self.0.has_large.store(false, Ordering::Relaxed);
    }
}

impl Reserved {
    /// Whether it is the one that is greater than its budget.
    pub fn is_large(&self) -> bool {
        self.large.is_some()
    }

    /// Raises the reservation to `bytes`; a smaller number changes nothing. False: the budget does not have
    /// them, and the reservation is unchanged.
    #[must_use]
    pub fn raise_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        if self.budget.admits_large && self.bytes == 0 && bytes > self.budget.limit.total {
            self.large = self.budget.take_large();
            if self.large.is_none() {
                return false;
            }
        }
        if self.large.is_some() {
            self.budget.used_gauge.increment(more as f64);
            self.bytes += more;
        } else if more > 0 {
            if !self.budget.take(self.address, self.bytes, more) {
                return false;
            }
            self.bytes = bytes;
        }
        true
    }

    /// Adds bytes. False: the budget does not have them, and the reservation is unchanged.
    #[must_use]
    pub fn add(&mut self, bytes: usize) -> bool {
        self.raise_to(self.bytes.saturating_add(bytes))
    }

    /// Takes a part of the reservation, at most all of it.
    pub fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { budget: Arc::clone(&self.budget), address: self.address, bytes, large: self.large.clone() }
    }

    /// Moves the reservation to another budget. False: that budget does not have the bytes.
    #[must_use]
    pub fn move_to(&mut self, budget: &Arc<Budget>) -> bool {
        let mut moved = Self { budget: Arc::clone(budget), address: self.address, bytes: 0, large: None };
        let fits = moved.raise_to(self.bytes);
        if fits {
            *self = moved;
        }
        fits
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.large.is_some() {
            self.budget.used_gauge.decrement(self.bytes as f64);
        } else if self.bytes > 0 {
            self.budget.give_back(self.address, self.bytes);
        }
    }
}

/// The address that limits apply to: an IPv6 /64 counts as one, because one customer has at least a /64.
pub fn address_key(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: BudgetLimit = BudgetLimit { total: 100, per_address: 60, one_may_exceed: false };

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_limit_and_all_have_one_together() {
        let budget = Budget::new("test", LIMIT);
        let (mut one, mut two) = (budget.open(ip("192.0.2.1")), budget.open(ip("192.0.2.2")));
        assert!(one.add(60));
        assert!(!one.add(1), "the limit of the address");
        assert!(!budget.open(ip("192.0.2.1")).add(1), "also for another request of the address");
        assert!(two.add(40));
        assert!(!two.add(1), "the limit of all");
        assert_eq!(budget.used(), 100);
        drop(one);
        assert_eq!(budget.used(), 40);
        assert!(two.raise_to(60) && two.raise_to(10));
        assert_eq!(budget.used(), 60);
    }

    #[test]
    fn a_shared_address_has_only_the_limit_of_all() {
        let budget = Budget::new("test", LIMIT);
        let mut shared = budget.open(None);
        assert!(shared.add(100) && !shared.add(1));
    }

    #[test]
    fn one_reservation_may_exceed_where_the_limit_says_so() {
        let budget = Budget::new("test", BudgetLimit { one_may_exceed: true, ..LIMIT });
        let mut large = budget.open(ip("192.0.2.1"));
        assert!(large.add(50) && large.add(30), "in steps");
        assert!(!budget.open(ip("192.0.2.1")).add(1), "and then nothing else");
        drop(large);
        assert!(!budget.open(ip("192.0.2.1")).add(101), "never beyond the limit of all");
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn one_reservation_at_a_time_may_be_greater_than_the_budget() {
        let budget = Budget::with_large("test", LIMIT);
        let mut large = budget.open(ip("192.0.2.1"));
        assert!(large.raise_to(1_000) && large.is_large());
        assert!(!budget.open(ip("192.0.2.2")).raise_to(101), "a second one");
        let mut other = budget.open(ip("192.0.2.2"));
        assert!(other.raise_to(60) && !other.is_large(), "it hinders no other");
        let part = large.split(10);
        drop(large);
        assert!(!budget.open(None).raise_to(101), "a part of it is not sent");
        drop(part);
        assert!(budget.open(None).raise_to(101));
        assert_eq!(budget.used(), 60);
        drop(other);
        assert!(!Budget::new("test", LIMIT).open(None).raise_to(101));
    }

    #[test]
    fn everything_is_returned() {
        let (budget, other) = (Budget::new("test", LIMIT), Budget::new("other", LIMIT));
        let mut whole = budget.open(ip("2001:db8::1"));
        assert!(whole.add(50));
        let part = whole.split(20);
        assert!(!budget.open(ip("2001:db8::2")).add(11), "the same /64");
        assert!(whole.move_to(&other));
        assert_eq!((budget.used(), other.used()), (20, 30));
        drop((part, whole));
        assert_eq!((budget.used(), other.used()), (0, 0));
        assert!(budget.lock().is_empty() && other.lock().is_empty());
    }

    #[test]
    fn a_move_that_does_not_fit_changes_nothing() {
        let (budget, full) = (Budget::new("test", LIMIT), Budget::new("full", LIMIT));
        let mut other = full.open(None);
        assert!(other.add(90));
        let mut reserved = budget.open(None);
        assert!(reserved.add(20) && !reserved.move_to(&full));
        assert_eq!((budget.used(), full.used()), (20, 90));
    }
}
