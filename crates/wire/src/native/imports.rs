//! `POST /native/v1/import`: NDJSON, one repository or one whole pipeline a line, each answered on its own and in order.

use super::problem::Problem;
use super::repositories::NewRepository;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(rename = "ImportLine")]
pub enum ImportLine {
    /// A repository.
    Repository(NewRepository),
    /// A pipeline with its stages and jobs.
    Pipeline(Pipeline),
}

/// A pipeline with its stages and jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "docs/api/native.md describes the fields")]
#[schemars(rename = "ImportedPipeline")]
pub struct Pipeline<Required = String> {
    pub repository_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub sha: Required,
    #[serde(rename = "ref")]
    pub git_ref: Required,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    #[serde(default)]
    pub stages: Vec<Stage<Required>>,
}

/// A stage with its jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "docs/api/native.md describes the fields")]
#[schemars(rename = "ImportedStage")]
pub struct Stage<Required = String> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub name: Required,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_id: Option<i64>,
    #[serde(default)]
    pub jobs: Vec<Job<Required>>,
}

/// A job; several of one name in one stage are its attempts, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "docs/api/native.md describes the fields")]
#[schemars(rename = "ImportedJob")]
pub struct Job<Required = String> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub name: Required,
    pub status: Required,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub third_build_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_failure: Option<bool>,
    pub created_at: Required,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A pipeline as the server reads it: a required field may be absent, so that the error for it comes in its turn.
pub type ReceivedPipeline = Pipeline<Option<String>>;
/// A stage as the server reads it.
pub type ReceivedStage = Stage<Option<String>>;
/// A job as the server reads it.
pub type ReceivedJob = Job<Option<String>>;

/// The answer to one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportAnswer")]
pub struct ImportResult {
    /// The line's number, from 1.
    pub line: u64,
    /// `added`, `known` (it was there; nothing changed) or `refused`.
    pub result: String,
    /// When it was refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Problem>,
}
