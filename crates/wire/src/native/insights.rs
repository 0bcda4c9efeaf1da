//! `GET /native/v1/repositories/{id}/insights`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Finished attempts, counted by status.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Ends")]
pub struct OutcomeCounts {
    /// `success`, `failed` and `timedout` together.
    #[schemars(
        description = "Those that succeeded, failed or timed out, together.",
        extend("zh" = "成功、失败和超时的执行总数。")
    )]
    pub runs: u32,
    /// Attempts that ended so.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub success: u32,
    /// Attempts that ended so.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub failed: u32,
    /// Attempts that ended so.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub timedout: u32,
    /// Attempts that ended so.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub canceled: u32,
    /// Attempts that ended so.
    #[schemars(extend("zh" = "以此状态结束的执行数。"))]
    pub skipped: u32,
    /// The share of successful runs, 0 to 1; null without runs.
    #[schemars(
        description = "The part of the runs that succeeded; null without any.",
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
    /// The attempts that ended on it.
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
    /// Attempts that a newer one replaced.
    #[schemars(extend("zh" = "被重试取代的执行数。"))]
    pub retried: u32,
    /// Commits that it both succeeded and failed on.
    #[schemars(extend("zh" = "不稳定提交数，即任务既成功过又失败过的提交的数量。"))]
    pub flaky_commits: u32,
    /// The median duration in milliseconds; null if no start is known.
    #[schemars(
        description = "Milliseconds that half, or 95 of 100, of the runs did not exceed.",
        extend("zh" = "耗时中位数，单位为毫秒；未知时为 null。")
    )]
    pub median_ms: Option<i64>,
    /// Milliseconds that half, or 95 of 100, of the runs did not exceed.
    #[schemars(extend("zh" = "P95 耗时，单位为毫秒；未知时为 null。"))]
    pub p95_ms: Option<i64>,
}

/// The recent figures of the jobs of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Insights {
    /// How many days of UTC, today among them.
    #[schemars(extend("zh" = "统计天数，按 UTC 计算，包含当天。"))]
    pub days: i64,
    /// The ref of the pipelines; null: all refs.
    #[schemars(
        description = "Of this branch or tag alone; absent: of all.",
        extend("zh" = "分支或标签；null 表示全部。")
    )]
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
    /// The order of the jobs.
    #[schemars(extend("zh" = "任务的排序方式。"))]
    pub sort: String,
    /// The beginning of the first day.
    #[schemars(extend("zh" = "第一天的开始时间。"))]
    pub since: String,
    /// Now.
    #[schemars(extend("zh" = "当前时间。"))]
    pub until: String,
    /// The time before which ended attempts were left out, because there were too many; null: none was left
    /// out.
    #[schemars(
        description = "Too many attempts: none that ended before it were looked at. Null: all were.",
        extend("zh" = "执行次数过多时，不统计此时间之前结束的执行；全部统计时为 null。")
    )]
    pub cut_before: Option<String>,
    /// All attempts together.
    #[schemars(extend("zh" = "所有执行合计。"))]
    pub total: OutcomeCounts,
    /// Attempts that a newer one replaced.
    #[schemars(extend("zh" = "被重试取代的执行数。"))]
    pub retried: u32,
    /// Every day, the oldest first.
    #[schemars(extend("zh" = "每日统计，最早的在前。"))]
    pub per_day: Vec<Day>,
    /// The jobs; the first 1,000.
    #[schemars(description = "The attempts.", extend("zh" = "各任务的统计。"))]
    pub jobs: Vec<JobInsight>,
    /// How many attempts.
    #[schemars(extend("zh" = "任务数。"))]
    pub job_count: usize,
    /// How many jobs are so.
    #[schemars(extend("zh" = "不稳定任务的数量。"))]
    pub flaky_jobs: usize,
}
