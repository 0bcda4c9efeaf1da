//! `POST /native/v1/repositories/{id}/reports`.

use super::problem::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One status message. Only `sha`, `ref`, `name` and `status` are required: they are a `Required`, a text in a report
/// that is sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Report")]
#[expect(missing_docs, reason = "docs/api/native.md describes the fields")]
pub struct Report<Required = String> {
    pub sha: Required,
    #[serde(rename = "ref")]
    pub git_ref: Required,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage_order: Option<i32>,
    pub name: Required,
    pub status: Required,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_key: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_user: Option<String>,
}

/// A report as the server reads it: a required field may be absent, so that the error for it comes in its turn.
pub type ReceivedReport = Report<Option<String>>;

/// The answer to one accepted report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// The report's number in its repository.
    pub report_id: i64,
    /// The pipeline it went to.
    pub pipeline_id: i32,
    /// The stage it went to.
    pub stage_id: i32,
    /// The attempt it went to.
    pub job_id: i32,
    /// The attempt's number, from 1.
    pub attempt: i32,
    /// `created`, `changed`, `repeated` or `late`.
    pub effect: String,
    /// The fields it changed.
    pub changed: Vec<String>,
    /// The attempt's status after it.
    pub status: String,
    /// The pipeline's status after it.
    pub pipeline_status: String,
}

/// The answer to one report of a batch: `receipt` or `error`, and the HTTP status it would have had alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportAnswer")]
pub struct ReportResult {
    /// 201, or the status of `error`.
    pub code: u16,
    /// When it was accepted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub receipt: Option<Receipt>,
    /// When it was refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Problem>,
}
