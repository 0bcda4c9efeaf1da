//! The error body: RFC 9457 `application/problem+json`, with the code every dialect gives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// A link to the code's entry in the error catalogue: `/errors#CH.00401999`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's general text.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong with this request.
    pub detail: String,
    /// The code, the same in every language.
    pub code: String,
    /// The field that was refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// What the server's log calls this request.
    pub request_id: String,
}
