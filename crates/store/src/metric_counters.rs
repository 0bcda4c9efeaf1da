//! The counters of the store for `/metrics`. They count after the commit, the same on every engine.

use domain::model::reports::{Authority, Effect, Receipt};
use domain::model::retention::DeletedRows;
use domain::ports::Receipts;
use metrics::{Counter, counter};
use std::sync::{Mutex, PoisonError};

const RECEIVED: &str = "stagepost_reports_total";
const CLOSED: &str = "stagepost_watchdog_closed_total";
const PIPELINES: &str = "stagepost_pruned_pipelines_total";
const JOBS: &str = "stagepost_pruned_jobs_total";
const REPORTS: &str = "stagepost_pruned_reports_total";
const MOVED: &str = "stagepost_migrated_rows_total";

/// Registers the counters with the value 0, so that the first increase is visible.
pub fn register() {
    for name in [CLOSED, PIPELINES, JOBS, REPORTS, MOVED] {
        counter!(name).increment(0);
    }
}

/// The counters of accepted and of refused reports, by the name of the dialect. To find a counter by its labels takes
/// several allocations.
static REPORTS_OF_DIALECTS: Mutex<Vec<(&str, [Counter; 2])>> = Mutex::new(Vec::new());

/// Counts the reports of a batch by the name of its dialect.
pub(crate) fn count_reports(dialect: &'static str, receipts: &Receipts) {
    let accepted = receipts.iter().filter(|receipt| receipt.is_ok()).count();
    let mut dialects = REPORTS_OF_DIALECTS.lock().unwrap_or_else(PoisonError::into_inner);
    let at = dialects.iter().position(|(name, _)| *name == dialect).unwrap_or_else(|| {
        let counter = |result: &'static str| counter!(RECEIVED, "dialect" => dialect, "result" => result);
        dialects.push((dialect, ["accepted", "refused"].map(counter)));
        dialects.len() - 1
    });
    let [of_accepted, of_refused] = &dialects[at].1;
    of_accepted.increment(accepted as u64);
    of_refused.increment((receipts.len() - accepted) as u64);
}

pub(crate) fn count_closed(authority: Authority, receipt: &Receipt) {
    if authority == Authority::Watchdog && receipt.effect == Effect::Changed {
        counter!(CLOSED).increment(1);
    }
}

pub(crate) fn count_deleted_pipeline(deleted: bool) {
    counter!(PIPELINES).increment(u64::from(deleted));
}

pub(crate) fn count_swept(swept: &DeletedRows) {
    counter!(JOBS).increment(swept.jobs);
    counter!(REPORTS).increment(swept.reports);
}

pub(crate) fn count_moved(rows: u64) {
    counter!(MOVED).increment(rows);
}
