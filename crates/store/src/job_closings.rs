//! Ending an attempt that no build system ends: the watchdog's and operators' word, written like a report.

use crate::history::{self, Entry};
use crate::rows;
use crate::sql::values;
use crate::unit_of_work::UnitOfWork;
use domain::error::{Error, Result};
use domain::model::events::{Event, StatusBefore};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Arrival, Receipt};

/// Closes each; what one of them cannot be does not touch the others.
pub fn close_all(unit: &mut UnitOfWork, closings: &[JobClosing]) -> Result<Vec<Result<Option<Receipt>>>> {
    let mut answers = Vec::with_capacity(closings.len());
    for closing in closings {
        match close(unit, closing) {
            // These undo everything.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            answer => answers.push(answer),
        }
    }
    Ok(answers)
}

fn close(unit: &mut UnitOfWork, closing: &JobClosing) -> Result<Option<Receipt>> {
    let repository = closing.repository_id;
    let absent = || Error::NotFound { noun: "job" };
    let mut counters = unit.counters(repository)?.ok_or_else(absent)?;
    // An attempt that this group made is asked for too.
    unit.flush()?;
    let pipeline: Option<i64> = unit.sql().first(
        "SELECT pipeline_id FROM jobs WHERE repository_id = ?1 AND id = ?2",
        values![repository.get(), closing.job_id.get()],
        |row| row.get(0),
    )?;
    let pipeline = pipeline.map(rows::pipeline_id).transpose()?.ok_or_else(absent)?;
    if let Some(since) = closing.inactive_since
        && history::heard_at(unit.sql(), repository, closing.job_id)?.is_some_and(|heard| heard >= since)
    {
        return Ok(None);
    }
    let mut run = unit.take_state(repository, pipeline)?.ok_or_else(absent)?;
    // Whoever only fills a silence does not talk over an end.
    if closing.inactive_since.is_some()
        && run.job(closing.job_id).is_some_and(|job| job.attempt.status.is_finished())
    {
        unit.return_unchanged(run);
        return Ok(None);
    }
    let said = closing.reported_state();
    let arrival = Arrival { received_at: closing.closed_at, seq: counters.report + 1 };
    let before = StatusBefore::capture(&run);
    let (receipt, touched) = match run.close(closing.job_id, &said, arrival) {
        Ok(closed) => closed,
        Err(refused) => {
            unit.return_unchanged(run);
            return Err(refused);
        }
    };
    let of = (receipt.job_id, touched.previous_status);
    if let Some(event) = Event::from_change(&run, before, of, counters.event + 1, closing.closed_at) {
        counters.event = event.number;
        unit.record_event(&event)?;
    }
    unit.return_changed(run, before, receipt.job_id, touched);
    counters.report = arrival.seq;
    unit.count(repository, counters, closing.closed_at);
    history::write(unit, &Entry::of_closing(closing, &said, arrival, &receipt));
    Ok(Some(receipt))
}
