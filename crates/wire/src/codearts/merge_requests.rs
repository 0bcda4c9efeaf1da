//! `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline`.
//!
//! Every key is always written; a value that is not known is null. [`super::jobs`] lists the seven statuses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The only documented `type` of a pipeline: a merge request started it.
pub const MERGE_REQUEST: &str = "MERGE REQUEST";

/// The pipeline of a merge request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActualHeadPipeline {
    /// The pipeline of the head; that of an earlier commit if the head has none; null if no commit has one.
    #[schemars(
        description = "The pipeline of the head; null if there is none.",
        extend("zh" = "最新提交的流水线；没有时为 null。")
    )]
    pub data: Option<PipelineDetail>,
    /// Whether the head has a pipeline.
    #[schemars(extend("zh" = "最新提交是否有流水线。"))]
    pub is_valid: bool,
}

/// A pipeline with its stages (`PipelineDetailDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineDetail {
    /// The id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The web address; null if unknown.
    #[schemars(extend("zh" = "网页地址；未知为 null。"))]
    pub web_url: Option<String>,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The merge request's ref, or its source branch.
    #[schemars(description = "The branch or tag.", extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<String>,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<String>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<String>,
    /// The id, 1 to 2147483647.
    #[schemars(description = "The repository's id.", extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// Whether its commit is no longer the head.
    #[schemars(extend("zh" = "其提交是否已不是最新提交。"))]
    pub is_invalid: bool,
    /// Always [`MERGE_REQUEST`].
    #[schemars(description = "The type, always `MERGE REQUEST`.", extend("zh" = "类型，始终为 `MERGE REQUEST`。"))]
    #[serde(rename = "type")]
    pub kind: String,
    /// The stages, ascending by `sort_id`.
    #[schemars(description = "The stages.", extend("zh" = "各阶段。"))]
    pub stages: Vec<PipelineStage>,
    /// Whether it is the most recent pipeline of its ref.
    #[schemars(description = "Whether it is the newest pipeline of its ref.", extend("zh" = "是否为该 ref 上最新的流水线。"))]
    pub is_latest: bool,
    /// The user who started the pipeline.
    #[schemars(extend("zh" = "流水线的触发者。"))]
    pub trigger_user: Option<String>,
    /// Whether every job has ended, with any status.
    #[schemars(description = "Whether every job has ended.", extend("zh" = "所有任务是否都已结束。"))]
    pub all_job_finished: bool,
}

/// A stage of [`PipelineDetail`] (`PipelineStageDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineStage {
    /// The id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The id, 1 to 2147483647.
    #[schemars(description = "The repository's id.", extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// The id, 1 to 2147483647.
    #[schemars(
        description = "The pipeline's id, unique in its repository.",
        extend("zh" = "流水线 ID，在仓库内编号。")
    )]
    pub pipeline_id: i32,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub name: String,
    /// The position of the stage in its pipeline, 1 to 2147483647.
    #[schemars(description = "The position of the stage in its pipeline.", extend("zh" = "阶段顺序。"))]
    pub sort_id: i32,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
}
