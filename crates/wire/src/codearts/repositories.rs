//! Lists of repositories in v4: `GET /v4/user/repositories` and `GET /v4/projects/{project_id}/repositories`; and
//! what all bodies that tell about a repository are made from.
//!
//! Stagepost hosts no git, so much of what CodeArts tells about a repository it cannot know. [`RepositoryFacts`]
//! is what it does know; the constructors fill in the rest: 0 for what there is none of here (stars, forks,
//! merge requests), null for what exists elsewhere and is not known (branches, sizes, security levels).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What Stagepost knows about a repository and about the caller's rights in it; [`RepositorySimplest`],
/// [`ProjectRepository`], [`super::show_repository`] and [`super::repositories_v2`] are made from it.
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
    /// The same for v1 and v2: 0 private, 10 internal, 20 public.
    pub visibility_level: i32,
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
pub(super) const DEVELOP_MODE: &str = "normal";

pub(super) fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Element of the array of `GET /v4/user/repositories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
