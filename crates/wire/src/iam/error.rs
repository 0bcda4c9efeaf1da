//! The error body of Keystone. A bad AK/SK signature is answered with the gateway's flat body instead
//! ([`crate::codearts::error::ErrorBody`]): the Go SDK shows no code for this one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{"error":{"code":401,"message":"...","title":"Unauthorized"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: KeystoneError,
}

/// What went wrong in an IAM call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeystoneError {
    /// The HTTP status, a number.
    pub code: u16,
    /// For people, English.
    pub message: String,
    /// The reason phrase of the status: `Unauthorized`.
    pub title: String,
}

impl ErrorBody {
    /// The body for an HTTP status and its reason phrase.
    #[must_use]
    pub fn new(code: u16, title: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error: KeystoneError { code, message: message.into(), title: title.into() } }
    }
}
