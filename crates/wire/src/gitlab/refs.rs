//! `GET /api/v4/projects/{project}/repository/branches`, `.../branches/{branch}` and `.../repository/tags`.

use super::commits::CommitBrief;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A branch with the commit of its newest pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Branch")]
pub struct Branch<Text = String, Time = Text> {
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Text,
    /// The commit of the newest pipeline.
    #[schemars(extend("zh" = "最新流水线的提交。"))]
    pub commit: CommitBrief<Text, Time>,
    /// Known only to git; false.
    #[schemars(extend("zh" = "仅 git 中有，为 false。"))]
    pub merged: bool,
    /// Always false: branches are protected where git is hosted.
    #[schemars(description = "Always false.", extend("zh" = "始终为 false。"))]
    pub protected: bool,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub developers_can_push: bool,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub developers_can_merge: bool,
    /// Always false: the server hosts no git.
    #[schemars(description = "Always false.", extend("zh" = "始终为 false。"))]
    pub can_push: bool,
    /// Whether it is the default branch.
    #[schemars(extend("zh" = "是否为默认分支。"))]
    pub default: bool,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Text,
}

/// A tag with the commit of its newest pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Tag")]
pub struct Tag<Text = String, Time = Text> {
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Text,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub message: Text,
    /// The id of the commit.
    #[schemars(extend("zh" = "提交 ID。"))]
    pub target: Text,
    /// The commit of the newest pipeline.
    #[schemars(extend("zh" = "最新流水线的提交。"))]
    pub commit: CommitBrief<Text, Time>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub release: Option<Text>,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub protected: bool,
    /// Always null: it is known only to git.
    #[schemars(description = "Always null.", extend("zh" = "始终为 null。"))]
    pub created_at: Option<Time>,
}
