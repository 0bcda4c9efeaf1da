//! `GET /api/v4/projects` and `GET /api/v4/projects/{project}`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A repository as a GitLab project in a list with `simple`. Counts of what is not stored here are zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BasicProject {
    /// The project's id.
    #[schemars(extend("zh" = "项目 ID。"))]
    pub id: i32,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// `acme / demo`.
    #[schemars(description = "The name with its namespace.", extend("zh" = "带命名空间的名称。"))]
    pub name_with_namespace: String,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: String,
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path_with_namespace: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    pub default_branch: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub tag_list: Vec<String>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub topics: Vec<String>,
    /// A URL; null if unknown.
    #[schemars(extend("zh" = "地址；未知时为 null。"))]
    pub ssh_url_to_repo: Option<String>,
    /// The clone URL.
    #[schemars(extend("zh" = "克隆地址。"))]
    pub http_url_to_repo: Option<String>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: String,
    /// A URL; null if unknown.
    #[schemars(extend("zh" = "地址；未知时为 null。"))]
    pub readme_url: Option<String>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub forks_count: i32,
    /// A URL; null if unknown.
    #[schemars(extend("zh" = "地址；未知时为 null。"))]
    pub avatar_url: Option<String>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub star_count: i32,
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub last_activity_at: String,
    /// The group that contains it.
    #[schemars(extend("zh" = "所在的组。"))]
    pub namespace: Namespace,
}

/// A repository as a GitLab project (reporters fact 3.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// The fields of every list.
    #[serde(flatten)]
    pub basic: BasicProject,
    /// Whether the repository is empty.
    #[schemars(extend("zh" = "仓库是否为空。"))]
    pub empty_repo: bool,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: bool,
    /// `private`, `internal` or `public`.
    #[schemars(description = "The visibility.", extend("zh" = "可见性。"))]
    pub visibility: String,
    /// The id of the creator.
    #[schemars(extend("zh" = "创建者的 ID。"))]
    pub creator_id: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub open_issues_count: i32,
    /// A setting of the project.
    #[schemars(extend("zh" = "项目的设置。"))]
    pub jobs_enabled: bool,
    /// Merge bots read it. Stagepost has no such rule.
    #[schemars(description = "A setting of the project.", extend("zh" = "项目的设置。"))]
    pub only_allow_merge_if_pipeline_succeeds: bool,
    /// A setting of the project.
    #[schemars(extend("zh" = "项目的设置。"))]
    pub allow_merge_on_skipped_pipeline: bool,
    /// A setting of the project.
    #[schemars(extend("zh" = "项目的设置。"))]
    pub only_allow_merge_if_all_discussions_are_resolved: bool,
    /// The permissions of the caller.
    #[schemars(extend("zh" = "调用者的权限。"))]
    pub permissions: Permissions,
}

/// The group of a project. It has no id here: 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Namespace {
    /// Always 0: groups have no id.
    #[schemars(extend("zh" = "组没有 ID，始终为 0。"))]
    pub id: i32,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: String,
    /// The type.
    #[schemars(extend("zh" = "类型。"))]
    pub kind: String,
    /// The full path.
    #[schemars(extend("zh" = "完整路径。"))]
    pub full_path: String,
    /// The parent group; null.
    #[schemars(extend("zh" = "上级组；未知时为 null。"))]
    pub parent_id: Option<i32>,
    /// A URL; null if unknown.
    #[schemars(extend("zh" = "地址；未知时为 null。"))]
    pub avatar_url: Option<String>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: String,
}

/// The caller's rights in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permissions {
    /// The permission in the project.
    #[schemars(extend("zh" = "在项目中的权限。"))]
    pub project_access: Option<Access>,
    /// Always null: groups have no members here.
    #[schemars(description = "Always null.", extend("zh" = "始终为 null。"))]
    pub group_access: Option<Access>,
}

/// A level of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// 20 read, 30 report, 40 manage.
    #[schemars(extend("zh" = "20 只读，30 上报，40 管理。"))]
    pub access_level: i32,
    /// Always 3.
    #[schemars(extend("zh" = "始终为 3。"))]
    pub notification_level: i32,
}
