//! `GET /api/v4/projects/{project}/repository/commits/{sha}/merge_requests`.

use super::users::BasicUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A merge request. The git host has the merge request itself: here its title is empty and its state is `opened`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MergeRequest")]
pub struct MergeRequest<Text = String, Time = Text> {
    /// The same as `iid`.
    #[schemars(extend("zh" = "与 `iid` 相同。"))]
    pub id: i32,
    /// The number in its project.
    #[schemars(extend("zh" = "在项目中的编号。"))]
    pub iid: i32,
    /// The project's id.
    #[schemars(extend("zh" = "项目 ID。"))]
    pub project_id: i32,
    /// Known only to the git host; empty.
    #[schemars(extend("zh" = "仅代码托管平台中有，为空。"))]
    pub title: Text,
    /// Known only to the git host; empty.
    #[schemars(extend("zh" = "仅代码托管平台中有，为空。"))]
    pub description: Text,
    /// Always `opened`: it is known only to the git host.
    #[schemars(description = "Always `opened`.", extend("zh" = "始终为 `opened`。"))]
    pub state: Text,
    /// The same as `updated_at`.
    #[schemars(extend("zh" = "与 `updated_at` 相同。"))]
    pub created_at: Time,
    /// The time of the last update, or of the newest pipeline on its ref.
    #[schemars(extend("zh" = "最近一次更新或其 ref 上最新流水线的时间。"))]
    pub updated_at: Time,
    /// The target branch; empty if unknown.
    #[schemars(extend("zh" = "目标分支；未知时为空。"))]
    pub target_branch: Text,
    /// The source branch; empty if unknown.
    #[schemars(extend("zh" = "源分支；未知时为空。"))]
    pub source_branch: Text,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub author: Option<BasicUser<Text>>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub assignees: Vec<BasicUser<Text>>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub reviewers: Vec<BasicUser<Text>>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub labels: Vec<Text>,
    /// Always 0.
    #[schemars(extend("zh" = "始终为 0。"))]
    pub upvotes: i32,
    /// Always 0.
    #[schemars(extend("zh" = "始终为 0。"))]
    pub downvotes: i32,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub draft: bool,
    /// Always `unchecked`.
    #[schemars(extend("zh" = "始终为 `unchecked`。"))]
    pub merge_status: Text,
    /// Always `unchecked`.
    #[schemars(extend("zh" = "始终为 `unchecked`。"))]
    pub detailed_merge_status: Text,
    /// The head commit.
    #[schemars(extend("zh" = "源分支的最新提交。"))]
    pub sha: Text,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub merge_commit_sha: Option<Text>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub squash_commit_sha: Option<Text>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Text,
}
