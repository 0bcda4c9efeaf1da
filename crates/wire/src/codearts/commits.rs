//! Commits: `GET /v4/repositories/{repository_id}/repository/commits?sha=`, and those of branches and tags.

use super::show_repository::RepositoryUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A commit (`CommitDto`). It is known from its pipelines; what only git has is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub id: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub message: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub parent_ids: Option<Vec<String>>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub authored_date: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author_email: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub committed_date: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub committer_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub committer_email: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub open_gpg_verified: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub verification_status: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub gpg_primary_key_id: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub gpg_nick_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub gpg_tenant_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub gpg_user_name: Option<String>,
    /// The first 8 digits of the commit id.
    #[schemars(extend("zh" = "提交 ID 的前 8 位。"))]
    pub short_id: String,
    /// When its first pipeline was reported; null if it has none.
    #[schemars(extend("zh" = "其第一条流水线的上报时间；没有流水线时为 null。"))]
    pub created_at: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub title: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author_avatar_url: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub committer_avatar_url: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub relate_url: Option<()>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub nick_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub tenant_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub user_name: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author_id: Option<i32>,
}

impl Commit {
    /// The commit with this full id, whose first pipeline was reported then.
    #[must_use]
    pub fn new(sha: &str, created_at: Option<String>) -> Self {
        Self {
            id: sha.to_owned(),
            message: None,
            parent_ids: None,
            authored_date: None,
            author_name: None,
            author_email: None,
            committed_date: None,
            committer_name: None,
            committer_email: None,
            open_gpg_verified: None,
            verification_status: None,
            gpg_primary_key_id: None,
            name: None,
            gpg_nick_name: None,
            gpg_tenant_name: None,
            gpg_user_name: None,
            short_id: sha.get(..8).unwrap_or(sha).to_owned(),
            created_at,
            title: None,
            author_avatar_url: None,
            committer_avatar_url: None,
            relate_url: None,
            nick_name: None,
            tenant_name: None,
            user_name: None,
            author_id: None,
        }
    }
}

/// The response of `GET /v4/repositories/{repository_id}/repository/commits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShowCommit {
    /// The commit.
    #[serde(flatten)]
    pub commit: Commit,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub stats: Option<()>,
    /// The status of its newest pipeline; null if it has none.
    #[schemars(extend("zh" = "其最新流水线的状态；没有流水线时为 null。"))]
    pub status: Option<String>,
    /// Its newest pipeline; null if it has none.
    #[schemars(extend("zh" = "其最新流水线；没有流水线时为 null。"))]
    pub last_pipeline: Option<PipelineBasic>,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub project_id: i32,
    /// Its merge request with the greatest number; null if it has none.
    #[schemars(extend("zh" = "其编号最大的合并请求；没有时为 null。"))]
    pub merge_request: Option<MergeRequestBrief>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub code_changes: Option<()>,
}

/// A pipeline of a commit (`PipelineBasicDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineBasic {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The web address; null if unknown.
    #[schemars(extend("zh" = "网页地址；未知为 null。"))]
    pub web_url: Option<String>,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The status.
    #[schemars(extend("zh" = "状态。"))]
    pub status: String,
}

/// A merge request of a commit (`SimpleMergeRequestDetailDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeRequestBrief {
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
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub review_mode: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub author: Option<RepositoryUser>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merge_request_type: Option<String>,
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
}
