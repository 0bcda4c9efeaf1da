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
#[serde(default)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
#[schemars(rename = "ImportedPipeline")]
pub struct Pipeline {
    pub repository_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub sha: String,
    #[serde(rename = "ref")]
    pub git_ref: String,
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
    pub stages: Vec<Stage>,
}

/// A stage with its jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
#[schemars(rename = "ImportedStage")]
pub struct Stage {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_id: Option<i64>,
    pub jobs: Vec<Job>,
}

/// A job; several of one name in one stage are its attempts, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
#[schemars(rename = "ImportedJob")]
pub struct Job {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub name: String,
    pub status: String,
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
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

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
