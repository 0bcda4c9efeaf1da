//! `GET /api/v4/projects/{project}/pipelines`, `.../pipelines/latest` and `.../pipelines/{pipeline_id}`.

use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pipeline in a list, in a commit or in a job (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Pipeline")]
pub struct Pipeline<Text = String, Time = Text> {
    /// Its id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The number in its project; the same as its id.
    #[schemars(extend("zh" = "在项目中的编号，与 ID 相同。"))]
    pub iid: i32,
    /// The project's id.
    #[schemars(extend("zh" = "项目 ID。"))]
    pub project_id: i32,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: Text,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Text,
    /// The status; jobs that timed out are `failed`.
    #[schemars(extend("zh" = "状态；超时以 failed 表示。"))]
    pub status: Text,
    /// The source; `external` for reports by this API.
    #[schemars(description = "The kind of reporter.", extend("zh" = "上报来源。"))]
    pub source: Text,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Time,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Time,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Text,
    /// The key of the pipeline.
    #[schemars(extend("zh" = "流水线标识。"))]
    pub name: Option<Text>,
}

/// A single pipeline. Go clients read the durations as integers and `coverage` as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PipelineDetail")]
pub struct PipelineDetail<Text = String, Time = Text> {
    /// As in a list.
    #[serde(flatten)]
    pub pipeline: Pipeline<Text, Time>,
    /// Always 40 zeros: the previous commit is unknown.
    #[schemars(description = "Always 40 zeros.", extend("zh" = "始终为 40 个零。"))]
    pub before_sha: String,
    /// Whether the ref is a tag.
    #[schemars(extend("zh" = "ref 是否为标签。"))]
    pub tag: bool,
    /// Always null.
    #[schemars(
        description = "Errors of the configuration; always null.",
        extend("zh" = "配置错误，始终为 null。")
    )]
    pub yaml_errors: Option<String>,
    /// The user who reported it first.
    #[schemars(extend("zh" = "首次上报的用户。"))]
    pub user: Option<BasicUser<Text>>,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<Time>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<Time>,
    /// Always null: commits are not stored.
    #[schemars(description = "Always null.", extend("zh" = "始终为 null。"))]
    pub committed_at: Option<String>,
    /// Seconds from the start to the end, or to the current time.
    #[schemars(extend("zh" = "运行时长，单位为秒；未结束时计算到当前时间。"))]
    pub duration: Option<i64>,
    /// Seconds from the creation to the start.
    #[schemars(extend("zh" = "排队时长，单位为秒。"))]
    pub queued_duration: Option<i64>,
    /// The mean coverage of its jobs, like `98.29`.
    #[schemars(extend("zh" = "各任务覆盖率的平均值，如 `98.29`。"))]
    pub coverage: Option<String>,
    /// The status as displayed on a page.
    #[schemars(extend("zh" = "页面上显示的状态。"))]
    pub detailed_status: DetailedStatus,
}

/// The display of a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailedStatus {
    /// `status_success`.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub icon: String,
    /// `Passed`.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub text: String,
    /// `passed`.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub label: String,
    /// `success`.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub group: String,
    /// `passed`.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub tooltip: String,
    /// Whether a page exists.
    #[schemars(extend("zh" = "是否有页面。"))]
    pub has_details: bool,
    /// A part of the displayed status.
    #[schemars(extend("zh" = "状态的显示信息。"))]
    pub details_path: String,
    /// Always null.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub illustration: Option<serde_json::Value>,
    /// Always empty.
    #[schemars(description = "A part of the displayed status.", extend("zh" = "状态的显示信息。"))]
    pub favicon: String,
}
