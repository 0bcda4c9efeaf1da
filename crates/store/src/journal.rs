//! The journal: reports are durable when the journal has them, and are written to the tables later, many at once, by a
//! thread of its own. This applies what a process left in the journal that was killed, or whose commit failed.

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
use crate::unit_of_work::UnitOfWork;
use domain::{Error, Result};
use std::sync::Arc;

/// Applies reports in memory, where they wait for the next commit to the tables: those of the table of the journal, and
/// of the commits in its files. Returns their number.
///
/// # Errors
/// [`Error::Internal`] if a commit is damaged or now has another outcome; [`Error::Unavailable`].
pub fn replay(unit: &mut UnitOfWork, commits: &LaterCommits) -> Result<usize> {
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

fn replay_commit(unit: &mut UnitOfWork, body: &[u8]) -> Result<usize> {
    let mut count = 0;
    for Record { batch, outcome } in journal::decode(body)? {
        let (repository, batch) = (batch.repository_id, Arc::new(batch));
        let receipts = reports::record(unit, &batch).map_err(|error| match error {
            error @ Error::Unavailable(_) => error,
            other => corrupt(format!("reports of the journal for repository {repository}: {other}")),
        })?;
        if journal::encode_outcome(&receipts) != outcome {
            return Err(corrupt(format!(
                "reports of the journal for repository {repository} have another outcome than they had"
            )));
        }
        count += receipts.len();
    }
    unit.note_replayed(count, body.len());
    Ok(count)
}

/// Applies the reports of the journal in memory again, after a failure emptied it.
///
/// # Errors
/// As [`replay`].
pub fn recover(unit: &mut UnitOfWork) -> Result<()> {
    let commits = unit.read_files()?;
    let result = replay(unit, &commits);
    if result.is_err() {
        unit.roll_back();
    }
    unit.end_group();
    result.map(drop)
}

/// Writes the reports of the journal to the tables, and returns their number.
///
/// # Errors
/// As [`replay`].
pub fn apply(unit: &mut UnitOfWork, commits: &LaterCommits) -> Result<usize> {
    let count = replay(unit, commits)?;
    if unit.has_unapplied() {
        unit.start_group(std::iter::empty())?;
        unit.commit()?;
    }
    unit.end_group();
    Ok(count)
}
