//! One repository in v4, `GET /v4/repositories/{repository_id}`. For what is unknown see [`super::repositories`].

use super::repositories::{DEVELOP_MODE, ForkedFrom, RepositoryFacts, owned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `GET /v4/repositories/{repository_id}` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference, told at RepositoryFacts")]
pub struct ShowRepository {
    pub id: i32,
    pub description: Option<String>,
    pub name: String,
    pub name_with_namespace: Option<String>,
    pub path: Option<String>,
    pub path_with_namespace: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub archived: Option<bool>,
    pub ssh_url_to_repo: Option<String>,
    pub http_url_to_repo: Option<String>,
    pub project_id: Option<String>,
    pub project_name: Option<String>,
    pub develop_mode: Option<String>,
    pub moderation_result: Option<bool>,
    pub default_branch: Option<String>,
    pub avatar_url: Option<String>,
    pub star_count: Option<i32>,
    pub forks_count: Option<i32>,
    pub open_issues_count: Option<i32>,
    pub open_merge_requests_count: Option<i32>,
    pub last_activity_at: Option<String>,
    pub namespace: Option<Namespace>,
    pub empty_repo: Option<bool>,
    pub starred: Option<bool>,
    pub visibility: Option<String>,
    pub security_tag: Option<String>,
    pub security: Option<String>,
    pub network_type: Option<String>,
    pub owner: Option<RepositoryUser>,
    pub creator: Option<RepositoryUser>,
    pub creator_id: Option<i32>,
    pub forked_from_repository: Option<ForkedFrom>,
    pub uuid: Option<String>,
    pub ancestor_ids: Option<Vec<i32>>,
    pub ancestor_names: Option<Vec<String>>,
    pub import_status: Option<String>,
    pub import_url: Option<String>,
    pub import_error: Option<String>,
    pub repo_type: Option<String>,
    pub only_allow_merge_if_pipeline_succeeds: Option<bool>,
    pub request_access_enabled: Option<bool>,
    pub only_allow_merge_if_all_discussions_are_resolved: Option<bool>,
    pub merge_method: Option<String>,
    pub fork_network_repositories: Option<Vec<RepositoryIdentity>>,
    pub permissions: Option<Permissions>,
    pub repository_type: Option<String>,
    pub statistics: Option<Statistics>,
    pub branch_count: Option<i32>,
    pub tag_count: Option<i32>,
    pub label_count: Option<i32>,
    pub member_count: Option<i32>,
}

/// The group that a repository is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct Namespace {
    pub id: Option<i32>,
    pub name: Option<String>,
    pub path: Option<String>,
    pub develop_mode: Option<String>,
    pub kind: Option<String>,
    pub full_path: Option<String>,
    pub full_name: Option<String>,
    pub parent_id: Option<i32>,
    pub visibility_level: Option<i32>,
    pub enable_file_control: Option<bool>,
    pub owner_id: Option<i32>,
}

/// A user, as a repository names its owner and its creator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct RepositoryUser {
    pub id: i32,
    pub name: Option<String>,
    pub username: Option<String>,
    /// `active` or `blocked`.
    pub state: Option<String>,
    pub service_license_status: Option<i32>,
    pub name_cn: Option<String>,
    pub nick_name: Option<String>,
    pub tenant_name: Option<String>,
}

/// A repository of the same fork network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct RepositoryIdentity {
    pub id: i32,
    pub path_with_namespace: Option<String>,
}

/// What the caller may do in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct Permissions {
    pub repository_access: Option<MemberAccess>,
    pub group_access: Option<MemberAccess>,
}

/// A level of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct MemberAccess {
    pub access_level: Option<i32>,
    pub notification_level: Option<i32>,
}

/// Sizes of a repository, in the unit of the host it was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct Statistics {
    pub commit_count: Option<i32>,
    pub storage_size: Option<f64>,
    pub repository_size: Option<f64>,
    pub lfs_objects_size: Option<f64>,
    pub tenant_repo_size_limit: Option<i32>,
}

impl ShowRepository {
    /// The body for a repository. Zero: stars, forks, issues, merge requests, labels. Null: whatever belongs to
    /// its git (sizes, branches, tags, imports, merge rules), security levels and the number of members.
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
