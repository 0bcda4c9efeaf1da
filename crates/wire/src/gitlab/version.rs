//! `GET /api/v4` and `GET /api/v4/version`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What answers at the root, which clients ask without a token to see whether anything is there (reporters fact 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// `v4`.
    #[schemars(description = "The version of the API.", extend("zh" = "接口版本。"))]
    pub api: String,
}

/// Which GitLab this is like. Clients split `version` at `-` and read what is before it as a semantic version (reporters fact 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// `18.5.0-stagepost`.
    #[schemars(description = "Which GitLab this is like.", extend("zh" = "兼容的 GitLab 版本。"))]
    pub version: String,
    /// Stagepost's own version.
    #[schemars(extend("zh" = "Stagepost 的版本。"))]
    pub revision: String,
}
