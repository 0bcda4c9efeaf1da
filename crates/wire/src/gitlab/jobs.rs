//! `GET /api/v4/projects/{project}/pipelines/{pipeline_id}/jobs`, `.../jobs` and `.../jobs/{job_id}`.

use super::commits::CommitBrief;
use super::pipelines::Pipeline;
use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One attempt of a job (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Job")]
pub struct Job<Text = String, Time = Text> {
    /// Its id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// One of `pending running success failed canceled skipped`.
    #[schemars(description = "The status; jobs that timed out are `failed`.", extend("zh" = "状态；超时以 failed 表示。"))]
    pub status: Text,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: Text,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Text,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Text,
    /// Whether the ref is a tag.
    #[schemars(extend("zh" = "ref 是否为标签。"))]
    pub tag: bool,
    /// Test coverage in percent.
    #[schemars(extend("zh" = "覆盖率，百分比。"))]
    pub coverage: Option<f64>,
    /// If true, a failure of the job does not fail the pipeline.
    #[schemars(extend("zh" = "允许失败：失败时不影响流水线的状态。"))]
    pub allow_failure: bool,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Time,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<Time>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<Time>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub erased_at: Option<String>,
    /// Seconds from the start to the end, or to the current time.
    #[schemars(extend("zh" = "运行时长，单位为秒；未结束时计算到当前时间。"))]
    pub duration: Option<f64>,
    /// Seconds from the creation to the start.
    #[schemars(extend("zh" = "排队时长，单位为秒。"))]
    pub queued_duration: Option<f64>,
    /// The first reporter; null if that user was deleted.
    #[schemars(description = "The user who reported it first.", extend("zh" = "首次上报的用户。"))]
    pub user: Option<BasicUser<Text>>,
    /// Its commit.
    #[schemars(extend("zh" = "提交。"))]
    pub commit: CommitBrief<Text, Time>,
    /// Its pipeline.
    #[schemars(extend("zh" = "流水线。"))]
    pub pipeline: Pipeline<Text, Time>,
    /// The reason of the failure; only for failed jobs.
    #[schemars(extend("zh" = "失败原因；仅失败时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_reason: Option<Text>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Text,
    /// Settings of its project.
    #[schemars(extend("zh" = "项目的设置。"))]
    pub project: JobProject,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub artifacts: Vec<Value>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub runner: Option<Value>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub runner_manager: Option<Value>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub artifacts_expire_at: Option<String>,
    /// Always false.
    #[schemars(description = "Whether it is archived.", extend("zh" = "是否已归档。"))]
    pub archived: bool,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub tag_list: Vec<String>,
}

/// The project of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobProject {
    /// Always false: there are no job tokens here.
    #[schemars(description = "Always false.", extend("zh" = "始终为 false。"))]
    pub ci_job_token_scope_enabled: bool,
}
