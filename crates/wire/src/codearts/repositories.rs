//! Lists of repositories in v4, `GET /v4/user/repositories` and `GET /v4/projects/{project_id}/repositories`,
//! and the facts from which every body of a repository is built.
//!
//! Stagepost hosts no git and does not know all fields of a CodeArts repository. [`RepositoryFacts`] has the
//! known ones. The constructors fill in the others: 0 for what does not exist here (stars, forks, merge
//! requests), null for what exists elsewhere and is not known (branches, sizes, security levels).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The data of a repository and of the caller's rights in it. [`RepositorySimplest`],
/// [`ProjectRepository`], [`super::show_repository`] and [`super::repositories_v2`] are built from it.
#[derive(Debug, Clone, Copy)]
pub struct RepositoryFacts<'a> {
    /// 1 to 2147483647.
    pub id: i32,
    /// 32 hexadecimal digits.
    pub uuid: &'a str,
    /// The CodeArts project, 32 hexadecimal digits.
    pub project_id: &'a str,
    /// The CodeArts project's name.
    pub project_name: &'a str,
    /// Path with namespace: `acme/tools/demo`. The last segment is the name.
    pub path_with_namespace: &'a str,
    /// The description.
    pub description: Option<&'a str>,
    /// The default branch.
    pub default_branch: &'a str,
    /// `private`, `internal` or `public`.
    pub visibility: &'a str,
    /// The same for v1 and v2: 0 private, 10 internal, 20 public.
    pub visibility_level: i32,
    /// Whether it is archived.
    pub archived: bool,
    /// The web address of its git repository.
    pub web_url: Option<&'a str>,
    /// The clone URL for http.
    pub http_url: Option<&'a str>,
    /// The clone URL for ssh.
    pub ssh_url: Option<&'a str>,
    /// The user who made it.
    pub creator_id: i32,
    /// The name of the user who made it.
    pub creator_name: &'a str,
    /// The account (IAM domain) that all users belong to.
    pub domain_name: &'a str,
    /// The time of creation in the format of this dialect.
    pub created_at: &'a str,
    /// The time of the last change of the repository or of one of its pipelines, in the format of this
    /// dialect.
    pub updated_at: &'a str,
    /// The caller's access level as CodeArts counts it: 20 read, 30 report, 40 manage; `None` for a caller
    /// who is no member.
    pub access_level: Option<i32>,
    /// The caller made it.
    pub is_owner: bool,
}

impl<'a> RepositoryFacts<'a> {
    /// The last segment of the path.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.path_with_namespace.rsplit_once('/').map_or(self.path_with_namespace, |(_, name)| name)
    }

    /// The path without its last segment; empty if there is only one.
    #[must_use]
    pub fn namespace(&self) -> &'a str {
        self.path_with_namespace.rsplit_once('/').map_or("", |(namespace, _)| namespace)
    }
}

/// `develop_mode` of every repository. Pipelines work the same in both modes; the other one is `CR`.
pub(super) const DEVELOP_MODE: &str = "normal";

pub(super) fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// An element of the response of `GET /v4/user/repositories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositorySimplest {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The namespace.
    #[schemars(extend("zh" = "命名空间。"))]
    pub namespace: Option<String>,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: Option<String>,
    /// The development mode.
    #[schemars(extend("zh" = "开发模式。"))]
    pub develop_mode: Option<String>,
    /// The visibility.
    #[schemars(extend("zh" = "可见性。"))]
    pub visibility: Option<String>,
    /// The security level; null because it is unknown.
    #[schemars(extend("zh" = "安全级别；未知时为 null。"))]
    pub security: Option<String>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub star_count: Option<i32>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub forks_count: Option<i32>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub open_issues_count: Option<i32>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub open_merge_requests_count: Option<i32>,
    /// Whether it is starred.
    #[schemars(extend("zh" = "是否已收藏。"))]
    pub starred: Option<bool>,
    /// The name with its namespace.
    #[schemars(extend("zh" = "带命名空间的名称。"))]
    pub name_with_namespace: Option<String>,
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub last_activity_at: Option<String>,
    /// The repository it was forked from.
    #[schemars(extend("zh" = "派生来源仓库。"))]
    pub forked_from_repository: Option<ForkedFrom>,
    /// The level of access: 20 read, 30 report, 40 manage.
    #[schemars(extend("zh" = "权限级别：20 只读，30 上报，40 管理。"))]
    pub permissions: Option<i32>,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: Option<bool>,
    /// The number; null if unknown.
    #[schemars(extend("zh" = "数量；未知时为 null。"))]
    pub member_count: Option<i32>,
    /// The repository's UUID of 32 hexadecimal digits.
    #[schemars(extend("zh" = "仓库的 32 位 UUID。"))]
    pub uuid: Option<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub last_repository_updated_at: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub ssh_url_to_repo: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub http_url_to_repo: Option<String>,
    /// The state; null because its values are not published.
    #[schemars(extend("zh" = "状态；取值未公开，为 null。"))]
    pub status: Option<String>,
    /// Activity statistics; null.
    #[schemars(extend("zh" = "活跃度；未知时为 null。"))]
    pub active_statistic: Option<Vec<i32>>,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    pub project_name: Option<String>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_id: Option<String>,
    /// Whether the project is deleted.
    #[schemars(extend("zh" = "项目是否已删除。"))]
    pub project_is_delete: Option<bool>,
    /// A user's id.
    #[schemars(extend("zh" = "用户 ID。"))]
    pub creator_id: Option<i32>,
}

/// The repository from which another one was forked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForkedFrom {
    /// The name with its namespace.
    #[schemars(extend("zh" = "带命名空间的名称。"))]
    pub name_with_namespace: Option<String>,
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path_with_namespace: Option<String>,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Option<String>,
    /// The namespace.
    #[schemars(extend("zh" = "命名空间。"))]
    pub namespace: Option<String>,
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_id: Option<String>,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    pub project_name: Option<String>,
}

impl RepositorySimplest {
    /// The body for a repository. Zero: stars, forks, issues, merge requests. Null: the security level, the
    /// number of members, `status` (its words are not published) and the activity figures.
    #[must_use]
    pub fn new(facts: &RepositoryFacts<'_>) -> Self {
        Self {
            id: facts.id,
            name: facts.name().to_owned(),
            namespace: Some(facts.namespace().to_owned()),
            path: Some(facts.name().to_owned()),
            develop_mode: Some(DEVELOP_MODE.to_owned()),
            visibility: Some(facts.visibility.to_owned()),
            security: None,
            star_count: Some(0),
            forks_count: Some(0),
            open_issues_count: Some(0),
            open_merge_requests_count: Some(0),
            starred: Some(false),
            name_with_namespace: Some(facts.path_with_namespace.to_owned()),
            last_activity_at: Some(facts.updated_at.to_owned()),
            forked_from_repository: None,
            permissions: facts.access_level,
            archived: Some(facts.archived),
            member_count: None,
            uuid: Some(facts.uuid.to_owned()),
            description: owned(facts.description),
            last_repository_updated_at: Some(facts.updated_at.to_owned()),
            ssh_url_to_repo: owned(facts.ssh_url),
            http_url_to_repo: owned(facts.http_url),
            status: None,
            active_statistic: None,
            project_name: Some(facts.project_name.to_owned()),
            project_id: Some(facts.project_id.to_owned()),
            project_is_delete: Some(false),
            creator_id: Some(facts.creator_id),
        }
    }
}

/// An element of the response of `GET /v4/projects/{project_id}/repositories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectRepository {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The namespace.
    #[schemars(extend("zh" = "命名空间。"))]
    pub namespace: Option<String>,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: Option<String>,
    /// The development mode.
    #[schemars(extend("zh" = "开发模式。"))]
    pub develop_mode: Option<String>,
    /// The visibility.
    #[schemars(extend("zh" = "可见性。"))]
    pub visibility: Option<String>,
    /// The security level; null because it is unknown.
    #[schemars(extend("zh" = "安全级别；未知时为 null。"))]
    pub security: Option<String>,
    /// The name with its namespace.
    #[schemars(extend("zh" = "带命名空间的名称。"))]
    pub name_with_namespace: Option<String>,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: Option<bool>,
    /// The state; null because its values are not published.
    #[schemars(extend("zh" = "状态；取值未公开，为 null。"))]
    pub status: Option<String>,
}

impl ProjectRepository {
    /// The body for a repository. Null: the security level, and `status` (its words are not published).
    #[must_use]
    pub fn new(facts: &RepositoryFacts<'_>) -> Self {
        Self {
            id: facts.id,
            name: facts.name().to_owned(),
            namespace: Some(facts.namespace().to_owned()),
            path: Some(facts.name().to_owned()),
            develop_mode: Some(DEVELOP_MODE.to_owned()),
            visibility: Some(facts.visibility.to_owned()),
            security: None,
            name_with_namespace: Some(facts.path_with_namespace.to_owned()),
            archived: Some(facts.archived),
            status: None,
        }
    }
}
