//! Ending an attempt that no build system ends: the watchdog's and operators' word, written like a report.

use super::desk::Desk;
use super::failed;
use super::history::{self, Entry};
use crate::rows;
use domain::error::{Error, Result};
use domain::model::reports::{Arrival, Receipt, Said};
use domain::ports::Closing;
use rusqlite::OptionalExtension as _;

pub fn close(desk: &mut Desk, closing: &Closing) -> Result<Option<Receipt>> {
    let repository = closing.repository_id;
    let absent = || Error::NotFound { noun: "job" };
    let mut counters = desk.counters(repository)?.ok_or_else(absent)?;
    // An attempt that this group made is asked for too.
    desk.flush()?;
    let pipeline: Option<i64> = desk
        .sql()
        .prepare_cached("SELECT pipeline_id FROM jobs WHERE repository_id = ?1 AND id = ?2")
        .and_then(|mut s| s.query_row([repository.get(), closing.job_id.get()], |row| row.get(0)).optional())
        .map_err(failed)?;
    let pipeline = pipeline.map(rows::pipeline_id).transpose()?.ok_or_else(absent)?;
    if let Some(since) = closing.unheard_since
        && history::heard_at(desk.sql(), repository, closing.job_id)?.is_some_and(|heard| heard >= since)
    {
        return Ok(None);
    }
    let mut run = desk.take_run(repository, pipeline)?.ok_or_else(absent)?;
    let said = Said {
        status: closing.status,
        authority: closing.authority,
        third_build_id: None,
        target_url: None,
        description: None,
        coverage: None,
        allow_failure: None,
        occurred_at: None,
        started_at: None,
        finished_at: None,
    };
    let arrival = Arrival { received_at: closing.closed_at, seq: counters.report + 1 };
    let (receipt, touched) = match run.close(closing.job_id, &said, arrival) {
        Ok(closed) => closed,
        Err(refused) => {
            desk.put_run(run, None);
            return Err(refused);
        }
    };
    desk.put_run(run, Some(touched));
    counters.report = arrival.seq;
    desk.count(repository, counters, closing.closed_at);
    history::write(desk, &Entry::of_closing(closing, &said, arrival, &receipt))?;
    Ok(Some(receipt))
}
