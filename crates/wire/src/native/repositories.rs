//! `/native/v1/repositories` and their members.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The repository's UUID of 32 hexadecimal digits.
    #[schemars(extend("zh" = "仓库的 32 位 UUID。"))]
    pub uuid: String,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_id: String,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    pub project_name: String,
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path: String,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    pub default_branch: String,
    /// `private`, `internal` or `public`.
    #[schemars(description = "The visibility.", extend("zh" = "可见性。"))]
    pub visibility: String,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: bool,
    /// Whether it has had a pipeline, or was recorded to have one.
    #[schemars(extend("zh" = "是否有过流水线。"))]
    #[serde(default)]
    pub has_pipeline: bool,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Option<String>,
    /// The clone URL.
    #[schemars(extend("zh" = "克隆地址。"))]
    pub http_url: Option<String>,
    /// The clone URL.
    #[schemars(extend("zh" = "克隆地址。"))]
    pub ssh_url: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: String,
    /// The caller's role: `read`, `report` or `manage`.
    #[schemars(description = "The role.", extend("zh" = "角色。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
}

/// `GET /native/v1/repositories`: some repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryList {
    /// The repositories.
    #[schemars(extend("zh" = "仓库。"))]
    pub repositories: Vec<Repository>,
    /// The number of all matches that the caller may see.
    #[schemars(description = "The number of all matches.", extend("zh" = "符合条件的总数。"))]
    pub total: u64,
}

/// `POST /native/v1/repositories`. Only `path` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewRepository {
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path: String,
    /// An existing id to use; if absent, a new one.
    #[schemars(extend("zh" = "指定的 ID；不填则新分配。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The repository's UUID of 32 hexadecimal digits.
    #[schemars(extend("zh" = "仓库的 32 位 UUID。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// The visibility.
    #[schemars(extend("zh" = "可见性。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    /// The clone URL.
    #[schemars(extend("zh" = "克隆地址。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_url: Option<String>,
    /// The clone URL.
    #[schemars(extend("zh" = "克隆地址。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_url: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// `PATCH /native/v1/repositories/{id}`. Absent fields are unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RepositoryChange {
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// The visibility.
    #[schemars(extend("zh" = "可见性。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// A member of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The user's name.
    #[schemars(extend("zh" = "用户名。"))]
    pub user: String,
    /// `read`, `report` or `manage`.
    #[schemars(description = "The role.", extend("zh" = "角色。"))]
    pub role: String,
}

/// `GET /native/v1/repositories/{id}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberList {
    /// The members, by name.
    #[schemars(description = "The members.", extend("zh" = "成员。"))]
    pub members: Vec<Member>,
}

/// `PUT /native/v1/repositories/{id}/members/{user}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewRole {
    /// `read`, `report` or `manage`.
    #[schemars(description = "The role.", extend("zh" = "角色。"))]
    pub role: String,
}

/// The page of a repository's settings as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The repository.
    pub repository: Repository,
    /// Its members, by name.
    pub members: Vec<Member>,
    /// Its automation.
    pub policies: super::policies::Policies,
    /// Its webhooks, oldest first.
    pub webhooks: Vec<super::webhooks::Webhook>,
}
