//! `GET /native/v1/repositories/{id}/jobs/{job_id}/history`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One report of an attempt: its reporter, its content, its time and its effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The report's number in its repository.
    #[schemars(extend("zh" = "上报 ID，在仓库内编号。"))]
    pub report_id: i64,
    /// The reporter; null: Stagepost.
    #[schemars(description = "Who reported.", extend("zh" = "上报者。"))]
    pub reporter: Option<String>,
    /// The protocol: `native`, `gitlab` or `import`; `watchdog` for reports of Stagepost.
    #[schemars(description = "How it came.", extend("zh" = "上报使用的接口。"))]
    pub dialect: String,
    /// The authority of the report: `reporter`, `operator` or `watchdog`.
    #[schemars(description = "Whose word it is.", extend("zh" = "上报方的类型。"))]
    pub authority: String,
    /// When it arrived.
    #[schemars(extend("zh" = "接收时间。"))]
    pub received_at: String,
    /// When it came to stand so.
    #[schemars(extend("zh" = "进入该状态的时间。"))]
    pub occurred_at: Option<String>,
    /// The reported status. The fields up to `finished_at` are as reported.
    #[schemars(description = "The status.", extend("zh" = "状态。"))]
    pub status: String,
    /// The build system's own id of the attempt.
    #[schemars(extend("zh" = "构建系统中的构建 ID。"))]
    pub third_build_id: Option<String>,
    /// Where a person sees it in the build system.
    #[schemars(extend("zh" = "在构建系统中查看的地址。"))]
    pub target_url: Option<String>,
    /// A line for people.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// Test coverage, percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    pub coverage: Option<f64>,
    /// A bad end does not make the pipeline fail.
    #[schemars(extend("zh" = "允许失败：失败时不影响流水线的状态。"))]
    pub allow_failure: Option<bool>,
    /// When it began to run; null where it is not known.
    #[schemars(extend("zh" = "开始时间；未知时为 null。"))]
    pub started_at: Option<String>,
    /// When it ended; null where it is not known.
    #[schemars(extend("zh" = "结束时间；未知时为 null。"))]
    pub finished_at: Option<String>,
    /// `created`, `changed`, `repeated` or `late`.
    #[schemars(description = "What the report did.", extend("zh" = "上报的处理结果。"))]
    pub effect: String,
    /// The fields it changed.
    #[schemars(extend("zh" = "变更的字段。"))]
    pub changed: Vec<String>,
    /// The attempt's status after it; null if an older version recorded the report.
    #[schemars(description = "How the attempt stood after it.", extend("zh" = "处理后的状态。"))]
    pub status_after: Option<String>,
    /// The operator's reason, or the inactivity timeout that was exceeded.
    #[schemars(description = "Why.", extend("zh" = "原因。"))]
    pub reason: Option<String>,
    /// One sentence in the caller's language: what the report changed, or why it changed nothing.
    #[schemars(
        description = "One sentence: what it changed, or why it did not.",
        extend("zh" = "说明：变更了什么，或没有变更的原因。")
    )]
    pub why: String,
}

/// Some of the reports of an attempt, in order of arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The reports, in order of arrival.
    #[schemars(extend("zh" = "上报记录，按接收顺序排列。"))]
    pub history: Vec<Entry>,
    /// Give this as `after` for the next page; null means the end.
    #[schemars(extend("zh" = "查询下一页时 `after` 的值；null 表示没有下一页。"))]
    pub next_after: Option<i64>,
}
