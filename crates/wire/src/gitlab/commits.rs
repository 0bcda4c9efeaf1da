//! `GET /api/v4/projects/{project}/repository/commits/{sha}`.

use super::pipelines::Pipeline;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A commit, as a job names its own. No git is here: what only git knows is empty, and the times are those of its pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitBrief {
    /// The whole id.
    pub id: String,
    /// Its first eight digits.
    pub short_id: String,
    /// Empty.
    pub title: String,
    /// When it was first heard of.
    pub created_at: String,
    /// Empty.
    pub parent_ids: Vec<String>,
    /// Empty.
    pub message: String,
    /// Empty.
    pub author_name: String,
    /// Empty.
    pub author_email: String,
    /// As `created_at`.
    pub authored_date: String,
    /// Empty.
    pub committer_name: String,
    /// Empty.
    pub committer_email: String,
    /// As `created_at`.
    pub committed_date: String,
    /// Empty.
    pub trailers: BTreeMap<String, String>,
    /// Empty.
    pub extended_trailers: BTreeMap<String, Vec<String>>,
    /// Where a person sees it.
    pub web_url: String,
}

/// A commit alone. Reporters read `last_pipeline` to send its id along (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// What a job says of it too.
    #[serde(flatten)]
    pub commit: CommitBrief,
    /// The status of `last_pipeline`.
    pub status: Option<String>,
    /// The repository.
    pub project_id: i32,
    /// Its newest pipeline.
    pub last_pipeline: Option<Pipeline>,
}
