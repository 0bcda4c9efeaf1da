//! `GET /v3/projects` and `GET /v3/auth/projects`. Every SDK calls the first with `name=<region>` before anything
//! else, and gives up unless it gets exactly one project.

use super::Links;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The projects that fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectList {
    /// One page of them.
    pub projects: Vec<Project>,
    /// Links of the list.
    pub links: Links,
}

/// An IAM project: a region of an account, not a CodeArts project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// The account it belongs to, 32 hexadecimal digits.
    pub domain_id: String,
    /// Always false: it is no account.
    pub is_domain: bool,
    /// The project above it, or the account.
    pub parent_id: String,
    /// The region: `cn-north-4`.
    pub name: String,
    /// For people.
    pub description: String,
    /// Links of the project.
    pub links: Links,
    /// 32 hexadecimal digits; the SDKs send it as `X-Project-Id` from then on.
    pub id: String,
    /// May be used.
    pub enabled: bool,
}
