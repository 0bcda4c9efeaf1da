//! Ending an attempt that no build system ends: the watchdog's and operators' word, written like a report.

use crate::desk::Desk;
use crate::history::{self, Entry};
use crate::rows;
use crate::sql::values;
use domain::error::{Error, Result};
use domain::model::closings::Closing;
use domain::model::events::{Before, Event};
use domain::model::reports::{Arrival, Receipt};

/// Closes each; what one of them cannot be does not touch the others.
pub fn close_all(desk: &mut Desk, closings: &[Closing]) -> Result<Vec<Result<Option<Receipt>>>> {
    let mut answers = Vec::with_capacity(closings.len());
    for closing in closings {
        match close(desk, closing) {
            // These undo everything.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            answer => answers.push(answer),
        }
    }
    Ok(answers)
}

fn close(desk: &mut Desk, closing: &Closing) -> Result<Option<Receipt>> {
    let repository = closing.repository_id;
    let absent = || Error::NotFound { noun: "job" };
    let mut counters = desk.counters(repository)?.ok_or_else(absent)?;
    // An attempt that this group made is asked for too.
    desk.flush()?;
    let pipeline: Option<i64> = desk.sql().first(
        "SELECT pipeline_id FROM jobs WHERE repository_id = ?1 AND id = ?2",
        values![repository.get(), closing.job_id.get()],
        |row| row.get(0),
    )?;
    let pipeline = pipeline.map(rows::pipeline_id).transpose()?.ok_or_else(absent)?;
    if let Some(since) = closing.unheard_since
        && history::heard_at(desk.sql(), repository, closing.job_id)?.is_some_and(|heard| heard >= since)
    {
        return Ok(None);
    }
    let mut run = desk.take_run(repository, pipeline)?.ok_or_else(absent)?;
    // Whoever only fills a silence does not talk over an end.
    if closing.unheard_since.is_some()
        && run.job(closing.job_id).is_some_and(|job| job.attempt.status.is_finished())
    {
        desk.put_run(run);
        return Ok(None);
    }
    let said = closing.said();
    let arrival = Arrival { received_at: closing.closed_at, seq: counters.report + 1 };
    let before = Before::of(&run);
    let (receipt, touched) = match run.close(closing.job_id, &said, arrival) {
        Ok(closed) => closed,
        Err(refused) => {
            desk.put_run(run);
            return Err(refused);
        }
    };
    let of = (receipt.job_id, touched.was);
    if let Some(event) = Event::of(&run, before, of, counters.event + 1, closing.closed_at) {
        counters.event = event.number;
        desk.tell(&event)?;
    }
    desk.put_changed(run, before, receipt.job_id, touched);
    counters.report = arrival.seq;
    desk.count(repository, counters, closing.closed_at);
    history::write(desk, &Entry::of_closing(closing, &said, arrival, &receipt));
    Ok(Some(receipt))
}
