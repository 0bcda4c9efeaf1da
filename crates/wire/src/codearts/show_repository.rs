//! One repository in v4, `GET /v4/repositories/{repository_id}`. [`super::repositories`] says which fields
//! are unknown.

use super::repositories::{DEVELOP_MODE, ForkedFrom, RepositoryFacts, owned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The response of `GET /v4/repositories/{repository_id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShowRepository {
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
    pub name_with_namespace: Option<String>,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: Option<String>,
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path_with_namespace: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<String>,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: Option<bool>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub ssh_url_to_repo: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub http_url_to_repo: Option<String>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_id: Option<String>,
    /// The CodeArts project's name.
    #[schemars(extend("zh" = "CodeArts 项目名称。"))]
    pub project_name: Option<String>,
    /// The development mode.
    #[schemars(extend("zh" = "开发模式。"))]
    pub develop_mode: Option<String>,
    /// The result of moderation.
    #[schemars(extend("zh" = "审核结果。"))]
    pub moderation_result: Option<bool>,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    pub default_branch: Option<String>,
    /// The avatar URL.
    #[schemars(extend("zh" = "头像地址。"))]
    pub avatar_url: Option<String>,
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
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub last_activity_at: Option<String>,
    /// The namespace.
    #[schemars(extend("zh" = "命名空间。"))]
    pub namespace: Option<Namespace>,
    /// Whether the repository is empty.
    #[schemars(extend("zh" = "仓库是否为空。"))]
    pub empty_repo: Option<bool>,
    /// Whether it is starred.
    #[schemars(extend("zh" = "是否已收藏。"))]
    pub starred: Option<bool>,
    /// The visibility.
    #[schemars(extend("zh" = "可见性。"))]
    pub visibility: Option<String>,
    /// The security level; null because it is unknown.
    #[schemars(extend("zh" = "安全级别；未知时为 null。"))]
    pub security_tag: Option<String>,
    /// The security level; null because it is unknown.
    #[schemars(extend("zh" = "安全级别；未知时为 null。"))]
    pub security: Option<String>,
    /// The type.
    #[schemars(extend("zh" = "类型。"))]
    pub network_type: Option<String>,
    /// A user.
    #[schemars(extend("zh" = "用户。"))]
    pub owner: Option<RepositoryUser>,
    /// A user.
    #[schemars(extend("zh" = "用户。"))]
    pub creator: Option<RepositoryUser>,
    /// A user's id.
    #[schemars(extend("zh" = "用户 ID。"))]
    pub creator_id: Option<i32>,
    /// The repository it was forked from.
    #[schemars(extend("zh" = "派生来源仓库。"))]
    pub forked_from_repository: Option<ForkedFrom>,
    /// The repository's UUID of 32 hexadecimal digits.
    #[schemars(extend("zh" = "仓库的 32 位 UUID。"))]
    pub uuid: Option<String>,
    /// The parent groups; null.
    #[schemars(extend("zh" = "上级组；未知时为 null。"))]
    pub ancestor_ids: Option<Vec<i32>>,
    /// The parent groups; null.
    #[schemars(extend("zh" = "上级组；未知时为 null。"))]
    pub ancestor_names: Option<Vec<String>>,
    /// The import status; null.
    #[schemars(extend("zh" = "导入状态；未知时为 null。"))]
    pub import_status: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub import_url: Option<String>,
    /// The import status; null.
    #[schemars(extend("zh" = "导入状态；未知时为 null。"))]
    pub import_error: Option<String>,
    /// The type.
    #[schemars(extend("zh" = "类型。"))]
    pub repo_type: Option<String>,
    /// A rule of the git host; null.
    #[schemars(extend("zh" = "git 托管服务的规则，为 null。"))]
    pub only_allow_merge_if_pipeline_succeeds: Option<bool>,
    /// A rule of the git host; null.
    #[schemars(extend("zh" = "git 托管服务的规则，为 null。"))]
    pub request_access_enabled: Option<bool>,
    /// A rule of the git host; null.
    #[schemars(extend("zh" = "git 托管服务的规则，为 null。"))]
    pub only_allow_merge_if_all_discussions_are_resolved: Option<bool>,
    /// A rule of the git host; null.
    #[schemars(extend("zh" = "git 托管服务的规则，为 null。"))]
    pub merge_method: Option<String>,
    /// Repositories of the same fork network; null.
    #[schemars(extend("zh" = "派生网络中的仓库；未知时为 null。"))]
    pub fork_network_repositories: Option<Vec<RepositoryIdentity>>,
    /// The permissions of the caller.
    #[schemars(extend("zh" = "调用者的权限。"))]
    pub permissions: Option<Permissions>,
    /// The type.
    #[schemars(extend("zh" = "类型。"))]
    pub repository_type: Option<String>,
    /// Sizes; null.
    #[schemars(extend("zh" = "大小；未知时为 null。"))]
    pub statistics: Option<Statistics>,
    /// The number; null if unknown.
    #[schemars(extend("zh" = "数量；未知时为 null。"))]
    pub branch_count: Option<i32>,
    /// The number; null if unknown.
    #[schemars(extend("zh" = "数量；未知时为 null。"))]
    pub tag_count: Option<i32>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub label_count: Option<i32>,
    /// The number; null if unknown.
    #[schemars(extend("zh" = "数量；未知时为 null。"))]
    pub member_count: Option<i32>,
}

/// The group that a repository is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Namespace {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: Option<i32>,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Option<String>,
    /// The last segment of the path.
    #[schemars(extend("zh" = "路径的最后一段。"))]
    pub path: Option<String>,
    /// The development mode.
    #[schemars(extend("zh" = "开发模式。"))]
    pub develop_mode: Option<String>,
    /// The type.
    #[schemars(extend("zh" = "类型。"))]
    pub kind: Option<String>,
    /// The namespace.
    #[schemars(extend("zh" = "命名空间。"))]
    pub full_path: Option<String>,
    /// The name with its namespace.
    #[schemars(extend("zh" = "带命名空间的名称。"))]
    pub full_name: Option<String>,
    /// The parent groups; null.
    #[schemars(extend("zh" = "上级组；未知时为 null。"))]
    pub parent_id: Option<i32>,
    /// 0 private, 10 internal, 20 public.
    #[schemars(extend("zh" = "0 私有，10 内部，20 公开。"))]
    pub visibility_level: Option<i32>,
    /// A rule of the git host; null.
    #[schemars(extend("zh" = "git 托管服务的规则，为 null。"))]
    pub enable_file_control: Option<bool>,
    /// A user's id.
    #[schemars(extend("zh" = "用户 ID。"))]
    pub owner_id: Option<i32>,
}

/// The owner or creator of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryUser {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Option<String>,
    /// The user's name.
    #[schemars(extend("zh" = "用户名称。"))]
    pub username: Option<String>,
    /// `active` or `blocked`.
    #[schemars(extend("zh" = "`active` 或 `blocked`。"))]
    pub state: Option<String>,
    /// The state of a licence; null.
    #[schemars(extend("zh" = "许可状态；未知时为 null。"))]
    pub service_license_status: Option<i32>,
    /// The user's name.
    #[schemars(extend("zh" = "用户名称。"))]
    pub name_cn: Option<String>,
    /// The user's name.
    #[schemars(extend("zh" = "用户名称。"))]
    pub nick_name: Option<String>,
    /// The account's name.
    #[schemars(extend("zh" = "账号名称。"))]
    pub tenant_name: Option<String>,
}

/// A repository of the same fork network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryIdentity {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The path with its namespace.
    #[schemars(extend("zh" = "带命名空间的路径。"))]
    pub path_with_namespace: Option<String>,
}

/// The caller's rights in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permissions {
    /// The permission in the repository.
    #[schemars(extend("zh" = "在仓库中的权限。"))]
    pub repository_access: Option<MemberAccess>,
    /// The permission in the group.
    #[schemars(extend("zh" = "在组中的权限。"))]
    pub group_access: Option<MemberAccess>,
}

/// A level of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberAccess {
    /// The level of access: 20 read, 30 report, 40 manage.
    #[schemars(extend("zh" = "权限级别：20 只读，30 上报，40 管理。"))]
    pub access_level: Option<i32>,
    /// The notification level.
    #[schemars(extend("zh" = "通知级别。"))]
    pub notification_level: Option<i32>,
}

/// Sizes of a repository, in the unit of its git host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// The number; null if unknown.
    #[schemars(extend("zh" = "数量；未知时为 null。"))]
    pub commit_count: Option<i32>,
    /// A size.
    #[schemars(extend("zh" = "大小。"))]
    pub storage_size: Option<f64>,
    /// A size.
    #[schemars(extend("zh" = "大小。"))]
    pub repository_size: Option<f64>,
    /// A size.
    #[schemars(extend("zh" = "大小。"))]
    pub lfs_objects_size: Option<f64>,
    /// A size.
    #[schemars(extend("zh" = "大小。"))]
    pub tenant_repo_size_limit: Option<i32>,
}

impl ShowRepository {
    /// The body for a repository. Zero: stars, forks, issues, merge requests, labels. Null: whatever belongs
    /// to its git (sizes, branches, tags, imports, merge rules), security levels and the number of members.
    #[must_use]
    pub fn new(facts: &RepositoryFacts<'_>) -> Self {
        let text = |text: &str| Some(text.to_owned());
        let creator = RepositoryUser {
            id: facts.creator_id,
            name: text(facts.creator_name),
            username: text(facts.creator_name),
            state: text("active"),
            service_license_status: None,
            name_cn: None,
            nick_name: text(facts.creator_name),
            tenant_name: text(facts.domain_name),
        };
        Self {
            id: facts.id,
            description: owned(facts.description),
            name: facts.name().to_owned(),
            name_with_namespace: text(facts.path_with_namespace),
            path: text(facts.name()),
            path_with_namespace: text(facts.path_with_namespace),
            created_at: text(facts.created_at),
            updated_at: text(facts.updated_at),
            archived: Some(facts.archived),
            ssh_url_to_repo: owned(facts.ssh_url),
            http_url_to_repo: owned(facts.http_url),
            project_id: text(facts.project_id),
            project_name: text(facts.project_name),
            develop_mode: text(DEVELOP_MODE),
            moderation_result: None,
            default_branch: text(facts.default_branch),
            avatar_url: None,
            star_count: Some(0),
            forks_count: Some(0),
            open_issues_count: Some(0),
            open_merge_requests_count: Some(0),
            last_activity_at: text(facts.updated_at),
            namespace: Namespace::of(facts.namespace()),
            empty_repo: None,
            starred: Some(false),
            visibility: text(facts.visibility),
            security_tag: None,
            security: None,
            network_type: None,
            owner: None,
            creator: Some(creator),
            creator_id: Some(facts.creator_id),
            forked_from_repository: None,
            uuid: text(facts.uuid),
            ancestor_ids: None,
            ancestor_names: None,
            import_status: None,
            import_url: None,
            import_error: None,
            repo_type: None,
            only_allow_merge_if_pipeline_succeeds: None,
            request_access_enabled: None,
            only_allow_merge_if_all_discussions_are_resolved: None,
            merge_method: None,
            fork_network_repositories: None,
            permissions: facts.access_level.map(Permissions::repository),
            repository_type: None,
            statistics: None,
            branch_count: None,
            tag_count: None,
            label_count: Some(0),
            member_count: None,
        }
    }
}

impl Namespace {
    /// The group of this full path; `None` for the empty path. It has no id: Stagepost keeps no groups.
    fn of(full_path: &str) -> Option<Self> {
        let path = full_path.rsplit('/').next().filter(|path| !path.is_empty())?;
        Some(Self {
            id: None,
            name: Some(path.to_owned()),
            path: Some(path.to_owned()),
            develop_mode: Some(DEVELOP_MODE.to_owned()),
            kind: Some("group".to_owned()),
            full_path: Some(full_path.to_owned()),
            full_name: Some(full_path.to_owned()),
            parent_id: None,
            visibility_level: None,
            enable_file_control: None,
            owner_id: None,
        })
    }
}

impl Permissions {
    /// Access to the repository itself, at this level.
    fn repository(access_level: i32) -> Self {
        let access = MemberAccess { access_level: Some(access_level), notification_level: None };
        Self { repository_access: Some(access), group_access: None }
    }
}
