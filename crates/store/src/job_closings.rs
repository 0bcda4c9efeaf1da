//! Closings: the watchdog or an operator ends an attempt. The closing is stored like a report.

use crate::rows::jobs;
use crate::rows::reports::{self, NewReport};
use crate::unit_of_work::UnitOfWork;
use domain::error::{Error, Result};
use domain::model::audit::{self, Change};
use domain::model::events::{Event, StatusBefore};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Arrival, Receipt};

/// Closes each attempt. A refused closing does not affect the others.
pub fn close_all(unit: &mut UnitOfWork, closings: &[JobClosing]) -> Result<Vec<Result<Option<Receipt>>>> {
    let mut results = Vec::with_capacity(closings.len());
    for closing in closings {
        match close(unit, closing) {
            // These roll back the whole write.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            result => results.push(result),
        }
    }
    let is_closed = |at: usize| matches!(results.get(at), Some(Ok(Some(_))));
    for (repository, closed) in audit::by_repository(closings, is_closed) {
        if let Some(change) = Change::closed(repository, &closed) {
            unit.audit(&change);
        }
    }
    Ok(results)
}

fn close(unit: &mut UnitOfWork, closing: &JobClosing) -> Result<Option<Receipt>> {
    let repository = closing.repository_id;
    let not_found = || Error::NotFound { noun: "job" };
    let mut counters = unit.counters(repository)?.ok_or_else(not_found)?;
    // The queries must see the rows of this group.
    unit.flush()?;
    let pipeline = jobs::pipeline_of(unit.sql(), repository, closing.job_id)?.ok_or_else(not_found)?;
    if let Some(since) = closing.inactive_since
        && reports::last_received_at(unit.sql(), repository, closing.job_id)?.is_some_and(|at| at >= since)
    {
        return Ok(None);
    }
    let mut state = unit.take_state(repository, pipeline)?.ok_or_else(not_found)?;
    // The watchdog does not close an attempt that has ended meanwhile.
    if closing.inactive_since.is_some()
        && state.job(closing.job_id).is_some_and(|job| job.attempt.status.is_finished())
    {
        unit.return_unchanged(state);
        return Ok(None);
    }
    let reported = closing.reported_state();
    let arrival = Arrival { received_at: closing.closed_at, seq: counters.report + 1 };
    let before = StatusBefore::capture(&state);
    let (receipt, changed) = match state.close(closing.job_id, &reported, arrival) {
        Ok(closed) => closed,
        Err(refused) => {
            unit.return_unchanged(state);
            return Err(refused);
        }
    };
    let job = (receipt.job_id, changed.previous_status);
    if let Some(event) = Event::from_change(&state, before, job, counters.event + 1, closing.closed_at) {
        counters.event = event.number;
        unit.add_event(event)?;
    }
    unit.return_changed(state, before, receipt.job_id, changed);
    counters.report = arrival.seq;
    unit.set_counters(repository, counters, closing.closed_at);
    unit.add_report(&NewReport::closed(closing, &reported, arrival, &receipt));
    Ok(Some(receipt))
}
