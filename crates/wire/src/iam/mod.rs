//! Bodies of the IAM API (OpenStack Keystone v3 in the variant of Huawei Cloud): the calls of the SDKs and of
//! token users before the first call to the CodeArts API. Times are texts formatted by the caller, in UTC
//! with 6 fraction digits and `Z`: `2020-01-04T09:05:22.701000Z`. Unknown fields are ignored on reading.
//!
//! Must not know: users, passwords, how tokens are created.

pub mod domains;
pub mod error;
pub mod projects;
pub mod security_tokens;
pub mod tokens;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Links of a list or an element of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Links {
    /// The URL.
    #[schemars(extend("zh" = "地址。"))]
    #[serde(rename = "self")]
    pub this: String,
    /// Another page; null if there is none.
    #[schemars(extend("zh" = "上一页或下一页的地址；没有时为 null。"))]
    pub next: Option<String>,
    /// Another page; null if there is none.
    #[schemars(extend("zh" = "上一页或下一页的地址；没有时为 null。"))]
    pub previous: Option<String>,
}

impl Links {
    /// Links of something that has no pages.
    #[must_use]
    pub fn single(this: impl Into<String>) -> Self {
        Self { this: this.into(), next: None, previous: None }
    }
}
