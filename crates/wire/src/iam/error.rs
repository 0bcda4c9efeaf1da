//! The error body of Keystone. The response to a bad AK/SK signature has the gateway's flat body instead
//! ([`crate::codearts::error::ErrorBody`]), because the Go SDK shows no code of this one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{"error":{"code":401,"message":"...","title":"Unauthorized"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The error.
    #[schemars(extend("zh" = "错误。"))]
    pub error: KeystoneError,
}

/// The error of an IAM call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeystoneError {
    /// The HTTP status.
    #[schemars(extend("zh" = "HTTP 状态码。"))]
    pub code: u16,
    /// The error message.
    #[schemars(extend("zh" = "错误信息。"))]
    pub message: String,
    /// The reason phrase of the status: `Unauthorized`.
    #[schemars(description = "The name of the status.", extend("zh" = "状态码的名称。"))]
    pub title: String,
}

impl ErrorBody {
    /// The body for an HTTP status and its reason phrase.
    #[must_use]
    pub fn new(code: u16, title: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error: KeystoneError { code, message: message.into(), title: title.into() } }
    }
}
