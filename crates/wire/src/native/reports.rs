//! `POST /native/v1/repositories/{id}/reports`.

use super::details::Details;
use super::problem::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One report. Only `sha`, `ref`, `name` and `status` are required. A client sends `Report`, in which they
/// are texts and integers have 32 bits; the server reads [`ReceivedReport`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Report")]
pub struct Report<Required = String, Integer = i32, Line = Integer> {
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: Required,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Required,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The position of the stage in its pipeline.
    #[schemars(extend("zh" = "阶段顺序。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage_order: Option<Integer>,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: Required,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Required,
    /// An existing pipeline of the same commit and ref; not together with `pipeline_key`.
    #[schemars(extend("zh" = "同一提交和 ref 的已有流水线 ID；不能与 `pipeline_key` 同时指定。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_id: Option<Integer>,
    /// The key of the pipeline: reports with the same key belong to the same pipeline.
    #[schemars(extend("zh" = "流水线标识：标识相同的上报归入同一条流水线。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_key: Option<String>,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub third_build_id: Option<String>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_url: Option<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Test coverage in percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// If true, a failure of the job does not fail the pipeline.
    #[schemars(extend("zh" = "允许失败：失败时不影响流水线的状态。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_failure: Option<bool>,
    /// The time at which the status was reached.
    #[schemars(extend("zh" = "进入该状态的时间。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The kind of reporter; part of the pipeline's identity.
    #[schemars(extend("zh" = "上报来源，参与区分流水线。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    /// The user who started the pipeline.
    #[schemars(extend("zh" = "流水线的触发者。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_user: Option<String>,
    /// The details of the job: its content besides the status.
    #[schemars(extend("zh" = "任务除状态之外的内容。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details<Required, Integer, Line>>>,
}

/// A report as the server reads it. A required field may be absent and an integer out of range, because the
/// domain checks the fields in its own order.
pub type ReceivedReport = Report<Option<String>, i64, Option<i64>>;

/// A change that the server made to a report before it accepted it. Fields that are only displayed never cost a
/// report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adjustment {
    /// The field.
    #[schemars(extend("zh" = "字段。"))]
    pub field: String,
    /// `truncated`, `sanitized` (control characters became spaces), `clamped` (into its range) or `dropped`.
    #[schemars(
        description = "`truncated`, `sanitized` (line breaks and control characters became spaces), `clamped` (to the nearest valid value) or `dropped`.",
        extend("zh" = "调整方式：`truncated`（已截断）、`sanitized`（换行符和控制字符已替换为空格）、`clamped`（已取最近的有效值）或 `dropped`（已忽略）。")
    )]
    pub change: String,
}

/// The result of one accepted report. `Text` is a string for a client; the server borrows texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Receipt", description = "The result of one accepted report.")]
pub struct Receipt<Text = String> {
    /// The report's number in its repository.
    #[schemars(extend("zh" = "上报 ID，在仓库内编号。"))]
    pub report_id: i64,
    /// The pipeline's id, unique in its repository.
    #[schemars(extend("zh" = "流水线 ID，在仓库内编号。"))]
    pub pipeline_id: i32,
    /// The stage's id, unique in its repository.
    #[schemars(extend("zh" = "阶段 ID，在仓库内编号。"))]
    pub stage_id: i32,
    /// The attempt's id, unique in its repository.
    #[schemars(extend("zh" = "任务（一次执行）的 ID，在仓库内编号。"))]
    pub job_id: i32,
    /// The attempt's number, from 1.
    #[schemars(extend("zh" = "执行序号，从 1 开始。"))]
    pub attempt: i32,
    /// `created`, `changed`, `repeated` or `late`.
    #[schemars(description = "The effect of the report.", extend("zh" = "上报的处理结果。"))]
    pub effect: Text,
    /// The changed fields.
    #[schemars(extend("zh" = "变更的字段。"))]
    pub changed: Vec<Text>,
    /// The adjustments that the server made before it accepted the report; absent: none.
    #[schemars(extend("zh" = "接受前对上报内容所做的调整；没有调整时不返回。"))]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub adjusted: Vec<Adjustment>,
    /// The attempt's status after the report.
    #[schemars(description = "The status.", extend("zh" = "状态。"))]
    pub status: Text,
    /// The pipeline's status after the report.
    #[schemars(extend("zh" = "上报后流水线的状态。"))]
    pub pipeline_status: Text,
}

/// The result of one report of a batch: `receipt` or `error`, and the HTTP status that it would have as a
/// single report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportAnswer")]
pub struct ReportResult<Text = String> {
    /// 201, or the status of `error`.
    #[schemars(
        description = "The HTTP status that the report would get in a separate request.",
        extend("zh" = "单独上报时的 HTTP 状态码。")
    )]
    pub code: u16,
    /// The receipt; only if it was accepted.
    #[schemars(extend("zh" = "被接受时的回执。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub receipt: Option<Receipt<Text>>,
    /// The error; only if it was refused.
    #[schemars(extend("zh" = "被拒绝时的错误。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Problem>,
}
