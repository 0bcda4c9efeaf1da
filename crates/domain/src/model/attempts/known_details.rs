//! What an attempt knows of the details of its reports: which ones it has, and how much they are.

use super::Attempt;
use crate::model::details::{ATTEMPT_ANNOTATIONS_MAX, ATTEMPT_BYTES_MAX, DetailsKey};

/// Most details that an attempt knows by their digests. A repeat of others counts as new ones.
const DIGESTS_MAX: usize = 256;

/// The details of the reports of an attempt. A repeat adds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KnownDetails {
    /// The short digests, sorted, at most [`DIGESTS_MAX`].
    pub digests: Vec<u64>,
    /// The number of bytes, at most [`ATTEMPT_BYTES_MAX`].
    pub bytes: u32,
    /// The number of annotations, at most [`ATTEMPT_ANNOTATIONS_MAX`].
    pub annotations: u32,
}

impl KnownDetails {
    fn has(&self, key: &DetailsKey) -> bool {
        self.digests.binary_search(&key.short_digest()).is_ok()
    }

    /// The numbers of bytes and annotations with more details; `None`: they are too many.
    fn sum(&self, key: &DetailsKey) -> Option<(u32, u32)> {
        let bytes = self.bytes.checked_add(key.bytes).filter(|bytes| *bytes <= ATTEMPT_BYTES_MAX)?;
        let annotations = self.annotations.checked_add(key.annotations)?;
        (annotations <= ATTEMPT_ANNOTATIONS_MAX).then_some((bytes, annotations))
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.digests.capacity() * size_of::<u64>()
    }
}

impl Attempt {
    /// True when a report of the attempt had details.
    pub fn has_details(&self) -> bool {
        self.evidence.details.is_some()
    }

    /// The bytes of the details of all reports of the attempt.
    pub fn details_bytes(&self) -> u32 {
        self.evidence.details.as_ref().map_or(0, |known| known.bytes)
    }

    /// False when these details would be too many for one attempt, so that they are dropped.
    pub fn has_room_for(&self, key: &DetailsKey) -> bool {
        self.evidence.details.as_ref().is_none_or(|known| known.has(key) || known.sum(key).is_some())
    }

    /// Adds details that the attempt has room for. True if they are new.
    pub(super) fn add_details(&mut self, key: &DetailsKey) -> bool {
        let known = self.evidence.details.get_or_insert_default();
        let Err(at) = known.digests.binary_search(&key.short_digest()) else { return false };
        let Some((bytes, annotations)) = known.sum(key) else { return false };
        (known.bytes, known.annotations) = (bytes, annotations);
        if known.digests.len() < DIGESTS_MAX {
            known.digests.insert(at, key.short_digest());
        }
        true
    }
}
