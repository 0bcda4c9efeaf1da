//! `GET /native/v1/repositories/{id}/insights`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Finished attempts, counted by status.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Ends")]
pub struct OutcomeCounts {
    /// The sum of `success`, `failed` and `timedout`.
    #[schemars(
        extend("zh" = "成功、失败和超时的执行总数。")
    )]
    pub runs: u32,
    /// Attempts that ended with this status.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub success: u32,
    /// Attempts that ended with this status.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub failed: u32,
    /// Attempts that ended with this status.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub timedout: u32,
    /// Attempts that ended with this status.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub canceled: u32,
    /// Attempts that ended with this status.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub skipped: u32,
    /// The share of successful runs, 0 to 1; null without runs.
    #[schemars(
        extend("zh" = "成功率；没有执行时为 null。")
    )]
    pub success_rate: Option<f64>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// In UTC: `2026-11-24`.
    #[schemars(description = "The day, in UTC.", extend("zh" = "日期（UTC）。"))]
    pub date: String,
    /// The attempts that ended on this day.
    #[serde(flatten)]
    pub ends: OutcomeCounts,
}

/// The figures of one job: one name in one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobInsight {
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: String,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// Its attempts.
    #[serde(flatten)]
    pub ends: OutcomeCounts,
    /// Attempts that were replaced by a newer one.
    #[schemars(extend("zh" = "被重试取代的执行数。"))]
    pub retried: u32,
    /// Commits on which the job both succeeded and failed.
    #[schemars(extend("zh" = "不稳定提交数，即任务既成功过又失败过的提交的数量。"))]
    pub flaky_commits: u32,
    /// The median duration of the runs in milliseconds; null if no start is known.
    #[schemars(
        extend("zh" = "耗时中位数，毫秒；没有已知的开始时间则为 null。")
    )]
    pub median_ms: Option<i64>,
    /// The 95th percentile of the duration of the runs in milliseconds; null if no start is known.
    #[schemars(extend("zh" = "耗时的 95 百分位，毫秒；没有已知的开始时间则为 null。"))]
    pub p95_ms: Option<i64>,
}

/// The recent figures of the jobs of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Insights {
    /// The number of UTC days, including today.
    #[schemars(extend("zh" = "天数（UTC），含今天。"))]
    pub days: i64,
    /// The ref of the pipelines; null: all refs.
    #[schemars(
        description = "The branch or tag of the included pipelines; absent: all.",
        extend("zh" = "仅统计此分支或标签；不填则统计全部。")
    )]
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
    /// The order of the jobs.
    #[schemars(extend("zh" = "任务的排序方式。"))]
    pub sort: String,
    /// The start of the first day.
    #[schemars(extend("zh" = "第一天的开始时间。"))]
    pub since: String,
    /// The current time.
    #[schemars(extend("zh" = "当前时间。"))]
    pub until: String,
    /// The time before which ended attempts were left out, because there were too many; null: none was left
    /// out.
    #[schemars(
        description = "Attempts that ended before this time are not included, because there are too many; null: all are included.",
        extend("zh" = "执行过多时，未统计此时间之前结束的执行；已统计全部则为 null。")
    )]
    pub cut_before: Option<String>,
    /// All attempts.
    #[schemars(extend("zh" = "所有执行合计。"))]
    pub total: OutcomeCounts,
    /// Attempts that were replaced by a newer one.
    #[schemars(extend("zh" = "被重试取代的执行数。"))]
    pub retried: u32,
    /// The days, oldest first.
    #[schemars(extend("zh" = "每日统计，最早的在前。"))]
    pub per_day: Vec<Day>,
    /// The jobs; the first 1,000.
    #[schemars(extend("zh" = "任务，最多 1000 个。"))]
    pub jobs: Vec<JobInsight>,
    /// The number of all jobs.
    #[schemars(extend("zh" = "任务总数。"))]
    pub job_count: usize,
    /// The number of flaky jobs.
    #[schemars(extend("zh" = "不稳定任务的数量。"))]
    pub flaky_jobs: usize,
}
