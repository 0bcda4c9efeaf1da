//! `GET /rest/capabilities` and `GET /rest/api/{version}/build/capabilities`: what reporters ask before they choose
//! an API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The server, and the addresses of its capabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capabilities {
    /// `stash`.
    #[schemars(description = "The kind of server.", extend("zh" = "服务类型。"))]
    pub application: String,
    /// The addresses.
    #[schemars(extend("zh" = "地址。"))]
    pub capabilities: CapabilityLinks,
}

/// Addresses of capabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapabilityLinks {
    /// The address of the capabilities of build statuses.
    #[schemars(extend("zh" = "构建状态能力的地址。"))]
    pub build: String,
}

/// The capabilities of build statuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuildCapabilities {
    /// `richBuildStatus` and `cancelledStatus`.
    #[schemars(description = "The supported kinds of status.", extend("zh" = "支持的状态类型。"))]
    #[serde(rename = "buildStatus")]
    pub build_status: Vec<String>,
}
