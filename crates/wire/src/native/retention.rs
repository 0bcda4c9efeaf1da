//! `POST /native/v1/repositories/{id}/prune`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks what would go, or takes it away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Prune {
    /// Only list what would go.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The last list's `next_after`, as it came; only with `dry_run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A pipeline that may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expired {
    /// Its id.
    pub id: i32,
    /// Its commit.
    pub sha: String,
    /// Its branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// How it ended.
    pub status: String,
    /// When it last changed.
    pub updated_at: String,
    /// Attempts that go with it.
    pub job_count: u32,
}

/// What would go now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrunePreview {
    /// Some of the pipelines.
    pub would_go: Vec<Expired>,
    /// Give this as `after` for the rest; null when this was all. What it holds is the server's own.
    pub next_after: Option<String>,
}

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pruned {
    /// Pipelines.
    pub pipelines: u64,
    /// Attempts.
    pub jobs: u64,
    /// Reports.
    pub reports: u64,
    /// There may be others: ask again.
    pub more: bool,
}
