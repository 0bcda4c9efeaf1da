//! The journal as the unit of work uses it: the commit that is being collected, and the generations that are not in
//! the tables.

use super::frozen::FrozenRows;
use crate::journal::{Applier, JournalFiles, LaterCommits, Reader};
use crate::rows::journal::Commit;
use crate::unapplied::Unapplied;
use domain::model::events::Event;
use domain::model::ids::RepositoryId;
use domain::{Error, Result};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// With this number of reports, or half of the maximum of bytes, a generation is applied, if the one before is in the
/// tables. Bounds how long applying them takes.
const REPORTS_FULL: usize = 20_000;
/// The maximum of reports in a generation: bounds the memory. It is larger, so that the writer does not wait when
/// applying the generation before takes longer, because it merges the write-ahead log.
const REPORTS_MAX: usize = REPORTS_FULL / 2 * 3;
/// The maximum of bytes in a generation, if the memory allows.
const BYTES_MAX: usize = 16 << 20;
/// The pause after a generation could not be applied.
const APPLY_PAUSE: Duration = Duration::from_secs(1);

/// The journal of a store.
pub struct Journaling {
    /// The state of the journal for readers.
    pub unapplied: Arc<Unapplied>,
    /// How long reports may be in the journal only.
    delay: Duration,
    bytes_max: usize,
    /// `None`: no reports are added, the journal is only applied.
    pub(super) writing: Option<Writing>,
    /// The commit of this group.
    pub commit: Commit,
    /// The number of reports in `commit`.
    pub reports: usize,
    /// The repositories and the events of `commit`.
    pub repositories: BTreeSet<RepositoryId>,
    pub events: Vec<Arc<Event>>,
    /// This group is committed to the journal only.
    pub appends: bool,
    /// How long the sync of the last commit took, if it was one of the journal.
    pub sync_time: Option<Duration>,
    /// The generation that takes reports.
    pub(super) open: Open,
    /// The generation before, until its rows are in the tables.
    pub(super) frozen: Option<Arc<FrozenRows>>,
    /// When to try again to apply what could not be applied.
    pub(super) retry_at: Option<Instant>,
    /// The number of the last commit that the tables have.
    applied: u64,
    /// The memory does not have what the journal holds, because a commit failed.
    pub is_stale: bool,
}

/// Adds reports to the journal and applies them.
pub(super) struct Writing {
    pub files: JournalFiles,
    pub applier: Applier,
}

/// A generation that takes reports.
#[derive(Default)]
pub(super) struct Open {
    /// The numbers of reports and of bytes.
    pub held: (usize, usize),
    /// When the first report was added.
    pub since: Option<Instant>,
    /// The number of the last commit in the files; 0: the table has the commits.
    pub last: u64,
    /// It has the commits of both files.
    pub in_both_files: bool,
}

impl Journaling {
    /// An empty journal. A generation has at most three quarters of `bytes`, and is applied from half of that on.
    pub fn new(unapplied: Arc<Unapplied>, delay: Duration, bytes: u64) -> Self {
        Self {
            unapplied,
            delay,
            bytes_max: usize::try_from(bytes / 4 * 3).unwrap_or(usize::MAX).min(BYTES_MAX),
            writing: None,
            commit: Commit::default(),
            reports: 0,
            repositories: BTreeSet::new(),
            events: Vec::new(),
            appends: false,
            sync_time: None,
            open: Open::default(),
            frozen: None,
            retry_at: None,
            applied: 0,
            is_stale: false,
        }
    }

    /// The generation that takes reports has some.
    pub fn has_open(&self) -> bool {
        self.open.since.is_some()
    }

    /// The generation that takes reports is to end as soon as the one before is in the tables.
    pub fn is_full(&self) -> bool {
        self.open.held.0 >= REPORTS_FULL || self.open.held.1 >= self.bytes_max / 2
    }

    /// The generation that takes reports may take no more.
    pub fn is_at_maximum(&self) -> bool {
        self.open.held.0 >= REPORTS_MAX || self.open.held.1 >= self.bytes_max
    }

    /// When the journal is to be applied; `None` if there is nothing to apply, or if it is being applied. `at_once`: as
    /// soon as it has reports.
    pub fn due_at(&self, at_once: bool) -> Option<Instant> {
        match (self.retry_at, &self.frozen, self.open.since) {
            (Some(retry_at), ..) => Some(retry_at),
            (None, None, Some(since)) => {
                Some(if at_once || self.is_full() { since } else { since + self.delay })
            }
            _ => None,
        }
    }

    /// Counts reports and bytes of a commit that was added.
    pub fn add(&mut self, reports: usize, bytes: usize) {
        let held = self.open.held;
        self.open.held = (held.0 + reports, held.1 + bytes);
        self.open.since.get_or_insert_with(Instant::now);
        if let Some(writing) = &self.writing {
            self.open.last = writing.files.last();
        }
    }

    /// Everything was written to the tables.
    pub fn clear(&mut self) {
        self.unapplied.clear();
        self.applied = self.applied.max(self.open.last);
        self.open = Open::default();
        self.retry_at = None;
        if let Some(writing) = &mut self.writing {
            writing.files.next_generation();
        }
    }

    /// Starts to apply a frozen generation.
    pub fn apply(&mut self, rows: FrozenRows) {
        let Some(writing) = &mut self.writing else { return };
        let rows = Arc::new(rows);
        writing.files.next_generation();
        self.open = Open::default();
        self.unapplied.freeze();
        writing.applier.apply(Arc::clone(&rows));
        (self.frozen, self.retry_at) = (Some(rows), None);
    }

    /// Tries again to apply the frozen generation, if that failed.
    pub fn retry(&mut self) {
        if let (Some(rows), Some(writing), Some(_)) = (&self.frozen, &self.writing, self.retry_at) {
            writing.applier.apply(Arc::clone(rows));
            self.retry_at = None;
        }
    }

    /// Takes note of a generation that was applied meanwhile. Returns it with the error if that failed.
    pub fn collect(&mut self) -> Option<Result<()>> {
        let result = self.writing.as_ref()?.applier.take_result()?;
        self.end_apply(&result);
        Some(result)
    }

    /// Waits until the frozen generation is applied.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: it is tried again later.
    pub fn wait(&mut self) -> Result<()> {
        let (Some(_), Some(writing)) = (&self.frozen, &self.writing) else { return Ok(()) };
        let result = writing.applier.wait();
        self.end_apply(&result);
        result
    }

    /// Writes the frozen generation to the tables. A try that began earlier may fail by what is gone now: then it is
    /// tried once more.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub fn finish(&mut self) -> Result<()> {
        let began_earlier = self.retry_at.is_none();
        self.retry();
        match self.wait() {
            Err(_) if began_earlier => {
                self.retry();
                self.wait()
            }
            result => result,
        }
    }

    fn end_apply(&mut self, result: &Result<()>) {
        match (result, self.frozen.take()) {
            (Ok(()), Some(rows)) => {
                self.applied = rows.last;
                if let Some(writing) = &self.writing {
                    writing.applier.free(rows);
                }
            }
            (Err(error), rows) => {
                self.frozen = rows;
                self.note_failure(error);
            }
            (Ok(()), None) => {}
        }
    }

    /// The journal could not be applied.
    pub fn note_failure(&mut self, error: &Error) {
        metrics::counter!("stagepost_store_commits_failed_total").increment(1);
        tracing::error!(%error, "the reports of the journal could not be written to the tables");
        self.retry_at = Some(Instant::now() + APPLY_PAUSE);
    }

    /// Sends the result of the frozen generation to a reader.
    pub fn add_reader(&self, reader: Reader) {
        match &self.writing {
            Some(writing) => writing.applier.add_reader(reader),
            None => reader.send(Ok(())),
        }
    }

    /// The memory was emptied, so that the journal must be read again.
    pub fn forget(&mut self) {
        if self.retry_at.is_none() {
            // Succeeds or sets the time of the next try.
            drop(self.wait());
        }
        if self.frozen.take().is_some() {
            self.open.in_both_files = true;
            self.open.since.get_or_insert_with(Instant::now);
            self.unapplied.merge();
        }
        self.retry_at = None;
        self.is_stale = self.has_open();
        self.open.held = (0, 0);
        if !self.is_stale {
            // Scopes of the group that failed.
            self.unapplied.clear();
        }
    }

    /// The commits that the tables lack.
    ///
    /// # Errors
    /// [`Error::Internal`] if some are missing or damaged; [`Error::Unavailable`].
    pub fn read_files(&self) -> Result<LaterCommits> {
        match &self.writing {
            Some(writing) => writing.files.read_after(self.applied),
            None => Ok(LaterCommits::default()),
        }
    }

    /// From now on, reports are added to these files. The tables have all commits in them.
    pub fn start_writing(&mut self, files: JournalFiles, applier: Applier) {
        (self.applied, self.open, self.is_stale) = (files.last(), Open::default(), false);
        self.writing = Some(Writing { files, applier });
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
