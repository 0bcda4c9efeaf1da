//! `/native/v1/repositories` and their members.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
pub struct Repository {
    pub id: i32,
    pub uuid: String,
    pub project_id: String,
    pub project_name: String,
    pub path: String,
    pub description: Option<String>,
    pub default_branch: String,
    /// `private`, `internal` or `public`.
    pub visibility: String,
    pub archived: bool,
    /// It was said to have a pipeline, or has had one.
    #[serde(default)]
    pub has_pipeline: bool,
    pub web_url: Option<String>,
    pub http_url: Option<String>,
    pub ssh_url: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    /// What the caller may do there: `read`, `report` or `manage`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
}

/// `GET /native/v1/repositories`: some repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryList {
    /// The repositories of this page.
    pub repositories: Vec<Repository>,
    /// All that the caller may see and that fit the filter.
    pub total: u64,
}

/// `POST /native/v1/repositories`. Only `path` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
pub struct NewRepository {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// `PATCH /native/v1/repositories/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are told in docs/api/native.md")]
pub struct RepositoryChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// A member of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The user's name.
    pub user: String,
    /// `read`, `report` or `manage`.
    pub role: String,
}

/// `GET /native/v1/repositories/{id}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberList {
    /// By name.
    pub members: Vec<Member>,
}

/// `PUT /native/v1/repositories/{id}/members/{user}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewRole {
    /// `read`, `report` or `manage`.
    pub role: String,
}

/// The page of a repository's settings as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The repository.
    pub repository: Repository,
    /// Its members, by name.
    pub members: Vec<Member>,
    /// What it does by itself.
    pub policies: super::policies::Policies,
    /// Its webhooks, oldest first.
    pub webhooks: Vec<super::webhooks::Webhook>,
}
