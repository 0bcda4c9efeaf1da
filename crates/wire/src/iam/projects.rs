//! `GET /v3/projects` and `GET /v3/auth/projects`. Every SDK calls the first with `name=<region>` before all
//! other calls, and fails unless the response has exactly one project.

use super::Links;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The projects that match the filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectList {
    /// The projects.
    #[schemars(extend("zh" = "项目。"))]
    pub projects: Vec<Project>,
    /// Links.
    #[schemars(extend("zh" = "链接。"))]
    pub links: Links,
}

/// An IAM project: a region of an account, not a CodeArts project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// The account it belongs to, 32 hexadecimal digits.
    #[schemars(description = "The account's id.", extend("zh" = "账号 ID。"))]
    pub domain_id: String,
    /// Always false: a project is not an account.
    #[schemars(extend("zh" = "是否为账号，始终为 false。"))]
    pub is_domain: bool,
    /// The id of the parent.
    #[schemars(extend("zh" = "上级 ID。"))]
    pub parent_id: String,
    /// The region: `cn-north-4`.
    #[schemars(description = "The name.", extend("zh" = "名称。"))]
    pub name: String,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: String,
    /// Links of the project.
    #[schemars(description = "Links.", extend("zh" = "链接。"))]
    pub links: Links,
    /// 32 hexadecimal digits; the SDKs send it as `X-Project-Id` in later calls.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: String,
    /// Whether it is enabled.
    #[schemars(extend("zh" = "是否启用。"))]
    pub enabled: bool,
}
