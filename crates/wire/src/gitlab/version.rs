//! `GET /api/v4` and `GET /api/v4/version`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What answers at the root, which clients ask without a token to see whether anything is there (reporters fact 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// `v4`.
    pub api: String,
}

/// Which GitLab this is like. Clients split `version` at `-` and read what is before it as a semantic version (reporters fact 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// `18.5.0-stagepost`.
    pub version: String,
    /// The server's own version.
    pub revision: String,
}
