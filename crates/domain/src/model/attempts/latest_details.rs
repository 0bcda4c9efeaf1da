//! Which details the reports of an attempt gave: the latest different ones, of which its details consist.

use super::{Attempt, Order};
use crate::model::details::{ATTEMPT_DETAILS_MAX, DetailsKey};

/// The details of the latest reports of an attempt, each once, the latest at the end, at most
/// [`ATTEMPT_DETAILS_MAX`]. They are the same for the reports in any order, with any repeats: details are as
/// late as the latest report that has them, and an earlier report never brings back what is not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LatestDetails(pub Vec<(Order, [u8; 32])>);

impl LatestDetails {
    fn position(&self, key: &DetailsKey) -> Option<usize> {
        self.0.iter().position(|(_, known)| *known == key.digest)
    }

    /// Adds the details of a report. True if that changes the details of the attempt: they are new, or later
    /// than others that were later.
    fn add(&mut self, key: &DetailsKey, order: Order) -> bool {
        let added = (order, key.digest);
        let position = self.position(key);
        let place = self.0.partition_point(|known| *known < added);
        match position {
            // The place is after the details themselves if they are later than before.
            Some(at) if place <= at => false,
            Some(at) => {
                self.0[at] = added;
                self.0[at..place].rotate_left(1);
                place > at + 1
            }
            None if self.0.len() < ATTEMPT_DETAILS_MAX => {
                self.0.insert(place, added);
                true
            }
            None if place == 0 => false,
            None => {
                self.0[0] = added;
                self.0[..place].rotate_left(1);
                true
            }
        }
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.0.capacity() * size_of::<(Order, [u8; 32])>()
    }
}

impl Attempt {
    /// True when a report of the attempt had details.
    pub fn has_details(&self) -> bool {
        self.evidence.details.is_some()
    }

    /// The digests of the details that make up those of the attempt, the latest first; at most
    /// [`ATTEMPT_DETAILS_MAX`].
    pub fn latest_details(&self) -> impl Iterator<Item = [u8; 32]> {
        let latest = self.evidence.details.iter().flat_map(|latest| latest.0.iter().rev());
        latest.map(|(_, digest)| *digest)
    }

    /// True when these details are among the latest ones.
    pub(super) fn knows_details(&self, key: &DetailsKey) -> bool {
        self.evidence.details.as_ref().is_some_and(|latest| latest.position(key).is_some())
    }

    /// Adds the details of a report. True if they change those of the attempt.
    pub(super) fn add_details(&mut self, key: &DetailsKey, order: Order) -> bool {
        self.evidence.details.get_or_insert_default().add(key, order)
    }
}
