//! `POST /native/v1/import`: NDJSON, one repository or one whole pipeline per line. The response has a line
//! for each, in order.

use super::problem::Problem;
use super::reports::Adjustment;
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

/// A pipeline with its stages and jobs. A client sends `Pipeline`; the server reads [`ReceivedPipeline`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportedPipeline")]
pub struct Pipeline<Required = String> {
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub repository_id: i64,
    /// An existing id to use; if absent, a new one.
    #[schemars(extend("zh" = "指定的 ID；不填则新分配。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: Required,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Required,
    /// The kind of reporter.
    #[schemars(extend("zh" = "上报来源。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The key of the pipeline: reports with the same key belong to the same pipeline.
    #[schemars(extend("zh" = "流水线标识：标识相同的上报归入同一条流水线。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_key: Option<String>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    /// The user who started the pipeline.
    #[schemars(extend("zh" = "流水线的触发者。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_user: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// The stages.
    #[schemars(extend("zh" = "各阶段。"))]
    #[serde(default)]
    pub stages: Vec<Stage<Required>>,
}

/// A stage with its jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportedStage")]
pub struct Stage<Required = String> {
    /// An existing id to use; if absent, a new one.
    #[schemars(extend("zh" = "指定的 ID；不填则新分配。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub name: Required,
    /// The position of the stage in its pipeline.
    #[schemars(extend("zh" = "阶段顺序。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_id: Option<i64>,
    /// The attempts.
    #[schemars(extend("zh" = "任务的各次执行。"))]
    #[serde(default)]
    pub jobs: Vec<Job<Required>>,
}

/// A job. Several with one name in one stage are its attempts, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportedJob")]
pub struct Job<Required = String> {
    /// An existing id to use; if absent, a new one.
    #[schemars(extend("zh" = "指定的 ID；不填则新分配。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: Required,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Required,
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
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Required,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A pipeline as the server reads it. A required field may be absent, because the domain checks the fields in
/// its own order.
pub type ReceivedPipeline = Pipeline<Option<String>>;
/// A stage as the server reads it.
pub type ReceivedStage = Stage<Option<String>>;
/// A job as the server reads it.
pub type ReceivedJob = Job<Option<String>>;

/// The result of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImportAnswer")]
pub struct ImportResult {
    /// The line's number, from 1.
    #[schemars(extend("zh" = "行号，从 1 开始。"))]
    pub line: u64,
    /// `added`, `known` (it existed already and is unchanged) or `refused`.
    #[schemars(
        description = "`added`, `known` (it existed already) or `refused`.",
        extend("zh" = "结果：`added`（已添加）、`known`（已存在）或 `refused`（已拒绝）。")
    )]
    pub result: String,
    /// The error; only if it was refused.
    #[schemars(extend("zh" = "被拒绝时的错误。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Problem>,
    /// The adjustments that the server made before it accepted the line; absent: none.
    #[schemars(extend("zh" = "接受前对该行内容所做的调整；没有调整时不返回。"))]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub adjusted: Vec<Adjustment>,
}
