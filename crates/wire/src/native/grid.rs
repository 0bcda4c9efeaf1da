//! `GET /native/v1/repositories/{id}/grid`.

use super::pipelines::Pipeline;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A job in a pipeline of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GridCell {
    /// The id of the newest attempt.
    #[schemars(extend("zh" = "最新一次执行的 ID。"))]
    pub job_id: i32,
    /// The status of the newest attempt.
    #[schemars(extend("zh" = "最新一次执行的状态。"))]
    pub status: String,
    /// A failure of the job does not fail the pipeline.
    #[schemars(extend("zh" = "失败时不影响流水线的状态。"))]
    pub allow_failure: bool,
    /// The number of attempts in the pipeline.
    #[schemars(extend("zh" = "在该流水线中的执行次数。"))]
    pub attempts: u32,
    /// The attempts in the pipeline both succeeded and failed.
    #[schemars(extend("zh" = "在该流水线中既成功过又失败过。"))]
    pub flaky: bool,
    /// The time from start to end in milliseconds; null if one of them is unknown.
    #[schemars(extend("zh" = "从开始到结束的时长，毫秒；其中之一未知则为 null。"))]
    pub duration_ms: Option<i64>,
}

/// A job of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GridJob {
    /// The name of the job.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// `failing`: the latest result is a failure; `unsteady`: an earlier one is, or a commit has both results;
    /// `steady`: neither.
    #[schemars(
        description = "`failing`: the latest result is a failure; `unsteady`: an earlier one is, or a commit has both results; `steady`: neither.",
        extend("zh" = "`failing`：最近一次结果为失败；`unsteady`：更早的结果有失败，或同一提交上两种结果都有；`steady`：均无。")
    )]
    pub health: String,
    /// The commits of the grid on which the job both succeeded and failed.
    #[schemars(extend("zh" = "不稳定提交数，即任务既成功过又失败过的提交的数量。"))]
    pub flaky_commits: u32,
    /// One cell for each pipeline, in their order; null: the pipeline does not have the job.
    #[schemars(extend("zh" = "与各流水线一一对应；null 表示该流水线没有此任务。"))]
    pub cells: Vec<Option<GridCell>>,
}

/// The jobs of a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GridStage {
    /// The name of the stage.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub name: String,
    /// The jobs: failing ones first.
    #[schemars(extend("zh" = "任务，失败的在前。"))]
    pub jobs: Vec<GridJob>,
}

/// The jobs of a ref by its latest pipelines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grid {
    /// The ref of the pipelines.
    #[serde(rename = "ref")]
    #[schemars(extend("zh" = "流水线的分支或标签。"))]
    pub git_ref: String,
    /// The pipelines, newest first.
    #[schemars(extend("zh" = "流水线，最新的在前。"))]
    pub pipelines: Vec<Pipeline>,
    /// The stages: those with failing jobs first. They have at most 500 jobs together.
    #[schemars(extend("zh" = "阶段，有失败任务的在前。任务总共最多 500 个。"))]
    pub stages: Vec<GridStage>,
    /// The number of all jobs, also of those that are left out.
    #[schemars(extend("zh" = "任务总数，含未返回的任务。"))]
    pub job_count: usize,
    /// The `before` of the next page; null on the last page.
    #[schemars(extend("zh" = "查询下一页时 `before` 的值；null 表示没有下一页。"))]
    pub next_before: Option<i32>,
}
