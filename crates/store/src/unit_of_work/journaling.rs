//! The journal as the unit of work uses it: the commit that is being collected, and how much of the journal is
//! not applied to the other tables.

use crate::rows::journal::Commit;
use crate::unapplied::Unapplied;
use domain::model::events::Event;
use domain::model::ids::RepositoryId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The maximum of reports in the journal: bounds the memory, and how long applying them takes.
const REPORTS_MAX: usize = 4_000;
/// The maximum of bytes in the journal, if the memory allows.
const BYTES_MAX: usize = 16 << 20;

/// The journal of a store.
pub struct Journaling {
    /// What readers know of it.
    pub unapplied: Arc<Unapplied>,
    /// How long reports may be in the journal only.
    delay: Duration,
    bytes_max: usize,
    /// The commit of this group.
    pub commit: Commit,
    /// The number of reports in `commit`.
    pub reports: usize,
    /// The repositories and the events of `commit`.
    pub repositories: BTreeSet<RepositoryId>,
    pub events: Vec<Arc<Event>>,
    /// This group is committed to the journal only.
    pub appends: bool,
    /// What the journal holds, in reports and bytes, and since when.
    held: (usize, usize),
    since: Option<Instant>,
    /// The memory does not have what the journal holds, because a commit failed.
    pub is_stale: bool,
}

impl Journaling {
    /// An empty journal that holds at most `bytes` bytes.
    pub fn new(unapplied: Arc<Unapplied>, delay: Duration, bytes: u64) -> Self {
        Self {
            unapplied,
            delay,
            bytes_max: usize::try_from(bytes).unwrap_or(usize::MAX).min(BYTES_MAX),
            commit: Commit::default(),
            reports: 0,
            repositories: BTreeSet::new(),
            events: Vec::new(),
            appends: false,
            held: (0, 0),
            since: None,
            is_stale: false,
        }
    }

    /// The journal holds commits.
    pub fn has_unapplied(&self) -> bool {
        self.since.is_some()
    }

    /// When it is to be applied; `None` if it is empty.
    pub fn due_at(&self) -> Option<Instant> {
        let full = self.held.0 >= REPORTS_MAX || self.held.1 >= self.bytes_max;
        self.since.map(|since| if full { since } else { since + self.delay })
    }

    /// Counts reports and bytes that were added to the journal.
    pub fn add(&mut self, reports: usize, bytes: usize) {
        self.held = (self.held.0 + reports, self.held.1 + bytes);
        self.since.get_or_insert_with(Instant::now);
    }

    /// The journal was applied.
    pub fn clear(&mut self) {
        self.unapplied.clear();
        (self.held, self.since, self.is_stale) = ((0, 0), None, false);
    }

    /// The memory was emptied, so that the journal must be read again.
    pub fn forget(&mut self) {
        self.is_stale = self.has_unapplied();
        self.held = (0, 0);
        if !self.is_stale {
            // Scopes of the group that failed.
            self.unapplied.clear();
        }
    }

    /// Forgets the group.
    pub fn end_group(&mut self) {
        self.commit.clear();
        self.reports = 0;
        self.repositories.clear();
        self.events.clear();
        self.appends = false;
    }
}
