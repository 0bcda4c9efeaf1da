//! `POST /api/v4/projects/{project}/statuses/{sha}` and `GET /api/v4/projects/{project}/repository/commits/{sha}/statuses`.

use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job, as a status of its commit (reporters fact 1.5). A status is one of `pending running success failed canceled
/// skipped`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommitStatus {
    /// The attempt, 1 to 2147483647; the same as of the job.
    pub id: i32,
    /// The commit, whole.
    pub sha: String,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// One of the six words.
    pub status: String,
    /// The name, or `default`.
    pub name: String,
    /// Where its log is.
    pub target_url: Option<String>,
    /// One line for people.
    pub description: Option<String>,
    /// When it was first heard of.
    pub created_at: String,
    /// When it began to run.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// A bad end does not make the pipeline fail.
    pub allow_failure: bool,
    /// Percent.
    pub coverage: Option<f64>,
    /// The pipeline it is in.
    pub pipeline_id: i32,
    /// Only of one that failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_reason: Option<String>,
    /// Who reported it first; null when that user is gone.
    pub author: Option<BasicUser>,
}
