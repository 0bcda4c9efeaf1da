//! Bodies of the IAM API (OpenStack Keystone v3 as Huawei Cloud speaks it): what the SDKs and token users call
//! before the first call to the CodeArts API. Times are UTC with 6 fraction digits and `Z`, as texts that the
//! caller has formatted: `2020-01-04T09:05:22.701000Z`. Unknown fields are ignored on reading.
//!
//! Must not know: users, passwords, how tokens are made.

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
    /// Where this very thing is.
    #[serde(rename = "self")]
    pub this: String,
    /// The next page; null if there is none.
    pub next: Option<String>,
    /// The page before; null if there is none.
    pub previous: Option<String>,
}

impl Links {
    /// Links of something that has no pages.
    #[must_use]
    pub fn single(this: impl Into<String>) -> Self {
        Self { this: this.into(), next: None, previous: None }
    }
}
