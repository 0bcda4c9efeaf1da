//! Repositories in v1 and v2, all within an [`Envelope`]: `GET /v2/projects/repositories`,
//! `GET /v2/projects/{project_uuid}/repositories`, `GET /v2/repositories/{repository_uuid}` and
//! `POST /v1/repositories`.

use super::error::Envelope;
use super::repositories::RepositoryFacts;
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

/// One repository, as v2 tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference, told at RepositoryFacts")]
pub struct RepoInfoV2 {
    pub created_at: Option<String>,
    pub creator_name: Option<String>,
    pub domain_name: Option<String>,
    pub group_name: Option<String>,
    pub https_url: Option<String>,
    pub iam_user_uuid: Option<String>,
    /// 1: the caller made it; 0: not.
    pub is_owner: Option<i32>,
    /// Like `1.5M` or `2G`.
    pub lfs_size: Option<String>,
    /// A text, `true` or `false`.
    pub project_is_deleted: Option<String>,
    pub project_uuid: Option<String>,
    pub repository_id: i32,
    pub repository_name: String,
    /// Like `1.5M` or `2G`.
    pub repository_size: Option<String>,
    pub repository_uuid: String,
    pub ssh_url: Option<String>,
    pub star: Option<bool>,
    /// 0 ready, 1 being made, 2 could not be made, 3 frozen, 4 closed.
    pub status: Option<i32>,
    pub updated_at: Option<String>,
    /// 20 read, 30 report, 40 manage. In camel case, unlike all others.
    #[serde(rename = "userRole", default)]
    pub user_role: Option<i32>,
    /// 0 private, 20 public; here also 10 internal.
    pub visibility_level: Option<i32>,
    pub web_url: Option<String>,
}

impl RepoInfoV2 {
    /// The body for a repository. Null: the sizes and the creator's IAM id.
    #[must_use]
    pub fn new(facts: &RepositoryFacts<'_>) -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            created_at: text(facts.created_at),
            creator_name: text(facts.creator_name),
            domain_name: text(facts.domain_name),
            group_name: text(facts.namespace()),
            https_url: facts.http_url.map(str::to_owned),
            iam_user_uuid: None,
            is_owner: Some(i32::from(facts.is_owner)),
            lfs_size: None,
            project_is_deleted: text("false"),
            project_uuid: text(facts.project_id),
            repository_id: facts.id,
            repository_name: facts.name().to_owned(),
            repository_size: None,
            repository_uuid: facts.uuid.to_owned(),
            ssh_url: facts.ssh_url.map(str::to_owned),
            star: Some(false),
            status: Some(0),
            updated_at: text(facts.updated_at),
            user_role: facts.access_level,
            visibility_level: Some(facts.visibility_level),
            web_url: facts.web_url.map(str::to_owned),
        }
    }
}

/// `result` of the two v2 lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepoListV2 {
    /// All that fit, before paging; at most 2147483647.
    pub total: i32,
    /// The repositories of this page.
    pub repositories: Vec<RepoInfoV2>,
}

/// What the two v2 lists answer.
pub type RepoListEnvelope = Envelope<RepoListV2>;

/// What `GET /v2/repositories/{repository_uuid}` answers.
pub type RepoInfoEnvelope = Envelope<RepoInfoV2>;

/// `POST /v1/repositories`. Every field may be absent or null here, so that the server can say which one is
/// missing; `name` and `project_uuid` are required by the API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateRepository {
    /// Letters, digits, `-` and `_`, beginning with a letter.
    pub name: Option<String>,
    /// The CodeArts project, 32 hexadecimal digits.
    pub project_uuid: Option<String>,
    /// 1: the project's members become members; 0: not.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub import_members: Option<i32>,
    /// The template to make it from.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub template_id: Option<String>,
    /// 0 private, 20 public.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>")]
    pub visibility_level: Option<i64>,
    /// Base64 of the https URL to import from.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub import_url: Option<String>,
    /// A line for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The `.gitignore` to begin with.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub gitignore_id: Option<String>,
    /// The licence to begin with.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub license_id: Option<i32>,
    /// 1: begin with a README; 0: not.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub enable_readme: Option<i32>,
    /// The service on whose behalf it is made.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub caller: Option<String>,
}

/// Accepts any value and drops it.
fn ignored<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<T>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| None)
}

/// `result` of `POST /v1/repositories`: a uuid only; the id needs `GET /v2/repositories/{repository_uuid}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatedRepository {
    /// 32 hexadecimal digits.
    pub repository_uuid: String,
}

/// What `POST /v1/repositories` answers.
pub type CreatedEnvelope = Envelope<CreatedRepository>;
