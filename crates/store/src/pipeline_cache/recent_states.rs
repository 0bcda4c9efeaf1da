//! The pipelines that were used most recently, within a number of bytes.

use super::{ENTRY_BYTES, Key};
use domain::model::ids::RepositoryId;
use domain::model::pipelines::PipelineState;
use std::collections::{BTreeMap, HashMap};

struct Entry {
    state: Box<PipelineState>,
    bytes: u64,
    /// When it was inserted; a number that only increases.
    inserted: u64,
}

/// Pipelines in order of their insertion. One that is used is removed and inserted again, so the oldest is the one that
/// was used least recently.
#[derive(Default)]
pub struct RecentStates {
    entries: HashMap<Key, Entry>,
    order: BTreeMap<u64, Key>,
    inserted: u64,
    bytes: u64,
}

impl RecentStates {
    /// Approximate bytes in memory.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a pipeline, and removes the oldest ones that do not fit into `bytes_max` bytes beside it. One that does
    /// not fit alone is not added.
    pub fn insert(&mut self, key: Key, state: Box<PipelineState>, bytes_max: u64) {
        self.remove(&key);
        let bytes = ENTRY_BYTES + (size_of::<(Key, Entry)>() + state.bytes()) as u64;
        if bytes > bytes_max {
            return;
        }
        self.inserted += 1;
        self.bytes += bytes;
        self.order.insert(self.inserted, key);
        self.entries.insert(key, Entry { state, bytes, inserted: self.inserted });
        self.evict(bytes_max);
    }

    /// Removes the oldest pipelines until the others take at most `bytes_max` bytes.
    pub fn evict(&mut self, bytes_max: u64) {
        while self.bytes > bytes_max
            && let Some((_, oldest)) = self.order.first_key_value()
        {
            let oldest = *oldest;
            self.remove(&oldest);
        }
    }

    pub fn get(&self, key: &Key) -> Option<&PipelineState> {
        self.entries.get(key).map(|entry| &*entry.state)
    }

    pub fn remove(&mut self, key: &Key) -> Option<Box<PipelineState>> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.inserted);
        self.bytes -= entry.bytes;
        Some(entry.state)
    }

    /// Removes the pipelines of a repository.
    pub fn remove_repository(&mut self, repository: RepositoryId) {
        let keys: Vec<Key> = self.entries.keys().filter(|key| key.0 == repository).copied().collect();
        for key in keys {
            self.remove(&key);
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
        self.bytes = 0;
    }
}
