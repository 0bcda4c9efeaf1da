//! `GET /native/v1/repositories/{id}/jobs/{job_id}/history`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One report of an attempt: who said what, when, and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The report's number in its repository.
    pub report_id: i64,
    /// Who reported; null: Stagepost itself.
    pub reporter: Option<String>,
    /// The protocol it came in by: `native`, `gitlab`, `import`; `watchdog` where it is Stagepost's own.
    pub dialect: String,
    /// Whose word it is: `reporter`, `operator` or `watchdog`.
    pub authority: String,
    /// When it reached the server.
    pub received_at: String,
    /// When it happened, as the reporter said.
    pub occurred_at: Option<String>,
    /// What it said; as are the fields down to `finished_at`.
    pub status: String,
    /// The build system's id of the attempt.
    pub third_build_id: Option<String>,
    /// Where a person sees it.
    pub target_url: Option<String>,
    /// A line for people.
    pub description: Option<String>,
    /// Percent.
    pub coverage: Option<f64>,
    /// A bad end does not count.
    pub allow_failure: Option<bool>,
    /// When it began to run.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// `created`, `changed`, `repeated` or `late`.
    pub effect: String,
    /// The fields it changed.
    pub changed: Vec<String>,
    /// How the attempt stood after it; null where an older version did not note it.
    pub status_after: Option<String>,
    /// An operator's own words, or the limit that a silence went over.
    pub reason: Option<String>,
    /// One sentence in the caller's language: what it changed, or why it did not.
    pub why: String,
}

/// Some of the reports of an attempt, in order of arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The reports.
    pub history: Vec<Entry>,
    /// Give this as `after` for the next page; null on the last.
    pub next_after: Option<i64>,
}
