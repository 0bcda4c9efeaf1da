//! `GET` and `PUT /native/v1/repositories/{id}/policies`. Times are whole seconds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a repository does by itself. What is absent is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policies {
    /// How long an unfinished job may go without a report before it is `timedout`; null: for ever.
    pub silence_limit: Option<i64>,
    /// The same for single stages, by name; it goes before `silence_limit`. Null: for ever.
    pub stage_limits: BTreeMap<String, Option<i64>>,
    /// Keeps pipelines that changed within this time; null: age keeps nothing.
    pub keep_for: Option<i64>,
    /// Keeps so many of the newest pipelines of each ref; null: the newest alone.
    pub keep_per_ref: Option<i64>,
}
