//! `GET /native/v1/repositories/{id}/pipelines/{pipeline_id}/jobs`; across pipelines `GET .../jobs`, and one
//! of them.
//!
//! `Text` and `Time` are strings for a client; the server borrows texts, and writes times without an allocation.

use super::as_of::AsOf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Job")]
pub struct Job<Text = String, Time = Text> {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The pipeline's id, unique in its repository.
    #[schemars(extend("zh" = "流水线 ID，在仓库内编号。"))]
    pub pipeline_id: i32,
    /// The stage's id, unique in its repository.
    #[schemars(extend("zh" = "阶段 ID，在仓库内编号。"))]
    pub stage_id: i32,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: Text,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: Text,
    /// The attempt's number, from 1.
    #[schemars(extend("zh" = "执行序号，从 1 开始。"))]
    pub attempt: i32,
    /// False for attempts that were replaced by a newer one.
    #[schemars(description = "Whether it is the newest attempt of its job.", extend("zh" = "是否为任务最新的一次执行。"))]
    pub newest: bool,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Text,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: Text,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Text,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    pub third_build_id: Option<Text>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub target_url: Option<Text>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<Text>,
    /// Test coverage in percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    pub coverage: Option<f64>,
    /// If true, a failure of the job does not fail the pipeline.
    #[schemars(extend("zh" = "允许失败：失败时不影响流水线的状态。"))]
    pub allow_failure: bool,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Time,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Time,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<Time>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<Time>,
}

/// Some attempts, ascending by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "JobList")]
pub struct JobList<Text = String, Time = Text> {
    /// The attempts.
    #[schemars(extend("zh" = "任务的各次执行。"))]
    pub jobs: Vec<Job<Text, Time>>,
    /// All attempts of the pipeline.
    #[schemars(description = "The number of all matches.", extend("zh" = "符合条件的总数。"))]
    pub total: u64,
    /// The moment of a past state; only with `as_of`.
    #[schemars(extend("zh" = "历史状态的时间点；仅在指定 `as_of` 时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_of: Option<AsOf>,
}

/// One attempt with its reporter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FoundJob")]
pub struct FoundJob<Text = String, Time = Text> {
    /// The attempt.
    #[serde(flatten)]
    pub job: Job<Text, Time>,
    /// The arrival time of the last report, whatever its effect.
    #[schemars(description = "The arrival time of the last report.", extend("zh" = "最近上报时间。"))]
    pub heard_at: Time,
    /// The first reporter; null if that user was deleted.
    #[schemars(extend("zh" = "首次上报者；该用户已删除则为 null。"))]
    pub reporter: Option<Text>,
}

/// Some attempts across pipelines, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FoundJobList")]
pub struct FoundJobList<Text = String, Time = Text> {
    /// The attempts.
    #[schemars(extend("zh" = "任务的各次执行。"))]
    pub jobs: Vec<FoundJob<Text, Time>>,
    /// The `before` of the next page; null on the last page. A page that is not the last may be short or
    /// empty.
    #[schemars(
        description = "The `before` of the next page; null on the last page.",
        extend("zh" = "查询下一页时 `before` 的值；null 表示没有下一页。")
    )]
    pub next_before: Option<i32>,
    /// The exact number of all matches; only with `total=true`.
    #[schemars(description = "The number of all matches.", extend("zh" = "符合条件的总数。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<u64>,
}
