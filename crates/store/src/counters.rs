//! What the store counts for `/metrics`, the same in every engine: counted once it is committed, whoever asked for it.

use domain::model::reports::{Authority, Effect, Receipt};
use domain::model::retention::DeletedRows;
use metrics::{counter, describe_counter};

const CLOSED: &str = "stagepost_watchdog_closed_total";
const PIPELINES: &str = "stagepost_pruned_pipelines_total";
const JOBS: &str = "stagepost_pruned_jobs_total";
const REPORTS: &str = "stagepost_pruned_reports_total";

/// Lets the counters be there from the start, so that a rise from nothing is seen.
pub fn begin() {
    for (name, what) in [
        (CLOSED, "Jobs that the watchdog ended"),
        (PIPELINES, "Pipelines taken away"),
        (JOBS, "Attempts taken away with their pipelines"),
        (REPORTS, "Reports taken away with their pipelines"),
    ] {
        describe_counter!(name, what);
        counter!(name).increment(0);
    }
}

pub(crate) fn closed(authority: Authority, receipt: &Receipt) {
    if authority == Authority::Watchdog && receipt.effect == Effect::Changed {
        counter!(CLOSED).increment(1);
    }
}

pub(crate) fn expired(gone: bool) {
    counter!(PIPELINES).increment(u64::from(gone));
}

pub(crate) fn swept(swept: &DeletedRows) {
    counter!(JOBS).increment(swept.jobs);
    counter!(REPORTS).increment(swept.reports);
}
