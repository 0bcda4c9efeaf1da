//! `POST /native/v1/repositories/{id}/closings`.

use super::reports::Receipt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ends jobs that no build system ends: one attempt, or the unfinished attempts of a commit. Exactly one of
/// `job_id` and `sha`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Closing")]
#[serde(default)]
pub struct JobClosing {
    /// The attempt to end.
    #[schemars(extend("zh" = "要关闭的执行。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<i32>,
    /// A commit id, or at least 7 digits of its beginning.
    #[schemars(extend("zh" = "提交 ID，或至少 7 位的提交 ID 前缀。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha: Option<String>,
    /// The final status; `canceled` by default.
    #[schemars(extend("zh" = "关闭后的状态；默认为 `canceled`。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The reason, for the history.
    #[schemars(extend("zh" = "原因，显示在上报记录中。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The result of closing jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Closed")]
pub struct Closed<Text = String> {
    /// A receipt for each attempt.
    #[schemars(extend("zh" = "每次执行的回执。"))]
    pub closed: Vec<Receipt<Text>>,
    /// Whether there may be more to close; if so, repeat the request.
    #[schemars(extend("zh" = "是否可能还有未关闭的任务；如有，请再次调用。"))]
    pub more: bool,
}
