//! Branches and tags that have pipelines, below `/v4/repositories/{repository_id}/repository`: `branches`, `branch`,
//! `tags` and `tag`. The commit of a ref is that of its newest pipeline.

use super::commits::Commit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A branch of a list (`BranchSimpleDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BranchSimple {
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// Whether it is the default branch.
    #[schemars(extend("zh" = "是否为默认分支。"))]
    pub default: bool,
    /// Always false: git is hosted elsewhere.
    #[schemars(extend("zh" = "始终为 false：本服务不托管 git。"))]
    pub can_delete: bool,
    /// Always true.
    #[schemars(extend("zh" = "始终为 true：可以读取。"))]
    pub can_read: bool,
    /// Always false: git is hosted elsewhere.
    #[schemars(extend("zh" = "始终为 false：本服务不托管 git。"))]
    pub can_download: bool,
    /// Always false: git is hosted elsewhere.
    #[schemars(extend("zh" = "始终为 false：本服务不托管 git。"))]
    pub can_push: bool,
}

/// The response of `GET /v4/repositories/{repository_id}/repository/branch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShowBranch {
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The commit of its newest pipeline.
    #[schemars(extend("zh" = "其最新流水线的提交。"))]
    pub commit: Commit,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub merged: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub protected: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub developers_can_push: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub developers_can_merge: Option<bool>,
    /// Always false: git is hosted elsewhere.
    #[schemars(extend("zh" = "始终为 false：本服务不托管 git。"))]
    pub can_push: bool,
    /// Whether it is the default branch.
    #[schemars(extend("zh" = "是否为默认分支。"))]
    pub default: bool,
}

/// A tag of a list (`SimpleTagDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TagSimple {
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub message: Option<String>,
    /// The commit of its newest pipeline.
    #[schemars(extend("zh" = "其最新流水线的提交。"))]
    pub target: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    #[serde(rename = "gpgKey")]
    pub gpg_key: Option<()>,
    /// Always false: git is hosted elsewhere.
    #[schemars(extend("zh" = "始终为 false：本服务不托管 git。"))]
    pub can_delete: bool,
    /// Always true.
    #[schemars(extend("zh" = "始终为 true：可以读取。"))]
    pub can_read: bool,
    /// Always false: git is hosted elsewhere.
    #[schemars(extend("zh" = "始终为 false：本服务不托管 git。"))]
    pub can_download: bool,
}

/// The response of `GET /v4/repositories/{repository_id}/repository/tag`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShowTag {
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub message: Option<String>,
    /// The commit of its newest pipeline.
    #[schemars(extend("zh" = "其最新流水线的提交。"))]
    pub target: String,
    /// The commit of its newest pipeline.
    #[schemars(extend("zh" = "其最新流水线的提交。"))]
    pub commit: Commit,
}
