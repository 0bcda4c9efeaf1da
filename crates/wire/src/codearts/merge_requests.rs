//! `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline`.
//!
//! Every key is always written, null where the value is not known (yet). A status is one of the seven words told in [`super::jobs`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The one documented `type` of a pipeline: that a merge request started it.
pub const MERGE_REQUEST: &str = "MERGE REQUEST";

/// The pipeline of a merge request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActualHeadPipeline {
    /// The head's; of an earlier commit while the head has none; null when there is none at all.
    pub data: Option<PipelineDetail>,
    /// The head has a pipeline.
    pub is_valid: bool,
}

/// A pipeline with its stages (`PipelineDetailDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineDetail {
    /// 1 to 2147483647.
    pub id: i32,
    /// Where a person sees it in the build system.
    pub web_url: Option<String>,
    /// The commit.
    pub sha: String,
    /// The merge request's ref, or its source branch.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// One of the seven words.
    pub status: String,
    /// When it was first heard of.
    pub created_at: Option<String>,
    /// When any of it last changed.
    pub updated_at: Option<String>,
    /// When the first of its jobs began to run.
    pub started_at: Option<String>,
    /// When the last of its jobs ended.
    pub finished_at: Option<String>,
    /// 1 to 2147483647.
    pub repository_id: i32,
    /// Its commit is no longer the head.
    pub is_invalid: bool,
    /// [`MERGE_REQUEST`].
    #[serde(rename = "type")]
    pub kind: String,
    /// Ascending by `sort_id`.
    pub stages: Vec<PipelineStage>,
    /// It is the most recent one: no newer pipeline is on its ref.
    pub is_latest: bool,
    /// Who started it.
    pub trigger_user: Option<String>,
    /// Every job has ended, well or badly.
    pub all_job_finished: bool,
}

/// A stage of [`PipelineDetail`] (`PipelineStageDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineStage {
    /// 1 to 2147483647.
    pub id: i32,
    /// 1 to 2147483647.
    pub repository_id: i32,
    /// 1 to 2147483647.
    pub pipeline_id: i32,
    /// The stage's name.
    pub name: String,
    /// Its place among the stages, 1 to 2147483647.
    pub sort_id: i32,
    /// One of the seven words.
    pub status: String,
}
