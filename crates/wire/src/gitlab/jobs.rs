//! `GET /api/v4/projects/{project}/pipelines/{pipeline_id}/jobs`, `.../jobs` and `.../jobs/{job_id}`.

use super::commits::CommitBrief;
use super::pipelines::Pipeline;
use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One attempt of a job (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// 1 to 2147483647.
    pub id: i32,
    /// One of `pending running success failed canceled skipped`.
    pub status: String,
    /// The stage's name.
    pub stage: String,
    /// What people call it.
    pub name: String,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// Its ref is a tag.
    pub tag: bool,
    /// Percent.
    pub coverage: Option<f64>,
    /// A bad end does not make the pipeline fail.
    pub allow_failure: bool,
    /// When it was first heard of.
    pub created_at: String,
    /// When it began to run.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// Always null.
    pub erased_at: Option<String>,
    /// From start to end, or until now, in seconds.
    pub duration: Option<f64>,
    /// From creation to start, or until now, in seconds.
    pub queued_duration: Option<f64>,
    /// Who reported it first; null when that user is gone.
    pub user: Option<BasicUser>,
    /// Its commit.
    pub commit: CommitBrief,
    /// Its pipeline.
    pub pipeline: Pipeline,
    /// Only of one that failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_reason: Option<String>,
    /// Where its log is.
    pub web_url: String,
    /// Settings of its project.
    pub project: JobProject,
    /// Always empty.
    pub artifacts: Vec<Value>,
    /// Always null.
    pub runner: Option<Value>,
    /// Always null.
    pub runner_manager: Option<Value>,
    /// Always null.
    pub artifacts_expire_at: Option<String>,
    /// Always false.
    pub archived: bool,
    /// Always empty.
    pub tag_list: Vec<String>,
}

/// What a job says of its project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobProject {
    /// Always false: there are no job tokens here.
    pub ci_job_token_scope_enabled: bool,
}
