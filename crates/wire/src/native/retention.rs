//! `POST /native/v1/repositories/{id}/prune`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Deletes expired pipelines, or lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Prune {
    /// Only list what would go.
    #[schemars(extend("zh" = "仅列出将被删除的流水线，不执行删除。"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The last list's `next_after`; only with `dry_run`.
    #[schemars(extend("zh" = "上一页的 `next_after`；仅在 `dry_run` 为 true 时有效。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// An expired pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expired {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
    /// When it last changed.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: String,
    /// How many attempts.
    #[schemars(extend("zh" = "执行次数。"))]
    pub job_count: u32,
}

/// The pipelines that would be deleted now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WouldGo")]
pub struct PrunePreview {
    /// Pipelines that would go.
    #[schemars(extend("zh" = "将被删除的流水线。"))]
    pub would_go: Vec<Expired>,
    /// The `after` of the next page; null on the last page. It is opaque to clients.
    #[schemars(
        description = "Give this as `after` for the next page; null means the end.",
        extend("zh" = "查询下一页时 `after` 的值；null 表示没有下一页。")
    )]
    pub next_after: Option<String>,
}

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pruned {
    /// Pipelines that went.
    #[schemars(extend("zh" = "删除的流水线数。"))]
    pub pipelines: u64,
    /// Attempts that went.
    #[schemars(extend("zh" = "删除的执行数。"))]
    pub jobs: u64,
    /// Reports that went.
    #[schemars(extend("zh" = "删除的上报数。"))]
    pub reports: u64,
    /// There may be others: ask again.
    #[schemars(extend("zh" = "true 表示可能还有未删除的流水线，请再次调用。"))]
    pub more: bool,
}
