//! `GET /api/v4/projects/{project}/pipelines`, `.../pipelines/latest` and `.../pipelines/{pipeline_id}`.

use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pipeline in a list, and as commits and jobs name theirs (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
    /// 1 to 2147483647.
    pub id: i32,
    /// The number in its project; here ids are that already.
    pub iid: i32,
    /// The repository.
    pub project_id: i32,
    /// The commit, whole.
    pub sha: String,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// One of the six words.
    pub status: String,
    /// What kind of thing reports; `external` through this API.
    pub source: String,
    /// When it was first heard of.
    pub created_at: String,
    /// When any of it last changed.
    pub updated_at: String,
    /// Where a person sees it.
    pub web_url: String,
    /// The reporters' own word for it.
    pub name: Option<String>,
}

/// A pipeline alone. Go clients hold the durations as integers and `coverage` as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineDetail {
    /// As in a list.
    #[serde(flatten)]
    pub pipeline: Pipeline,
    /// Forty zeros: the commit before is not known here.
    pub before_sha: String,
    /// Its ref is a tag.
    pub tag: bool,
    /// Always null.
    pub yaml_errors: Option<String>,
    /// Who reported its first job.
    pub user: Option<BasicUser>,
    /// When its first job began to run.
    pub started_at: Option<String>,
    /// When its last job ended.
    pub finished_at: Option<String>,
    /// Always null: commits are not kept here.
    pub committed_at: Option<String>,
    /// From start to end, in seconds.
    pub duration: Option<i64>,
    /// From creation to start, in seconds.
    pub queued_duration: Option<i64>,
    /// Mean of the jobs that have one, percent: `98.29`.
    pub coverage: Option<String>,
    /// The status as a page shows it.
    pub detailed_status: DetailedStatus,
}

/// A status as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailedStatus {
    /// `status_success`.
    pub icon: String,
    /// `Passed`.
    pub text: String,
    /// `passed`.
    pub label: String,
    /// `success`.
    pub group: String,
    /// `passed`.
    pub tooltip: String,
    /// There is a page.
    pub has_details: bool,
    /// The page, without scheme and host.
    pub details_path: String,
    /// Always null.
    pub illustration: Option<serde_json::Value>,
    /// Always empty.
    pub favicon: String,
}
