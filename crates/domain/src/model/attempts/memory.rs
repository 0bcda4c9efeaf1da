//! The memory of an attempt.

use super::Attempt;

impl Attempt {
    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        let texts = [&self.third_build_id, &self.target_url, &self.description];
        let texts: usize = texts.into_iter().flatten().map(String::capacity).sum();
        let details = self.evidence.details.as_ref().map_or(0, |known| known.heap_bytes());
        texts + details + self.evidence.urls.capacity() * size_of::<u64>()
    }
}
