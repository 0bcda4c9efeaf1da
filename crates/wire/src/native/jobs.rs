//! `GET /native/v1/repositories/{id}/pipelines/{pipeline_id}/jobs`; across pipelines `GET .../jobs`, and one of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
pub struct Job {
    pub id: i32,
    pub pipeline_id: i32,
    pub stage_id: i32,
    pub stage: String,
    pub name: String,
    pub attempt: i32,
    /// False for attempts that a newer one replaced.
    pub newest: bool,
    pub status: String,
    pub sha: String,
    #[serde(rename = "ref")]
    pub git_ref: String,
    pub third_build_id: Option<String>,
    pub target_url: Option<String>,
    pub description: Option<String>,
    pub coverage: Option<f64>,
    pub allow_failure: bool,
    pub created_at: String,
    pub updated_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
}

/// Some attempts, ascending by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobList {
    /// The attempts of this page.
    pub jobs: Vec<Job>,
    /// All attempts of the pipeline.
    pub total: u64,
}

/// One attempt, with what is known of who reported it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundJob {
    /// The attempt.
    #[serde(flatten)]
    pub job: Job,
    /// When a report of it last reached the server, whatever it changed.
    pub heard_at: String,
    /// Who reported it first; null when that user is gone.
    pub reporter: Option<String>,
}

/// Some attempts across pipelines, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundJobList {
    /// The attempts.
    pub jobs: Vec<FoundJob>,
    /// Give this as `before` for the next page; null on the last. A page may be short, even empty, and not be the last.
    pub next_before: Option<i32>,
    /// All that fit, exactly; only where `total=true` asked for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<u64>,
}
