//! `POST /native/v1/repositories/{id}/closings`.

use super::reports::Receipt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ends what no build system ends: one attempt, or the unfinished ones of a commit. Exactly one of `job_id` and `sha`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JobClosing {
    /// One attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<i32>,
    /// A commit id, or at least 7 digits of its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha: Option<String>,
    /// How they end; `canceled` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why, for the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    /// A receipt for each attempt.
    pub closed: Vec<Receipt>,
    /// So many were closed that there may be others: ask again.
    pub more: bool,
}
