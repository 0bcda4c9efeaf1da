//! `GET /native/v1/repositories/{id}/jobs/{job_id}/history`.

use super::details::ReportedDetails;
use super::reports::Adjustment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The credential that a report was sent with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Credential {
    /// `token`, `access_key`, `temporary_key`, `session` (a page or an IAM token) or `password`.
    #[schemars(extend("zh" = "类型：`token`、`access_key`、`temporary_key`、`session`（页面会话或 IAM 令牌）或 `password`。"))]
    pub kind: String,
    /// The id of the token in digits, or the AK; null for other kinds. After the deletion, the id of a token is never
    /// assigned again, and only the same user can create a key with the AK.
    #[schemars(extend(
        "zh" = "令牌 ID（十进制数字）或 AK；其他类型为 null。令牌删除后其 ID 不再分配；访问密钥删除后，其 AK 只能由同一用户再次使用。"
    ))]
    pub id: Option<String>,
    /// The name of the token, or the description of the access key; null after its deletion.
    #[schemars(extend("zh" = "令牌名称或访问密钥的描述；删除后为 null。"))]
    pub name: Option<String>,
}

/// One report of an attempt: its reporter, its content, its time and its effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The report's number in its repository.
    #[schemars(extend("zh" = "上报 ID，在仓库内编号。"))]
    pub report_id: i64,
    /// The reporter; null for reports of Stagepost.
    #[schemars(extend("zh" = "上报者；Stagepost 自身的上报为 null。"))]
    pub reporter: Option<String>,
    /// The credential of the report; null for reports of Stagepost, of commands with `--offline` and of older versions.
    #[schemars(extend("zh" = "上报所用的凭据；Stagepost 自身、带 `--offline` 的命令及旧版本记录的上报为 null。"))]
    pub credential: Option<Credential>,
    /// The API of the report: `native`, `gitlab`, `github`, `gitea`, `bitbucket` or `import`; `watchdog` for reports of
    /// Stagepost.
    #[schemars(extend(
        "zh" = "上报所用的接口：`native`、`gitlab`、`github`、`gitea`、`bitbucket` 或 `import`；Stagepost 自身的上报为 `watchdog`。"
    ))]
    pub dialect: String,
    /// The authority of the report: `reporter`, `operator` or `watchdog`.
    #[schemars(extend("zh" = "上报的权威来源：`reporter`、`operator` 或 `watchdog`。"))]
    pub authority: String,
    /// The time of arrival.
    #[schemars(extend("zh" = "接收时间。"))]
    pub received_at: String,
    /// The time at which the status was reached.
    #[schemars(extend("zh" = "进入该状态的时间。"))]
    pub occurred_at: Option<String>,
    /// The reported status. The fields up to `finished_at` are as reported, after the adjustments.
    #[schemars(description = "The status.", extend("zh" = "状态。"))]
    pub status: String,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    pub third_build_id: Option<String>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub target_url: Option<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// Test coverage in percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    pub coverage: Option<f64>,
    /// If true, a failure of the job does not fail the pipeline.
    #[schemars(extend("zh" = "允许失败：失败时不影响流水线的状态。"))]
    pub allow_failure: Option<bool>,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<String>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<String>,
    /// The details of the report; absent: none.
    #[schemars(extend("zh" = "上报中除状态之外的内容；没有时不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub details: Option<ReportedDetails>,
    /// `created`, `changed`, `repeated` or `late`.
    #[schemars(description = "The effect of the report.", extend("zh" = "上报的处理结果。"))]
    pub effect: String,
    /// The changed fields.
    #[schemars(extend("zh" = "变更的字段。"))]
    pub changed: Vec<String>,
    /// The adjustments that the server made before it accepted the report; absent: none.
    #[schemars(extend("zh" = "接受前对上报内容所做的调整；没有调整时不返回。"))]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub adjusted: Vec<Adjustment>,
    /// The attempt's status after the report; null if an older version recorded the report.
    #[schemars(description = "The status of the attempt after the report.", extend("zh" = "上报后的状态。"))]
    pub status_after: Option<String>,
    /// The operator's reason, or the inactivity timeout that was exceeded.
    #[schemars(extend("zh" = "手动关闭的原因，或已超过的无上报超时。"))]
    pub reason: Option<String>,
    /// One sentence in the caller's language: the changes of the report, or why it changed nothing.
    #[schemars(
        description = "One sentence: what the report changed, or why it changed nothing.",
        extend("zh" = "一句话说明改变了什么，或为什么没有改变。")
    )]
    pub why: String,
}

/// Some of the reports of an attempt, in order of arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The reports, in order of arrival.
    #[schemars(extend("zh" = "上报记录，按接收顺序排列。"))]
    pub history: Vec<Entry>,
    /// The `after` of the next page; null on the last page.
    #[schemars(extend("zh" = "查询下一页时 `after` 的值；null 表示没有下一页。"))]
    pub next_after: Option<i64>,
}
