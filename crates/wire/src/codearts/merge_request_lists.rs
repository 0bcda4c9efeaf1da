//! Lists of merge requests: `GET /v4/repositories/{repository_id}/merge-requests`,
//! `GET /v4/projects/{project_id}/merge-requests`, `GET /v4/merge-requests` and
//! `GET /v4/repositories/{repository_id}/commits/{sha}/merge-requests`.
//!
//! The code host has a merge request itself; here are its number, its branches, its head and its pipelines. What only
//! the code host knows is constant.

use super::repositories::{DEVELOP_MODE, RepositoryFacts, owned};
use super::show_repository::RepositoryUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A merge request of a list (`MergeRequestListBasicDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequestListed {
    /// The same number as `iid`.
    #[schemars(extend("zh" = "与 `iid` 相同。"))]
    pub id: i32,
    /// The merge request's number in its repository.
    #[schemars(extend("zh" = "合并请求在仓库中的编号。"))]
    pub iid: i32,
    /// The title; always empty.
    #[schemars(extend("zh" = "标题，始终为空。"))]
    pub title: String,
    /// The source branch; null if unknown.
    #[schemars(extend("zh" = "源分支；未知时为 null。"))]
    pub source_branch: Option<String>,
    /// The target branch; null if unknown.
    #[schemars(extend("zh" = "目标分支；未知时为 null。"))]
    pub target_branch: Option<String>,
    /// The state; always `opened`.
    #[schemars(extend("zh" = "状态，始终为 `opened`。"))]
    pub state: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<String>,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub source_repository_id: i32,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub review_mode: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author: Option<RepositoryUser>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub closed_at: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub closed_by: Option<RepositoryUser>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merged_at: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merged_by: Option<RepositoryUser>,
    /// The status of the head's pipeline; null if it has none.
    #[schemars(extend("zh" = "最新提交的流水线状态；没有流水线时为 null。"))]
    pub pipeline_status: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub codequality_status: Option<String>,
    /// The same as `pipeline_status`.
    #[schemars(extend("zh" = "与 `pipeline_status` 相同。"))]
    pub pipeline_status_with_code_quality: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub notes: Option<i32>,
    /// The repository.
    #[schemars(extend("zh" = "仓库。"))]
    pub source_repository: RepositoryBrief,
    /// The repository.
    #[schemars(extend("zh" = "仓库。"))]
    pub target_repository: RepositoryBrief,
    /// The page of the head commit on this server.
    #[schemars(extend("zh" = "最新提交在本服务中的页面。"))]
    pub web_url: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub added_lines: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub removed_lines: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_type: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub source_git_url: Option<String>,
    /// The labels; always empty.
    #[schemars(extend("zh" = "标签，始终为空。"))]
    pub labels: Vec<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub score: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub min_merged_score: Option<i32>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub source_product_id: String,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub target_product_id: String,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    pub product_name: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub notes_count: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_result: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_time: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_status: Option<i32>,
}

/// A repository of a merge request (`ProjectSimpleDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryBrief {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The name with its namespace.
    #[schemars(extend("zh" = "带命名空间的名称。"))]
    pub name_with_namespace: String,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: String,
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path_with_namespace: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<String>,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: bool,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub is_kia: Option<bool>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub ssh_url_to_repo: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub http_url_to_repo: Option<String>,
    /// The web address of its git repository; null if unknown.
    #[schemars(extend("zh" = "Git 仓库的网页地址；未知时为 null。"))]
    pub web_url: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub readme_url: Option<String>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_id: String,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    pub project_name: String,
    /// The development mode.
    #[schemars(extend("zh" = "开发模式。"))]
    pub develop_mode: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub moderation_result: Option<bool>,
}

impl RepositoryBrief {
    /// The brief form of a repository.
    #[must_use]
    pub fn new(facts: &RepositoryFacts<'_>) -> Self {
        Self {
            id: facts.id,
            description: owned(facts.description),
            name: facts.name().to_owned(),
            name_with_namespace: facts.path_with_namespace.to_owned(),
            path: facts.name().to_owned(),
            path_with_namespace: facts.path_with_namespace.to_owned(),
            created_at: Some(facts.created_at.to_owned()),
            updated_at: Some(facts.updated_at.to_owned()),
            archived: facts.archived,
            is_kia: None,
            ssh_url_to_repo: owned(facts.ssh_url),
            http_url_to_repo: owned(facts.http_url),
            web_url: owned(facts.web_url),
            readme_url: None,
            project_id: facts.project_id.to_owned(),
            project_name: facts.project_name.to_owned(),
            develop_mode: DEVELOP_MODE.to_owned(),
            moderation_result: None,
        }
    }
}

/// A merge request of a commit (`CommitMergeRequestDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitMergeRequest {
    /// The same number as `iid`.
    #[schemars(extend("zh" = "与 `iid` 相同。"))]
    pub id: i32,
    /// The merge request's number in its repository.
    #[schemars(extend("zh" = "合并请求在仓库中的编号。"))]
    pub iid: i32,
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
    /// The target branch; null if unknown.
    #[schemars(extend("zh" = "目标分支；未知时为 null。"))]
    pub target_branch: Option<String>,
    /// The source branch; null if unknown.
    #[schemars(extend("zh" = "源分支；未知时为 null。"))]
    pub source_branch: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub user_notes_count: Option<i32>,
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
    pub assignee: Option<Vec<RepositoryUser>>,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub source_repository_id: i32,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub target_repository_id: i32,
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
    pub merge_when_pipeline_succeeds: bool,
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
    pub discussion_locked: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub force_remove_source_branch: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub should_remove_source_branch: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub allow_collaboration: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub allow_maintainer_to_push: Option<bool>,
    /// The page of the head commit on this server.
    #[schemars(extend("zh" = "最新提交在本服务中的页面。"))]
    pub web_url: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub time_stats: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub squash: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_type: Option<String>,
}
