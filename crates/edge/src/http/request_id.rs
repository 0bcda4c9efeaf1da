//! The name of a request in the log and in `X-Request-Id`: 32 hexadecimal digits, as the real gateway's.

use http::HeaderMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Gives out request ids: random at the start, then counted, so that two servers do not give the same.
pub struct RequestIds {
    start: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// `random` comes from the system's generator.
    pub fn new(random: [u8; 16]) -> Self {
        let [start, next] = [0, 8].map(|at| u64::from_be_bytes(std::array::from_fn(|i| random[at + i])));
        Self { start, next: AtomicU64::new(next) }
    }

    /// The id that a proxy gave the request, if it looks like one; else a new one.
    pub fn of(&self, headers: &HeaderMap) -> String {
        let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
        let fits = |id: &&str| {
            (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if let Some(id) = given.filter(fits) {
            return id.to_owned();
        }
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(32);
        // Writing to a String cannot fail. The multiplication spreads the count over all digits.
        let _ = write!(id, "{:016x}{:016x}", self.start, n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        id
    }
}
