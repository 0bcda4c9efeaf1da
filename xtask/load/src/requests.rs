//! The requests of connections: requests of a pool in random order, or one request whose numbers change.

use crate::generator::{Load, Requests};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that no other connection of this process uses.
pub fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Requests that are built once, for all connections.
pub type Pool = Arc<Vec<Box<[u8]>>>;

/// Requests of a pool in random order, without an end.
pub fn random(pool: &Pool) -> Load {
    let pool = Arc::clone(pool);
    Box::new(move || Box::new(RandomRequests { pool: Arc::clone(&pool), random: Random::new(), at: 0 }))
}

/// Each of the first requests of a pool once, by one connection.
pub fn once_each(pool: &Pool, limit: usize) -> Load {
    let (pool, end) = (Arc::clone(pool), pool.len().min(limit));
    Box::new(move || Box::new(EachRequest { pool: Arc::clone(&pool), next: 0, end }))
}

struct RandomRequests {
    pool: Pool,
    random: Random,
    at: usize,
}

impl Requests for RandomRequests {
    fn advance(&mut self) -> bool {
        self.at = self.random.below(self.pool.len());
        true
    }

    fn bytes(&self) -> &[u8] {
        &self.pool[self.at]
    }
}

struct EachRequest {
    pool: Pool,
    next: usize,
    end: usize,
}

impl Requests for EachRequest {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.end
    }

    fn bytes(&self) -> &[u8] {
        &self.pool[self.next - 1]
    }
}

/// Random numbers of one connection (xorshift64*). They need only be cheap.
pub struct Random(u64);

impl Random {
    /// Numbers that differ from those of other connections.
    pub fn new() -> Self {
        Self(unique().wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below a limit, which is positive.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        ((number * limit as u64) >> 32) as usize
    }
}

/// A request in which texts of fixed length are overwritten.
pub struct Template {
    bytes: Vec<u8>,
}

impl Template {
    /// A template of the bytes of a request.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The request.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The position of the bytes after a text, which must be in the template.
    pub fn after(&self, text: &str) -> usize {
        let found = self.bytes.windows(text.len()).position(|window| window == text.as_bytes());
        found.map_or(0, |start| start + text.len())
    }

    /// Writes a number in hexadecimal digits.
    pub fn hex(&mut self, at: usize, digits: usize, mut value: u64) {
        for digit in self.bytes[at..at + digits].iter_mut().rev() {
            *digit = b"0123456789abcdef"[(value & 15) as usize];
            value >>= 4;
        }
    }

    /// Writes a number in decimal digits.
    pub fn decimal(&mut self, at: usize, digits: usize, mut value: u64) {
        for digit in self.bytes[at..at + digits].iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
    }

    /// Writes a text.
    pub fn text(&mut self, at: usize, text: &str) {
        self.bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(count: u8) -> Pool {
        Arc::new((0..count).map(|n| vec![n].into_boxed_slice()).collect())
    }

    #[test]
    fn random_requests_reach_the_whole_pool() {
        let mut requests = random(&pool(50))();
        let mut seen = [false; 50];
        for _ in 0..2_000 {
            assert!(requests.advance());
            seen[usize::from(requests.bytes()[0])] = true;
        }
        assert!(seen.iter().all(|seen| *seen), "{seen:?}");
    }

    #[test]
    fn each_request_is_sent_once_up_to_the_limit() {
        let mut requests = once_each(&pool(5), 3)();
        let mut sent = Vec::new();
        while requests.advance() {
            sent.push(requests.bytes()[0]);
        }
        assert_eq!(sent, [0, 1, 2]);
    }

    #[test]
    fn a_template_changes_in_place() {
        let mut template = Template::new(b"sha=0000;id=10;status=pending".to_vec());
        let (sha, status) = (template.after("sha="), template.after("status="));
        template.hex(sha, 4, 0xbeef);
        template.decimal(template.after("id="), 2, 47);
        template.text(status, "success");
        assert_eq!(template.bytes(), b"sha=beef;id=47;status=success");
    }
}
