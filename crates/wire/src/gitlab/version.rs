//! `GET /api/v4`, `GET /api/v4/version` and `GET /api/v4/metadata`.

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

/// The version with what GitLab adds to it: the agent server for Kubernetes, and the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// The version.
    #[serde(flatten)]
    pub version: Version,
    /// The agent server, which does not exist here.
    #[schemars(description = "The agent server for Kubernetes.", extend("zh" = "Kubernetes 代理服务器。"))]
    pub kas: AgentServer,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub enterprise: bool,
}

/// GitLab's agent server for Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentServer {
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub enabled: bool,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub external_url: Option<String>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub external_k8s_proxy_url: Option<String>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub version: Option<String>,
}
