//! `GET /v3/auth/domains`: the account of the caller. SDKs ask for it when they are given global credentials, and
//! take the first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The accounts that the caller may act in; with us there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DomainList {
    /// All of them.
    pub domains: Vec<Domain>,
    /// Links of the list.
    pub links: SelfLink,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Domain {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// May be used.
    pub enabled: bool,
    /// For people.
    pub description: String,
    /// Link of the account.
    pub links: SelfLink,
}

/// Where a thing is. Unlike [`super::Links`] there are no pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SelfLink {
    /// Its URL.
    #[serde(rename = "self")]
    pub this: String,
}
