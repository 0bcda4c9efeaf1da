//! `GET /api/v4/projects/{project}/pipelines`, `.../pipelines/latest` and `.../pipelines/{pipeline_id}`.

use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pipeline in a list, in a commit or in a job (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
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
    pub sha: String,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The status; what timed out is failed.
    #[schemars(extend("zh" = "状态；超时以 failed 表示。"))]
    pub status: String,
    /// The source; `external` for reports by this API.
    #[schemars(description = "What kind of thing reports.", extend("zh" = "上报来源。"))]
    pub source: String,
    /// When it was made.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// When it last changed.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: String,
    /// Where a person sees it.
    #[schemars(extend("zh" = "在浏览器中查看的地址。"))]
    pub web_url: String,
    /// The reporters' own word for the pipeline.
    #[schemars(extend("zh" = "上报者指定的流水线标识。"))]
    pub name: Option<String>,
}

/// A single pipeline. Go clients read the durations as integers and `coverage` as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineDetail {
    /// As in a list.
    #[serde(flatten)]
    pub pipeline: Pipeline,
    /// Forty zeros: the commit before is not known.
    #[schemars(description = "Forty zeros.", extend("zh" = "始终为 40 个零。"))]
    pub before_sha: String,
    /// The ref is a tag.
    #[schemars(extend("zh" = "ref 是否为标签。"))]
    pub tag: bool,
    /// Always null.
    #[schemars(
        description = "Only those with a broken configuration; there are none here.",
        extend("zh" = "始终为 null。")
    )]
    pub yaml_errors: Option<String>,
    /// Who reported it first.
    #[schemars(extend("zh" = "首次上报的用户。"))]
    pub user: Option<BasicUser>,
    /// When it began to run; null where it is not known.
    #[schemars(extend("zh" = "开始时间；未知时为 null。"))]
    pub started_at: Option<String>,
    /// When it ended; null where it is not known.
    #[schemars(extend("zh" = "结束时间；未知时为 null。"))]
    pub finished_at: Option<String>,
    /// Always null: commits are not stored.
    #[schemars(description = "Always null.", extend("zh" = "始终为 null。"))]
    pub committed_at: Option<String>,
    /// From start to end, or until now, in seconds.
    #[schemars(extend("zh" = "运行时长，单位为秒；未结束时计算到当前时间。"))]
    pub duration: Option<i64>,
    /// From creation to start, in seconds.
    #[schemars(extend("zh" = "排队时长，单位为秒。"))]
    pub queued_duration: Option<i64>,
    /// Mean of its jobs' coverage, like `98.29`.
    #[schemars(extend("zh" = "各任务覆盖率的平均值，如 `98.29`。"))]
    pub coverage: Option<String>,
    /// The status as a page shows it.
    #[schemars(extend("zh" = "页面上显示的状态。"))]
    pub detailed_status: DetailedStatus,
}

/// How a page shows a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailedStatus {
    /// `status_success`.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub icon: String,
    /// `Passed`.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub text: String,
    /// `passed`.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub label: String,
    /// `success`.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub group: String,
    /// `passed`.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub tooltip: String,
    /// There is a page.
    #[schemars(extend("zh" = "是否有详情页面。"))]
    pub has_details: bool,
    /// How a page shows it.
    #[schemars(extend("zh" = "页面上的显示方式。"))]
    pub details_path: String,
    /// Always null.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub illustration: Option<serde_json::Value>,
    /// Always empty.
    #[schemars(description = "How a page shows it.", extend("zh" = "页面上的显示方式。"))]
    pub favicon: String,
}
