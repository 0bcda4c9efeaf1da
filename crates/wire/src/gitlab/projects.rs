//! `GET /api/v4/projects/{project}`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A repository, as GitLab tells of a project (reporters fact 3.11). Counts of what is not kept here are zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct Project {
    pub id: i32,
    pub description: Option<String>,
    pub name: String,
    /// `acme / demo`.
    pub name_with_namespace: String,
    pub path: String,
    pub path_with_namespace: String,
    pub created_at: String,
    pub default_branch: String,
    pub tag_list: Vec<String>,
    pub topics: Vec<String>,
    /// Null where nobody said: no git is here.
    pub ssh_url_to_repo: Option<String>,
    /// Null where nobody said.
    pub http_url_to_repo: Option<String>,
    pub web_url: String,
    pub readme_url: Option<String>,
    pub forks_count: i32,
    pub avatar_url: Option<String>,
    pub star_count: i32,
    pub last_activity_at: String,
    pub namespace: Namespace,
    pub empty_repo: bool,
    pub archived: bool,
    /// `private`, `internal` or `public`.
    pub visibility: String,
    pub creator_id: i32,
    pub open_issues_count: i32,
    pub jobs_enabled: bool,
    /// Merge bots read it; no rule is kept here.
    pub only_allow_merge_if_pipeline_succeeds: bool,
    pub allow_merge_on_skipped_pipeline: bool,
    pub only_allow_merge_if_all_discussions_are_resolved: bool,
    pub permissions: Permissions,
}

/// The group that a project is in. It has no id of its own here: 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference")]
pub struct Namespace {
    pub id: i32,
    pub name: String,
    pub path: String,
    pub kind: String,
    pub full_path: String,
    pub parent_id: Option<i32>,
    pub avatar_url: Option<String>,
    pub web_url: String,
}

/// What the caller may do in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permissions {
    /// In the project itself.
    pub project_access: Option<Access>,
    /// Always null: groups have no members here.
    pub group_access: Option<Access>,
}

/// A level of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// 20 read, 30 report, 40 manage.
    pub access_level: i32,
    /// Always 3, the default.
    pub notification_level: i32,
}
