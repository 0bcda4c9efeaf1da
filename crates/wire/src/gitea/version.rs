//! `GET /api/v1/version`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The compatible version. Clients read it as a semantic version before their first request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerVersion {
    /// `1.26.0+stagepost-0.1.0`.
    #[schemars(description = "The compatible version of Gitea.", extend("zh" = "兼容的 Gitea 版本。"))]
    pub version: String,
}
