//! The journal: reports are durable when the journal has them, and are written to the tables later, many at once, by a
//! thread of its own. This applies what a killed process left in the journal, and what it has after a failed commit.

mod applier;
mod files;
mod format;
mod recovery;

pub use applier::{Applier, Apply, Reader, not_applied};
pub use files::{CREATED, JournalFiles, OnFatal, create, paths, remove};
pub use recovery::{Files, LaterCommits};

use crate::reports;
use crate::rows::journal::{self, Record};
use crate::sql::corrupt;
use crate::unit_of_work::{Prefetch, UnitOfWork};
use domain::{Error, Result};
use std::fmt::Display;
use std::sync::Arc;

/// Why the journal cannot be applied.
#[derive(Debug)]
pub enum ReplayError {
    /// A commit is damaged, or its reports have another outcome than they had.
    Refused(String),
    /// The store failed.
    Store(Error),
}

impl From<Error> for ReplayError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<ReplayError> for Error {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Refused(reason) => corrupt(reason),
            ReplayError::Store(error) => error,
        }
    }
}

/// Applies reports in memory, where they wait for the next commit to the tables: those of the table of the journal, and
/// of the commits in its files. Returns their number.
///
/// # Errors
/// [`ReplayError`].
pub fn replay(unit: &mut UnitOfWork, commits: &LaterCommits) -> Result<usize, ReplayError> {
    let mut count = 0;
    for body in &journal::load(unit.sql())? {
        count += replay_commit(unit, body)?;
    }
    for body in &commits.bodies {
        count += replay_commit(unit, body)?;
    }
    unit.end_replay(if commits.bodies.is_empty() { 0 } else { commits.last });
    Ok(count)
}

fn replay_commit(unit: &mut UnitOfWork, body: &[u8]) -> Result<usize, ReplayError> {
    let mut count = 0;
    let records = journal::decode(body).map_err(|error| match error {
        Error::Internal(reason) => ReplayError::Refused(reason),
        error => ReplayError::Store(error),
    })?;
    for Record { batch, outcome } in records {
        let (repository, batch) = (batch.repository_id, Arc::new(batch));
        let refused = |why: &dyn Display| {
            ReplayError::Refused(format!("reports of the journal for repository {repository}: {why}"))
        };
        let receipts = reports::record(unit, &batch).map_err(|error| match error {
            error @ (Error::Unavailable(_) | Error::Internal(_)) => ReplayError::Store(error),
            other => refused(&other),
        })?;
        if journal::encode_outcome(&receipts) != outcome {
            return Err(refused(&"they have another outcome than they had"));
        }
        count += receipts.len();
    }
    unit.note_replayed(count, body.len());
    Ok(count)
}

/// Applies the reports of the journal in memory again, after a failure emptied it.
///
/// # Errors
/// [`Error::Internal`], [`Error::Unavailable`].
pub fn recover(unit: &mut UnitOfWork) -> Result<()> {
    let commits = unit.read_files()?;
    let result = replay(unit, &commits);
    if result.is_err() {
        unit.roll_back();
    }
    unit.end_group();
    result.map(drop).map_err(Error::from)
}

/// Writes the reports of the journal to the tables, and returns their number.
///
/// # Errors
/// As [`replay`].
pub fn apply(unit: &mut UnitOfWork, commits: &LaterCommits) -> Result<usize, ReplayError> {
    let count = replay(unit, commits)?;
    if unit.has_unapplied() {
        unit.start_group(&Prefetch::of(std::iter::empty()), false)?;
        unit.commit()?;
    }
    unit.end_group();
    Ok(count)
}
