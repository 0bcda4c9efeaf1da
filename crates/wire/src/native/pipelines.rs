//! `GET /native/v1/repositories/{id}/pipelines` and one of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
pub struct Pipeline {
    pub id: i32,
    pub repository_id: i32,
    pub sha: String,
    #[serde(rename = "ref")]
    pub git_ref: String,
    pub source: String,
    /// The reporters' word for it; null where they have none.
    pub pipeline_key: Option<String>,
    pub status: String,
    pub web_url: Option<String>,
    pub trigger_user: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub job_count: u32,
    /// Grows with every change.
    pub version: i64,
}

/// Some pipelines, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineList {
    /// The pipelines.
    pub pipelines: Vec<Pipeline>,
    /// Give this as `before` for the next page; null on the last. A page may be short, even empty, and not be the last.
    pub next_before: Option<i32>,
    /// All that fit, exactly; only where `total=true` asked for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<u64>,
}
