//! `GET /v4/repositories/{repository_id}/members`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A member of a repository (`RepositoryMemberDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryMember {
    /// A user's id.
    #[schemars(extend("zh" = "用户 ID。"))]
    pub user_id: i32,
    /// The user's IAM id.
    #[schemars(extend("zh" = "用户的 IAM ID。"))]
    pub user_iam_id: String,
    /// The user's name.
    #[schemars(extend("zh" = "用户名称。"))]
    pub user_name: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub user_nick_name: Option<String>,
    /// The account's name.
    #[schemars(extend("zh" = "账号名称。"))]
    pub tenant_name: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub tenant_id: Option<String>,
    /// 1 if the user created the repository, otherwise 0.
    #[schemars(extend("zh" = "用户创建了该仓库为 1，否则为 0。"))]
    pub is_repo_creator: i32,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub is_group_creator: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    #[serde(rename = "is_Project_admin")]
    pub is_project_admin: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub project_role_name: Option<String>,
    /// The role: `read`, `report` or `manage`.
    #[schemars(extend("zh" = "角色：`read`、`report` 或 `manage`。"))]
    pub repository_role_name: String,
    /// The level of access: `20` read, `30` report, `40` manage.
    #[schemars(extend("zh" = "权限级别：`20` 只读，`30` 上报，`40` 管理。"))]
    #[serde(rename = "repository_role_Id")]
    pub repository_role_id: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub member_source: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub member_group_source: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub member_source_id: Option<String>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub service_license_status: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub action_enabled: Option<bool>,
}
