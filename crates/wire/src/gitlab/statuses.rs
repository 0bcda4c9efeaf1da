//! `POST /api/v4/projects/{project}/statuses/{sha}` and `GET
//! /api/v4/projects/{project}/repository/commits/{sha}/statuses`.

use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job as a status of its commit (reporters fact 1.5). A status is one of `pending running
/// success failed canceled skipped`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CommitStatus")]
pub struct CommitStatus<Text = String, Time = Text> {
    /// The attempt's id, 1 to 2147483647, as in the job.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
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
    /// The name, or `default`.
    #[schemars(description = "The name.", extend("zh" = "名称。"))]
    pub name: Text,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub target_url: Option<Text>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<Text>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Time,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<Time>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<Time>,
    /// If true, a failure of the job does not fail the pipeline.
    #[schemars(extend("zh" = "允许失败：失败时不影响流水线的状态。"))]
    pub allow_failure: bool,
    /// Test coverage in percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    pub coverage: Option<f64>,
    /// The pipeline's id, unique in its repository.
    #[schemars(extend("zh" = "流水线 ID，在仓库内编号。"))]
    pub pipeline_id: i32,
    /// The reason of the failure; only for failed jobs.
    #[schemars(extend("zh" = "失败原因；仅失败时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_reason: Option<Text>,
    /// The first reporter; null if that user was deleted.
    #[schemars(description = "The user who reported it first.", extend("zh" = "首次上报的用户。"))]
    pub author: Option<BasicUser<Text>>,
}
