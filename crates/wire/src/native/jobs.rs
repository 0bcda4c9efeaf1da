//! `GET /native/v1/repositories/{id}/pipelines/{pipeline_id}/jobs`; across pipelines `GET .../jobs`, and one
//! of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The pipeline's id, counted in its repository.
    #[schemars(extend("zh" = "流水线 ID，在仓库内编号。"))]
    pub pipeline_id: i32,
    /// The stage's id, counted in its repository.
    #[schemars(extend("zh" = "阶段 ID，在仓库内编号。"))]
    pub stage_id: i32,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: String,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// The attempt's number, from 1.
    #[schemars(extend("zh" = "第几次执行，从 1 开始。"))]
    pub attempt: i32,
    /// False for attempts that a newer one replaced.
    #[schemars(description = "No newer attempt replaced it.", extend("zh" = "没有被重试取代。"))]
    pub newest: bool,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The build system's own id of the attempt.
    #[schemars(extend("zh" = "构建系统自己的执行 ID。"))]
    pub third_build_id: Option<String>,
    /// Where a person sees it in the build system.
    #[schemars(extend("zh" = "在构建系统中查看的地址。"))]
    pub target_url: Option<String>,
    /// A line for people.
    #[schemars(extend("zh" = "说明。"))]
    pub description: Option<String>,
    /// Test coverage, percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    pub coverage: Option<f64>,
    /// A bad end does not make the pipeline fail.
    #[schemars(extend("zh" = "失败时不影响流水线。"))]
    pub allow_failure: bool,
    /// When it was made.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// When it last changed.
    #[schemars(extend("zh" = "最近变化的时间。"))]
    pub updated_at: String,
    /// When it began to run; null where it is not known.
    #[schemars(extend("zh" = "开始运行的时间；未知为 null。"))]
    pub started_at: Option<String>,
    /// When it ended; null where it is not known.
    #[schemars(extend("zh" = "结束的时间；未知为 null。"))]
    pub finished_at: Option<String>,
}

/// Some attempts, ascending by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobList {
    /// The attempts.
    #[schemars(extend("zh" = "任务的各次执行。"))]
    pub jobs: Vec<Job>,
    /// All attempts of the pipeline.
    #[schemars(description = "All that fit.", extend("zh" = "符合条件的总数。"))]
    pub total: u64,
}

/// One attempt with its reporter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundJob {
    /// The attempt.
    #[serde(flatten)]
    pub job: Job,
    /// When the last report of it arrived, whatever its effect.
    #[schemars(description = "When a report of it last arrived.", extend("zh" = "最近一次收到上报的时间。"))]
    pub heard_at: String,
    /// The first reporter; null if that user was deleted.
    #[schemars(description = "Who reported.", extend("zh" = "上报者。"))]
    pub reporter: Option<String>,
}

/// Some attempts across pipelines, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundJobList {
    /// The attempts.
    #[schemars(extend("zh" = "任务的各次执行。"))]
    pub jobs: Vec<FoundJob>,
    /// The `before` of the next page; null on the last page. A page that is not the last may be short or
    /// empty.
    #[schemars(
        description = "Give this as `before` for the next page; null means the end.",
        extend("zh" = "作为 `before` 取下一页；null 表示结束。")
    )]
    pub next_before: Option<i32>,
    /// The exact number of all matches; only with `total=true`.
    #[schemars(description = "All that fit.", extend("zh" = "符合条件的总数。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<u64>,
}
