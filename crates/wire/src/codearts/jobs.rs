//! `GET /v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs` and `.../latest-jobs`.
//!
//! Texts are [`Cow`]s, because jobs are the bodies that the server writes most: it borrows them, and a client
//! reads owned ones. A time is a text too; the server has a type for it
//! that needs no allocation. Every key is always written; a value that is not known is null. A status is one of
//! `pending running success failed canceled skipped timedout`. Other statuses are accepted on reading, as in
//! the SDKs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One attempt of a job with its stage: an element of the response of `jobs`. The fields are in the order of
/// the example in the official reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "JobWithStage")]
pub struct JobWithStage<'a, Time = Cow<'a, str>> {
    /// Its id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: Cow<'a, str>,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Cow<'a, str>,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Cow<'a, str>,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: Cow<'a, str>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub target_url: Option<Cow<'a, str>>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<Time>,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<Time>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<Time>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<Time>,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    pub third_build_id: Option<Cow<'a, str>>,
    /// Its id, 1 to 2147483647.
    #[schemars(description = "The stage's id, unique in its repository.", extend("zh" = "阶段 ID，在仓库内编号。"))]
    pub stage_id: i32,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: Cow<'a, str>,
}

/// The response of `latest-jobs`: a pipeline with the newest attempt of each job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LatestJobs")]
pub struct LatestJobs<'a, Time = Cow<'a, str>> {
    /// The pipeline's id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Cow<'a, str>,
    /// The stages, ascending by `sort_id`.
    #[schemars(description = "The stages.", extend("zh" = "各阶段。"))]
    pub stages: Vec<LatestStage<'a, Time>>,
}

/// A stage of [`LatestJobs`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LatestStage")]
pub struct LatestStage<'a, Time = Cow<'a, str>> {
    /// Its id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub name: Cow<'a, str>,
    /// The position of the stage in its pipeline, 1 to 2147483647.
    #[schemars(description = "The position of the stage in its pipeline.", extend("zh" = "阶段顺序。"))]
    pub sort_id: i32,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Cow<'a, str>,
    /// The newest attempt of each job, ascending by id.
    #[schemars(description = "The attempts.", extend("zh" = "任务的各次执行。"))]
    pub jobs: Vec<BaseJob<'a, Time>>,
}

/// One attempt of a job within its stage: [`JobWithStage`] without the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BaseJob")]
pub struct BaseJob<'a, Time = Cow<'a, str>> {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: Cow<'a, str>,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: Cow<'a, str>,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: Cow<'a, str>,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: Cow<'a, str>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub target_url: Option<Cow<'a, str>>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<Time>,
    /// The start time; null if unknown.
    #[schemars(extend("zh" = "开始时间；未知为 null。"))]
    pub started_at: Option<Time>,
    /// The end time; null if unknown.
    #[schemars(extend("zh" = "结束时间；未知为 null。"))]
    pub finished_at: Option<Time>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<Time>,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    pub third_build_id: Option<Cow<'a, str>>,
}
