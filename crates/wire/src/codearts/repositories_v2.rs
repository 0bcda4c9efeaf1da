//! Repositories in v1 and v2, in an [`Envelope`]: `GET /v2/projects/repositories`,
//! `GET /v2/projects/{project_uuid}/repositories`, `GET /v2/repositories/{repository_uuid}` and
//! `POST /v1/repositories`.

use super::error::Envelope;
use super::repositories::RepositoryFacts;
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

/// One repository in v2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepoInfoV2 {
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The name of the creator.
    #[schemars(extend("zh" = "创建者的名称。"))]
    pub creator_name: Option<String>,
    /// The account's name.
    #[schemars(extend("zh" = "账号名称。"))]
    pub domain_name: Option<String>,
    /// The namespace.
    #[schemars(extend("zh" = "命名空间。"))]
    pub group_name: Option<String>,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub https_url: Option<String>,
    /// The creator's IAM id; null.
    #[schemars(extend("zh" = "创建者的 IAM ID；未知时为 null。"))]
    pub iam_user_uuid: Option<String>,
    /// 1 if the caller created it, otherwise 0.
    #[schemars(extend("zh" = "由调用者创建为 1，否则为 0。"))]
    pub is_owner: Option<i32>,
    /// A size like `1.5M` or `2G`.
    #[schemars(
        description = "A size like `1.5M`; null if unknown.",
        extend("zh" = "大小，如 `1.5M`；未知时为 null。")
    )]
    pub lfs_size: Option<String>,
    /// A text, `true` or `false`.
    #[schemars(description = "The project was deleted, as a text.", extend("zh" = "项目是否已删除，以字符串表示。"))]
    pub project_is_deleted: Option<String>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_uuid: Option<String>,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// The repository's name.
    #[schemars(extend("zh" = "仓库名称。"))]
    pub repository_name: String,
    /// A size like `1.5M` or `2G`.
    #[schemars(
        description = "A size like `1.5M`; null if unknown.",
        extend("zh" = "大小，如 `1.5M`；未知时为 null。")
    )]
    pub repository_size: Option<String>,
    /// The repository's UUID of 32 hexadecimal digits.
    #[schemars(extend("zh" = "仓库的 32 位 UUID。"))]
    pub repository_uuid: String,
    /// The git URL; null if unknown.
    #[schemars(extend("zh" = "Git 地址；未知时为 null。"))]
    pub ssh_url: Option<String>,
    /// Whether it is starred.
    #[schemars(extend("zh" = "是否已收藏。"))]
    pub star: Option<bool>,
    /// 0 ready, 1 being created, 2 creation failed, 3 frozen, 4 closed.
    #[schemars(extend("zh" = "0 正常，1 创建中，2 创建失败，3 已冻结，4 已关闭。"))]
    pub status: Option<i32>,
    /// The time of the last change.
    #[schemars(extend("zh" = "更新时间。"))]
    pub updated_at: Option<String>,
    /// The level of access: 20 read, 30 report, 40 manage.
    #[schemars(extend("zh" = "权限级别：20 只读，30 上报，40 管理。"))]
    #[serde(rename = "userRole", default)]
    pub user_role: Option<i32>,
    /// 0 private, 10 internal, 20 public.
    #[schemars(extend("zh" = "0 私有，10 内部，20 公开。"))]
    pub visibility_level: Option<i32>,
    /// The web address; null if unknown.
    #[schemars(extend("zh" = "网页地址；未知为 null。"))]
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
    /// The number of all matches, on all pages; at most 2147483647.
    #[schemars(description = "The number of all matches.", extend("zh" = "符合条件的总数。"))]
    pub total: i32,
    /// The repositories.
    #[schemars(extend("zh" = "仓库。"))]
    pub repositories: Vec<RepoInfoV2>,
}

/// The response of the two v2 lists.
pub type RepoListEnvelope = Envelope<RepoListV2>;

/// The response of `GET /v2/repositories/{repository_uuid}`.
pub type RepoInfoEnvelope = Envelope<RepoInfoV2>;

/// The request of `POST /v1/repositories`. The API requires `name` and `project_uuid`; here every field may
/// be absent or null, so that the error can name the missing one. A server does not read the fields that only
/// a git host needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateRepository {
    /// The name: letters, digits, `-`, `_`, `.`.
    #[schemars(extend("zh" = "仓库名称：字母、数字、`-`、`_`、`.`。"))]
    pub name: Option<String>,
    /// The CodeArts project's id of 32 hexadecimal digits.
    #[schemars(extend("zh" = "CodeArts 项目的 32 位 ID。"))]
    pub project_uuid: Option<String>,
    /// 1: the members of the project become members; 0: they do not.
    #[schemars(description = "Ignored: Git is hosted elsewhere.", extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub import_members: Option<i32>,
    /// Ignored: git is hosted elsewhere.
    #[schemars(extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub template_id: Option<String>,
    /// 0 private, 20 public.
    #[schemars(extend("zh" = "0 私有，20 公开。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>")]
    pub visibility_level: Option<i64>,
    /// Base64 of the https URL to import from.
    #[schemars(description = "Ignored: Git is hosted elsewhere.", extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub import_url: Option<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The template of the `.gitignore`.
    #[schemars(description = "Ignored: Git is hosted elsewhere.", extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub gitignore_id: Option<String>,
    /// Ignored: git is hosted elsewhere.
    #[schemars(extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub license_id: Option<i32>,
    /// 1: create a README; 0: do not.
    #[schemars(description = "Ignored: Git is hosted elsewhere.", extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub enable_readme: Option<i32>,
    /// Ignored: git is hosted elsewhere.
    #[schemars(extend("zh" = "忽略：本服务不托管 git。"))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "ignored")]
    pub caller: Option<String>,
}

/// Accepts any value and drops it.
fn ignored<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<T>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| None)
}

/// `result` of `POST /v1/repositories`: the uuid only. `GET /v2/repositories/{repository_uuid}` returns the
/// id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatedRepository {
    /// The repository's UUID of 32 hexadecimal digits.
    #[schemars(extend("zh" = "仓库的 32 位 UUID。"))]
    pub repository_uuid: String,
}

/// The response of `POST /v1/repositories`.
pub type CreatedEnvelope = Envelope<CreatedRepository>;
