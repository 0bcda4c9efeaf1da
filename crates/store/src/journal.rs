//! The journal: reports are durable when the journal has them, and are written to the other tables later, many
//! at once. This applies what a process left in the journal that was killed, or whose commit failed.

use crate::reports;
use crate::rows::journal::{self, Record};
use crate::sql::corrupt;
use crate::unit_of_work::UnitOfWork;
use domain::{Error, Result};
use std::sync::Arc;

/// Applies the reports of the journal in memory, where they wait for the next commit to the other tables.
/// Returns their number.
///
/// # Errors
/// [`Error::Internal`] if a record is damaged or now has another outcome; [`Error::Unavailable`].
pub fn replay(unit: &mut UnitOfWork) -> Result<usize> {
    let mut count = 0;
    for body in journal::load(unit.sql())? {
        let before = count;
        for Record { batch, outcome } in journal::decode(&body)? {
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
        unit.note_replayed(count - before, body.len());
    }
    unit.end_replay();
    Ok(count)
}

/// Writes the reports of the journal to the other tables, and returns their number.
///
/// # Errors
/// As [`replay`].
pub fn apply(unit: &mut UnitOfWork) -> Result<usize> {
    let count = replay(unit)?;
    if count > 0 || unit.has_unapplied() {
        unit.start_group(std::iter::empty(), true)?;
        unit.commit()?;
    }
    unit.end_group();
    Ok(count)
}
