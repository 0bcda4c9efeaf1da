//! `GET` and `PUT /native/v1/repositories/{id}/merge-requests/{iid}`, and the list of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A merge request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequest {
    /// Its number in its repository, 1 to 2147483647.
    #[schemars(description = "The merge request's number in its repository.", extend("zh" = "合并请求在仓库中的编号。"))]
    pub iid: i32,
    /// The branch to merge; null if it is known from reports only.
    #[schemars(description = "The branch to merge.", extend("zh" = "源分支。"))]
    pub source_branch: Option<String>,
    /// The branch to merge into; null if it is known from reports only.
    #[schemars(description = "The branch to merge into.", extend("zh" = "目标分支。"))]
    pub target_branch: Option<String>,
    /// The head commit.
    #[schemars(extend("zh" = "最新提交。"))]
    pub head_sha: String,
    /// The time of the last update, or of the last report on its ref.
    #[schemars(description = "The time of the last change.", extend("zh" = "更新时间。"))]
    pub updated_at: String,
    /// The pipeline of the head; null if there is none.
    #[schemars(extend("zh" = "最新提交的流水线；没有时为 null。"))]
    pub head_pipeline: Option<HeadPipeline>,
}

/// The pipeline of the head commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeadPipeline {
    /// Its id, 1 to 2147483647.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: i32,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
}

/// The branches and the head of a merge request. All three fields are required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewMergeRequest {
    /// The branch to merge.
    #[schemars(extend("zh" = "源分支。"))]
    pub source_branch: String,
    /// The branch to merge into.
    #[schemars(extend("zh" = "目标分支。"))]
    pub target_branch: String,
    /// The head commit.
    #[schemars(extend("zh" = "最新提交。"))]
    pub head_sha: String,
}

/// Some merge requests, the greatest iid first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequestList {
    /// The merge requests.
    #[schemars(extend("zh" = "合并请求。"))]
    pub merge_requests: Vec<MergeRequest>,
    /// The `before` of the next page; null on the last page.
    #[schemars(extend("zh" = "查询下一页时 `before` 的值；null 表示没有下一页。"))]
    pub next_before: Option<i32>,
}
