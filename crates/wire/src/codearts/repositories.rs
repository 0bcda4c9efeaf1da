//! Repositories in v4: `GET /v4/user/repositories`, `GET /v4/repositories/{repository_id}` and
//! `GET /v4/projects/{project_id}/repositories`.
//!
//! Stagepost hosts no git, so much of what CodeArts tells about a repository it cannot know. [`RepositoryFacts`]
//! is what it does know; the constructors fill in the rest: 0 for what there is none of here (stars, forks,
//! merge requests), null for what exists elsewhere and is not known (branches, sizes, security levels).

use serde::{Deserialize, Serialize};

/// What Stagepost knows about a repository and about the caller's rights in it; every body of this module and of
/// [`super::repositories_v2`] is made from it.
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
    /// A line for people.
    pub description: Option<&'a str>,
    /// The branch that counts.
    pub default_branch: &'a str,
    /// `private`, `internal` or `public`.
    pub visibility: &'a str,
    /// No longer used.
    pub archived: bool,
    /// Where a person sees its git.
    pub web_url: Option<&'a str>,
    /// Where git clones it over http.
    pub http_url: Option<&'a str>,
    /// Where git clones it over ssh.
    pub ssh_url: Option<&'a str>,
    /// The user who made it.
    pub creator_id: i32,
    /// The name of the user who made it.
    pub creator_name: &'a str,
    /// The account (IAM domain) that all users belong to.
    pub domain_name: &'a str,
    /// When it was made, as this dialect writes times.
    pub created_at: &'a str,
    /// When it, or a pipeline of it, last changed, as this dialect writes times.
    pub updated_at: &'a str,
    /// The caller's access level as CodeArts counts it: 20 read, 30 report, 40 manage; `None` for a caller who
    /// is no member.
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

/// `develop_mode` of every repository: pipelines work alike in both modes (the other one is `CR`).
const DEVELOP_MODE: &str = "normal";

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Element of the array of `GET /v4/user/repositories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the official reference, told at RepositoryFacts")]
pub struct RepositorySimplest {
    pub id: i32,
    pub name: String,
    pub namespace: Option<String>,
    pub path: Option<String>,
    pub develop_mode: Option<String>,
    pub visibility: Option<String>,
    pub security: Option<String>,
    pub star_count: Option<i32>,
    pub forks_count: Option<i32>,
    pub open_issues_count: Option<i32>,
    pub open_merge_requests_count: Option<i32>,
    pub starred: Option<bool>,
    pub name_with_namespace: Option<String>,
    pub last_activity_at: Option<String>,
    pub forked_from_repository: Option<ForkedFrom>,
    /// The caller's access level.
    pub permissions: Option<i32>,
    pub archived: Option<bool>,
    pub member_count: Option<i32>,
    pub uuid: Option<String>,
    pub description: Option<String>,
    pub last_repository_updated_at: Option<String>,
    pub ssh_url_to_repo: Option<String>,
    pub http_url_to_repo: Option<String>,
    pub status: Option<String>,
    pub active_statistic: Option<Vec<i32>>,
    pub project_name: Option<String>,
    pub project_id: Option<String>,
    pub project_is_delete: Option<bool>,
    pub creator_id: Option<i32>,
}

/// The repository that another one was forked from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the official reference, told at RepositoryFacts")]
pub struct ForkedFrom {
    pub name_with_namespace: Option<String>,
    pub path_with_namespace: Option<String>,
    pub name: Option<String>,
    pub namespace: Option<String>,
    pub id: i32,
    pub project_id: Option<String>,
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

/// Element of the array of `GET /v4/projects/{project_id}/repositories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the official reference, told at RepositoryFacts")]
pub struct ProjectRepository {
    pub id: i32,
    pub name: String,
    pub namespace: Option<String>,
    pub path: Option<String>,
    pub develop_mode: Option<String>,
    pub visibility: Option<String>,
    pub security: Option<String>,
    pub name_with_namespace: Option<String>,
    pub archived: Option<bool>,
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

/// What `GET /v4/repositories/{repository_id}` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct RepositoryIdentity {
    pub id: i32,
    pub path_with_namespace: Option<String>,
}

/// What the caller may do in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct Permissions {
    pub repository_access: Option<MemberAccess>,
    pub group_access: Option<MemberAccess>,
}

/// A level of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct MemberAccess {
    pub access_level: Option<i32>,
    pub notification_level: Option<i32>,
}

/// Sizes of a repository, in the unit of the host it was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
