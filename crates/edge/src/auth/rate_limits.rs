//! Limits of requests and reports for each credential, and of requests for each address. The settings turn them on;
//! guessing of passwords and signatures has its own limits, which are always on. The counts are in memory, for each
//! node, and bounded: beyond that, those that were not used recently are forgotten, which only frees their burst.

use super::guessing::network;
use crate::http::forwarded::TrustedProxies;
use domain::Timestamp;
use domain::actions::access::CredentialId;
use domain::error::{Error, Result};
use domain::model::ids::UserId;
use domain::model::rate_limits::{RateLimit, RateState};
use domain::model::reports::BATCH_MAX;
use quick_cache::sync::Cache;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Credentials, or addresses, that a limit counts: about 1 MiB.
const COUNTED_MAX: usize = 8_192;

/// The limits of the settings; `None`: unlimited.
#[derive(Debug, Clone, Copy, Default)]
pub struct RateLimitSettings {
    /// Requests of one credential.
    pub requests: Option<RateLimit>,
    /// Reports of one credential.
    pub reports: Option<RateLimit>,
    /// Requests from one address, with or without a credential.
    pub address: Option<RateLimit>,
}

/// A limit with the states of all that it counts.
struct Counted {
    name: &'static str,
    limit: RateLimit,
    states: Cache<u64, Arc<Mutex<RateState>>>,
}

/// The limits.
pub struct RateLimits {
    requests: Option<Counted>,
    reports: Option<Counted>,
    address: Option<Counted>,
    // The keys are keyed hashes: a client cannot cause a collision.
    hasher: RandomState,
    proxies: TrustedProxies,
}

/// The key by which the limits of credentials count. It is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedCredential(u64);

impl Counted {
    fn new(name: &'static str, limit: Option<RateLimit>) -> Option<Self> {
        let counted = Self { name, limit: limit?, states: Cache::new(COUNTED_MAX) };
        counted.refusals().increment(0);
        Some(counted)
    }

    fn refusals(&self) -> metrics::Counter {
        metrics::counter!("stagepost_requests_limited_total", "limit" => self.name)
    }

    fn take(&self, key: u64, now: Timestamp) -> Result<()> {
        self.limit.take(&mut lock(&self.state(key)), now).map_err(|wait| {
            self.refusals().increment(1);
            Error::Throttled { seconds: wait.seconds() }
        })
    }

    fn state(&self, key: u64) -> Arc<Mutex<RateState>> {
        let Ok(state) =
            self.states.get_or_insert_with(&key, || Ok::<_, std::convert::Infallible>(Arc::default()));
        state
    }
}

impl RateLimits {
    /// `proxies` are reverse proxies, whose addresses many clients share.
    pub fn new(settings: RateLimitSettings, proxies: &[IpAddr]) -> Self {
        let reports = settings.reports.map(|limit| limit.with_debt(BATCH_MAX as u32));
        Self {
            requests: Counted::new("requests", settings.requests),
            reports: Counted::new("reports", reports),
            address: Counted::new("address", settings.address),
            hasher: RandomState::new(),
            proxies: TrustedProxies::new(proxies),
        }
    }

    /// Counts a request of a client at this address. A loopback address and that of a reverse proxy, which many clients
    /// may share, have no limit.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn admit_address(&self, from: Option<IpAddr>, now: Timestamp) -> Result<()> {
        match (&self.address, from.filter(|from| !self.proxies.contains(*from))) {
            (Some(address), Some(from)) => address.take(self.hasher.hash_one(network(from)), now),
            _ => Ok(()),
        }
    }

    /// The key of a user's credential for the limits: a personal token and an access key each alone, all sessions,
    /// temporary keys and passwords of a user together, because the user makes new ones at any time.
    pub fn credential(&self, user: UserId, credential: &CredentialId) -> CountedCredential {
        CountedCredential(match credential {
            CredentialId::Token(id) => self.hasher.hash_one(("token", id)),
            CredentialId::Key(access) => self.hasher.hash_one(("key", access)),
            _ => self.hasher.hash_one(("user", user.get())),
        })
    }

    /// Counts a request of a credential, and one report if it is to report.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn admit(&self, credential: CountedCredential, is_report: bool, now: Timestamp) -> Result<()> {
        if let Some(requests) = &self.requests {
            requests.take(credential.0, now)?;
        }
        match &self.reports {
            Some(reports) if is_report => reports.take(credential.0, now),
            _ => Ok(()),
        }
    }

    /// Counts the further reports of a request that was admitted as one. They are accepted; the next request waits
    /// until all of them are within the limit.
    pub fn charge_reports(&self, credential: CountedCredential, further: usize, now: Timestamp) {
        if let Some(reports) = &self.reports {
            let further = u32::try_from(further).unwrap_or(u32::MAX);
            reports.limit.charge(&mut lock(&reports.state(credential.0)), now, further);
        }
    }

    /// Whether addresses have a limit.
    pub fn count_addresses(&self) -> bool {
        self.address.is_some()
    }

    /// Whether credentials have limits.
    pub fn count_credentials(&self) -> bool {
        self.requests.is_some() || self.reports.is_some()
    }
}

fn lock(state: &Mutex<RateState>) -> MutexGuard<'_, RateState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> RateLimits {
        let limit = RateLimit::parse(text);
        let settings = RateLimitSettings { requests: limit, reports: limit, address: limit };
        RateLimits::new(settings, &["10.0.0.7".parse().unwrap()])
    }

    #[test]
    fn each_token_and_key_counts_alone_and_all_sessions_of_a_user_together() {
        let limits = limits("1/s");
        let user = |id: i64| UserId::new(id).unwrap();
        let of = |id: i64, credential| limits.credential(user(id), &credential);
        assert_ne!(of(1, CredentialId::Token(1)), of(1, CredentialId::Token(2)));
        assert_ne!(of(1, CredentialId::Token(1)), of(1, CredentialId::Key("1".into())));
        let session = of(1, CredentialId::Session(5));
        for same in
            [CredentialId::Session(6), CredentialId::TemporaryKey("AK".into()), CredentialId::Password]
        {
            assert_eq!(session, of(1, same));
        }
        assert_ne!(session, of(2, CredentialId::Session(5)));
    }

    #[test]
    fn an_address_counts_unless_many_clients_share_it() {
        let (limits, now) = (limits("1/s:2"), Timestamp::UNIX_EPOCH);
        let free = |address: &str| {
            let from = Some(address.parse().unwrap());
            (0..10).take_while(|_| limits.admit_address(from, now).is_ok()).count()
        };
        assert_eq!(free("192.0.2.1"), 2);
        assert_eq!(free("::ffff:192.0.2.1"), 0, "the same address");
        assert_eq!((free("2001:db8::1"), free("2001:db8::2")), (2, 0), "the same network");
        for shared in ["127.0.0.1", "::1", "10.0.0.7"] {
            assert_eq!(free(shared), 10, "{shared}");
        }
        assert!((0..10).all(|_| limits.admit_address(None, now).is_ok()));
    }

    #[test]
    fn many_clients_take_bounded_memory() {
        let (limits, now) = (limits("1/h"), Timestamp::UNIX_EPOCH);
        for address in 0..3 * COUNTED_MAX as u32 {
            limits.admit_address(Some(IpAddr::from(address.to_be_bytes())), now).unwrap();
        }
        assert!(limits.address.as_ref().unwrap().states.len() <= COUNTED_MAX);
    }
}
