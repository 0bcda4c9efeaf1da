//! `GET /v3/auth/domains`: the account of the caller. With global credentials SDKs call it and use the first
//! account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The accounts of the caller. Here there is exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DomainList {
    /// The accounts.
    #[schemars(extend("zh" = "账号。"))]
    pub domains: Vec<Domain>,
    /// Links.
    #[schemars(extend("zh" = "链接。"))]
    pub links: SelfLink,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Domain {
    /// 32 hexadecimal digits.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: String,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// Whether it is enabled.
    #[schemars(extend("zh" = "是否启用。"))]
    pub enabled: bool,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: String,
    /// Links.
    #[schemars(extend("zh" = "链接。"))]
    pub links: SelfLink,
}

/// The URL of an object. Unlike [`super::Links`] it has no links of pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SelfLink {
    /// The URL.
    #[schemars(extend("zh" = "地址。"))]
    #[serde(rename = "self")]
    pub this: String,
}
