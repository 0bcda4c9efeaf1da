//! Request ids, for the log and `X-Request-Id`: 32 hexadecimal digits, as those of the real gateway.

use http::{HeaderMap, HeaderName};
use std::sync::atomic::{AtomicU64, Ordering};

/// The header with the id of a request.
pub static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Issues request ids: from a random start they are counted, so that two servers do not issue the same.
pub struct RequestIds {
    start: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// `random` are bytes of the system's random generator.
    pub fn new(random: [u8; 16]) -> Self {
        let [start, next] = [0, 8].map(|at| u64::from_be_bytes(std::array::from_fn(|i| random[at + i])));
        Self { start, next: AtomicU64::new(next) }
    }

    /// The id that a proxy assigned to the request, if it has the form of one; else a new one.
    pub fn of(&self, headers: &HeaderMap) -> String {
        let assigned = headers.get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let fits = |id: &&str| {
            (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if let Some(id) = assigned.filter(fits) {
            return id.to_owned();
        }
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        // The multiplication distributes the counter over all digits.
        let number = u128::from(self.start) << 64 | u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut digits = [0; 32];
        for (at, digit) in digits.iter_mut().rev().enumerate() {
            *digit = b"0123456789abcdef"[(number >> (4 * at)) as usize & 15];
        }
        std::str::from_utf8(&digits).unwrap_or_default().to_owned()
    }
}
