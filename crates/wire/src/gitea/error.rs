//! The error body of Gitea.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The body of every error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The error message.
    #[schemars(extend("zh" = "错误信息。"))]
    pub message: String,
    /// The address of the documentation.
    #[schemars(extend("zh" = "文档地址。"))]
    pub url: String,
}
