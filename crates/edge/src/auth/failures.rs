//! The signatures that were refused of late, by access key, for their owners to ask about. In memory only: it holds what was signed,
//! temporary tokens among it.

use domain::Timestamp;
use quick_cache::sync::Cache;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use wire::signing::{Authorization, Seen};

/// Failures kept of one access key.
const KEPT: usize = 16;
/// Access keys remembered: those that exist, and those that do not, which must not drive the others out.
const KNOWN: usize = 1_000;
const UNKNOWN: usize = 100;
/// Longest request kept, in bytes of its target and headers; of a longer one nothing is.
const LONGEST: usize = 16 << 10;

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
    pub seen: Seen,
}

type Ring = Arc<Mutex<VecDeque<Arc<Failure>>>>;

/// The failures of late.
pub struct Failures {
    known: Cache<String, Ring>,
    unknown: Cache<String, Ring>,
}

impl Failures {
    pub fn new() -> Self {
        Self { known: Cache::new(KNOWN), unknown: Cache::new(UNKNOWN) }
    }

    /// Remembers one. `known`: its access key exists.
    pub fn add(&self, failure: Failure, known: bool) {
        if failure.seen.size() > LONGEST {
            return;
        }
        let rings = if known { &self.known } else { &self.unknown };
        let access = failure.authorization.access_key();
        let Ok(ring) =
            rings.get_or_insert_with(access, || Ok::<_, std::convert::Infallible>(Ring::default()));
        let mut ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.truncate(KEPT - 1);
        ring.push_front(Arc::new(failure));
    }

    /// Those of an access key, the newest first.
    pub fn of(&self, access: &str) -> Vec<Arc<Failure>> {
        let rings = [self.known.get(access), self.unknown.get(access)];
        let mut all: Vec<_> = rings
            .into_iter()
            .flatten()
            .flat_map(|ring| {
                ring.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect::<Vec<_>>()
            })
            .collect();
        all.sort_by_key(|failure| std::cmp::Reverse(failure.at));
        all
    }
}
