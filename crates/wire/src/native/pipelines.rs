//! `GET /native/v1/repositories/{id}/pipelines` and one of them.

use super::as_of::AsOf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The kind of reporter.
    #[schemars(extend("zh" = "上报来源。"))]
    pub source: String,
    /// The key of the pipeline; null if it has none.
    #[schemars(
        description = "The key of the pipeline: reports with the same key belong to the same pipeline.",
        extend("zh" = "流水线标识：标识相同的上报归入同一条流水线。")
    )]
    pub pipeline_key: Option<String>,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Option<String>,
    /// The user who started the pipeline.
    #[schemars(extend("zh" = "流水线的触发者。"))]
    pub trigger_user: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: String,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<String>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<String>,
    /// The number of attempts.
    #[schemars(extend("zh" = "执行次数。"))]
    pub job_count: u32,
    /// A number that increases with every change.
    #[schemars(extend("zh" = "版本号，每次变化后增大。"))]
    pub version: i64,
    /// The moment of a past state; only with `as_of`.
    #[schemars(extend("zh" = "历史状态的时间点；仅在指定 `as_of` 时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_of: Option<AsOf>,
}

/// Some pipelines, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineList {
    /// The pipelines.
    #[schemars(extend("zh" = "流水线。"))]
    pub pipelines: Vec<Pipeline>,
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
