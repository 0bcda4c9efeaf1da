//! `GET /native/v1/repositories/{id}/insights`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Attempts that ended, counted by how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the five words of an end")]
pub struct OutcomeCounts {
    /// `success`, `failed` and `timedout` together.
    pub runs: u32,
    pub success: u32,
    pub failed: u32,
    pub timedout: u32,
    pub canceled: u32,
    pub skipped: u32,
    /// The part of the runs that succeeded, 0 to 1; null without any.
    pub success_rate: Option<f64>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// In UTC: `2026-11-24`.
    pub date: String,
    /// What ended on it.
    #[serde(flatten)]
    pub ends: OutcomeCounts,
}

/// How one job did: one name in one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobInsight {
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// Its attempts.
    #[serde(flatten)]
    pub ends: OutcomeCounts,
    /// Attempts that a newer one replaced.
    pub retried: u32,
    /// Commits that it both succeeded and failed on.
    pub flaky_commits: u32,
    /// Milliseconds that half of the runs did not exceed; null where no beginning is known.
    pub median_ms: Option<i64>,
    /// Milliseconds that 95 of 100 runs did not exceed.
    pub p95_ms: Option<i64>,
}

/// How the jobs of a repository did of late.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Insights {
    /// How many days of UTC, today among them.
    pub days: i64,
    /// Of pipelines of this ref; null: of all.
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
    /// The order of the jobs.
    pub sort: String,
    /// The beginning of the first day.
    pub since: String,
    /// Now.
    pub until: String,
    /// There were too many attempts: none that ended before this time were looked at. Null: all were.
    pub cut_before: Option<String>,
    /// All attempts together.
    pub total: OutcomeCounts,
    /// All that a newer attempt replaced.
    pub retried: u32,
    /// Every day, the oldest first.
    pub per_day: Vec<Day>,
    /// The jobs; the first 1,000.
    pub jobs: Vec<JobInsight>,
    /// How many jobs there are.
    pub job_count: usize,
    /// How many of them are flaky.
    pub flaky_jobs: usize,
}
