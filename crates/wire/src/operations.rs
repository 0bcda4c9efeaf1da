//! `GET /openapi`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The OpenAPI documents of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentList {
    /// One for each dialect.
    pub documents: Vec<DocumentLink>,
}

/// An OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentLink {
    /// What it is called: `/openapi/NAME.json`.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// Where it is.
    pub url: String,
}
