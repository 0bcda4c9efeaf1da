//! `POST /native/v1/repositories/{id}/closings`.

use super::reports::Receipt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ends jobs that no build system ends: one attempt, or the unfinished attempts of a commit. Exactly one of
/// `job_id` and `sha`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JobClosing {
    /// The attempt's id, counted in its repository.
    #[schemars(extend("zh" = "任务（一次执行）的 ID，在仓库内编号。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<i32>,
    /// A commit id, or at least 7 digits of its beginning.
    #[schemars(
        description = "The full commit id: 40 or 64 hexadecimal digits.",
        extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha: Option<String>,
    /// The final status; `canceled` by default.
    #[schemars(description = "The status.", extend("zh" = "状态。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The reason, for the history.
    #[schemars(description = "Why.", extend("zh" = "原因。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The result of closing jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    /// A receipt for each attempt.
    #[schemars(extend("zh" = "每次执行一张回执。"))]
    pub closed: Vec<Receipt>,
    /// Whether there may be more to close; if so, repeat the call.
    #[schemars(description = "There may be others: ask again.", extend("zh" = "可能还有，请再次调用。"))]
    pub more: bool,
}
