//! One merge request, `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}`.
//! [`super::merge_request_lists`] says which fields are constant.

use super::merge_request_lists::RepositoryBrief;
use super::show_repository::RepositoryUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The response of `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShowMergeRequest {
    /// The same number as `iid`.
    #[schemars(extend("zh" = "与 `iid` 相同。"))]
    pub id: i32,
    /// The merge request's number in its repository.
    #[schemars(extend("zh" = "合并请求在仓库中的编号。"))]
    pub iid: i32,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// The title; always empty.
    #[schemars(extend("zh" = "标题，始终为空。"))]
    pub title: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub description: Option<String>,
    /// The state; always `opened`.
    #[schemars(extend("zh" = "状态，始终为 `opened`。"))]
    pub state: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<String>,
    /// The source branch; null if unknown.
    #[schemars(extend("zh" = "源分支；未知时为 null。"))]
    pub source_branch: Option<String>,
    /// The target branch; null if unknown.
    #[schemars(extend("zh" = "目标分支；未知时为 null。"))]
    pub target_branch: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub is_source_branch_protected: Option<bool>,
    /// Whether the source branch is the default branch; null if it is unknown.
    #[schemars(extend("zh" = "源分支是否为默认分支；源分支未知时为 null。"))]
    pub is_source_branch_default: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub devcloud_source_branch: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub upvotes: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub downvotes: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author: Option<RepositoryUser>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub assignee: Option<RepositoryUser>,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub source_repository_id: i32,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub target_repository_id: i32,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub source_project_id: String,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub target_project_id: String,
    /// The labels; always empty.
    #[schemars(extend("zh" = "标签，始终为空。"))]
    pub labels: Vec<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub work_in_progress: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub milestone: Option<()>,
    /// Always false: this server merges nothing.
    #[schemars(extend("zh" = "始终为 false：本服务不执行合并。"))]
    pub merge_when_build_succeeds: bool,
    /// Always `unchecked`.
    #[schemars(extend("zh" = "始终为 `unchecked`。"))]
    pub merge_status: String,
    /// The head commit.
    #[schemars(extend("zh" = "最新提交。"))]
    pub sha: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_commit_sha: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub subscribed: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merged_by: Option<RepositoryUser>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merged_at: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub closed_by: Option<RepositoryUser>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub closed_at: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub user_notes_count: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub should_remove_source_branch: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub force_remove_source_branch: Option<bool>,
    /// The page of the head commit on this server.
    #[schemars(extend("zh" = "最新提交在本服务中的页面。"))]
    pub web_url: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_diff: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_reviewers_count: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_review_count: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_reviewer_list: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_assignee_list: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub notes: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub codecheck_state: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub codecheck_defect_count: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_related_work_items: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub diverged_commits_count: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_result: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_time: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_status: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub is_use_temp_branch: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub only_assignee_can_merge: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub review_mode: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub squash: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub approval_merge_request_approvers: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub approval_merge_request_reviewers: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub topic: Option<String>,
    /// The repository.
    #[schemars(extend("zh" = "仓库。"))]
    pub source_repository: RepositoryBrief,
    /// The repository.
    #[schemars(extend("zh" = "仓库。"))]
    pub target_repository: RepositoryBrief,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub is_source_branch_exist: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_type: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub squash_commit_message: Option<String>,
    /// Always false: this server merges nothing.
    #[schemars(extend("zh" = "始终为 false：本服务不执行合并。"))]
    pub auto_merge: bool,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_error: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub json_merge_error: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub rebase_in_progress: Option<bool>,
}
