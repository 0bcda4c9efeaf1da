//! `GET /api/v4` and `GET /api/v4/version`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The response at the root. Clients request it without a token to check whether the server exists
/// (reporters fact 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// `v4`.
    #[schemars(description = "The version of the API.", extend("zh" = "接口版本。"))]
    pub api: String,
}

/// The compatible GitLab version. Clients read the part of `version` before the first `-` as a semantic
/// version (reporters fact 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// `18.5.0-stagepost`.
    #[schemars(description = "The compatible version of GitLab.", extend("zh" = "兼容的 GitLab 版本。"))]
    pub version: String,
    /// Stagepost's own version.
    #[schemars(extend("zh" = "Stagepost 的版本。"))]
    pub revision: String,
}
