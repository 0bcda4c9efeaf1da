//! The three error bodies of GitLab (reporters fact 1.4). The server chooses between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The body of errors of the application: `{"message": ...}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageBody {
    /// The error message, or the messages by field.
    #[schemars(extend("zh" = "错误信息，或各字段的错误。"))]
    pub message: Message,
}

/// A text, or the problems of each field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Message {
    /// `404 Project Not Found`.
    Text(String),
    /// `{"target_url": ["is blocked: ..."]}`.
    Fields(BTreeMap<String, Vec<String>>),
}

/// The body of errors found before the application runs, such as those of parameters: `{"error": "state is
/// missing, ..."}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The error message.
    #[schemars(extend("zh" = "错误信息。"))]
    pub error: String,
}

/// The body of the error for a token with insufficient scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeBody {
    /// `insufficient_scope`.
    #[schemars(description = "The error message.", extend("zh" = "错误信息。"))]
    pub error: String,
    /// The error message.
    #[schemars(extend("zh" = "错误信息。"))]
    pub error_description: String,
    /// The required scope.
    #[schemars(extend("zh" = "所需的权限范围。"))]
    pub scope: String,
}
