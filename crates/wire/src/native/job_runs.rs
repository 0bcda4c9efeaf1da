//! `GET /native/v1/repositories/{id}/job-runs`.

use super::insights::OutcomeCounts;
use super::jobs::FoundJob;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An attempt that the summary of a job names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobRun {
    /// The id of the attempt.
    #[schemars(extend("zh" = "该次执行的 ID。"))]
    pub job_id: i32,
    /// The pipeline's id.
    #[schemars(extend("zh" = "流水线 ID。"))]
    pub pipeline_id: i32,
    /// The commit of the pipeline.
    #[schemars(extend("zh" = "流水线的提交。"))]
    pub sha: String,
    /// The ref of the pipeline.
    #[serde(rename = "ref")]
    #[schemars(extend("zh" = "流水线的分支或标签。"))]
    pub git_ref: String,
    /// The source of the pipeline.
    #[schemars(extend("zh" = "流水线的来源。"))]
    pub source: String,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
    /// The end time.
    #[schemars(extend("zh" = "结束时间。"))]
    pub finished_at: Option<String>,
}

/// A commit on which the job both succeeded and failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlakyCommit {
    /// The commit.
    #[schemars(extend("zh" = "提交。"))]
    pub sha: String,
    /// The number of successful attempts.
    #[schemars(extend("zh" = "成功的执行数。"))]
    pub success: u32,
    /// The number of attempts that failed or timed out.
    #[schemars(extend("zh" = "失败或超时的执行数。"))]
    pub failed: u32,
    /// The newest successful attempt.
    #[schemars(extend("zh" = "最近一次成功的执行。"))]
    pub last_passed: JobRun,
    /// The newest failed attempt.
    #[schemars(extend("zh" = "最近一次失败的执行。"))]
    pub last_failed: JobRun,
}

/// A job across pipelines: its summary, and some of its attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobRuns<Text = String, Time = Text> {
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: String,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// The ref of the pipelines; null: all refs.
    #[serde(rename = "ref")]
    #[schemars(extend("zh" = "流水线的分支或标签；null 表示全部。"))]
    pub git_ref: Option<String>,
    /// The source of the pipelines; null: all sources.
    #[schemars(extend("zh" = "流水线的来源；null 表示全部。"))]
    pub source: Option<String>,
    /// The latest 1,000 attempts with any status.
    #[schemars(extend("zh" = "最近 1000 次执行的统计，不限状态。"))]
    pub total: OutcomeCounts,
    /// There are older attempts, which are not counted.
    #[schemars(extend("zh" = "是否还有更早的、未统计的执行。"))]
    pub truncated: bool,
    /// Attempts that were replaced by a newer one.
    #[schemars(extend("zh" = "被重试取代的执行数。"))]
    pub retried: u32,
    /// The median duration of the runs in milliseconds; null if no start is known.
    #[schemars(extend("zh" = "耗时中位数，毫秒；没有已知的开始时间则为 null。"))]
    pub median_ms: Option<i64>,
    /// The 95th percentile of the duration of the runs in milliseconds; null if no start is known.
    #[schemars(extend("zh" = "耗时的 95 百分位，毫秒；没有已知的开始时间则为 null。"))]
    pub p95_ms: Option<i64>,
    /// The newest successful attempt; null if none of those counted succeeded.
    #[schemars(extend("zh" = "最近一次成功的执行；统计范围内没有则为 null。"))]
    pub last_passed: Option<JobRun>,
    /// If the newest run of the ref failed: the first failed one after the last success; null without `ref`, and if the
    /// attempts are of several sources. With `truncated` and without `last_passed`, the job may fail for longer.
    #[schemars(extend(
        "zh" = "若该分支或标签最近一次结果为失败：上次成功之后第一次失败的执行；未指定 `ref` 或执行来自多个来源时为 null。`truncated` 为 true 且没有 `last_passed` 时，可能更早就已失败。"
    ))]
    pub failing_since: Option<JobRun>,
    /// The number of commits on which the job both succeeded and failed.
    #[schemars(extend("zh" = "既成功过又失败过的提交的数量。"))]
    pub flaky_count: u32,
    /// These commits, newest first; at most 50.
    #[schemars(extend("zh" = "这些提交，最新的在前，最多 50 个。"))]
    pub flaky_commits: Vec<FlakyCommit>,
    /// The attempts of this page, newest first.
    #[schemars(extend("zh" = "本页的各次执行，最新的在前。"))]
    pub jobs: Vec<FoundJob<Text, Time>>,
    /// The `before` of the next page; null on the last page.
    #[schemars(extend("zh" = "查询下一页时 `before` 的值；null 表示没有下一页。"))]
    pub next_before: Option<i32>,
}
