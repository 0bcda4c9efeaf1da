//! `GET /api/v1/repos/{owner}/{repo}`, and the repository in a combined status.

use super::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub id: i32,
    /// The first part of the path.
    #[schemars(extend("zh" = "路径的第一段。"))]
    pub owner: User,
    /// The path after the owner.
    #[schemars(extend("zh" = "路径中所有者之后的部分。"))]
    pub name: String,
    /// The path.
    #[schemars(extend("zh" = "路径。"))]
    pub full_name: String,
    /// The description, or empty.
    #[schemars(extend("zh" = "描述，或为空。"))]
    pub description: String,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub empty: bool,
    /// Whether only members may read it.
    #[schemars(extend("zh" = "是否仅成员可见。"))]
    pub private: bool,
    /// Whether every signed-in user may read it, and no other client.
    #[schemars(extend("zh" = "是否所有用户可见，但不对外公开。"))]
    pub internal: bool,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub fork: bool,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub template: bool,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub mirror: bool,
    /// The address of the repository.
    #[schemars(extend("zh" = "仓库的地址。"))]
    pub url: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub html_url: String,
    /// The clone URL; the web address if unknown.
    #[schemars(extend("zh" = "克隆地址；未知时为网页地址。"))]
    pub clone_url: String,
    /// The clone URL; empty if unknown.
    #[schemars(extend("zh" = "克隆地址；未知时为空。"))]
    pub ssh_url: String,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    pub default_branch: String,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: bool,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub updated_at: String,
    /// The permissions of the caller; absent in a combined status.
    #[schemars(extend("zh" = "调用者的权限；汇总状态中不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permissions: Option<Permissions>,
}

/// The caller's rights in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permissions {
    /// Whether the caller may manage it.
    #[schemars(extend("zh" = "是否可以管理。"))]
    pub admin: bool,
    /// Whether the caller may report.
    #[schemars(extend("zh" = "是否可以上报。"))]
    pub push: bool,
    /// Whether the caller may read.
    #[schemars(extend("zh" = "是否可以读取。"))]
    pub pull: bool,
}
