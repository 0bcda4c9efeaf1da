//! `GET` and `PUT /native/v1/repositories/{id}/merge-requests/{iid}`, and the list of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A merge request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequest {
    /// Its number in its repository, 1 to 2147483647.
    pub iid: i32,
    /// What is to be merged; null where only reports tell of it.
    pub source_branch: Option<String>,
    /// Where it is to be merged into; null where only reports tell of it.
    pub target_branch: Option<String>,
    /// The commit that would be merged.
    pub head_sha: String,
    /// When it was last said anew, or reported anew on its ref.
    pub updated_at: String,
    /// The head's pipeline; null while it has none.
    pub head_pipeline: Option<HeadPipeline>,
}

/// The pipeline of a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeadPipeline {
    /// 1 to 2147483647.
    pub id: i32,
    /// One of the seven words.
    pub status: String,
}

/// What is said of a merge request. All three are required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewMergeRequest {
    /// What is to be merged.
    pub source_branch: String,
    /// Where it is to be merged into.
    pub target_branch: String,
    /// Full commit id of the source branch's head.
    pub head_sha: String,
}

/// Some merge requests, the greatest iid first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequestList {
    /// The merge requests.
    pub merge_requests: Vec<MergeRequest>,
    /// Give this as `before` for the next page; null on the last.
    pub next_before: Option<i32>,
}
